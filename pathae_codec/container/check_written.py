"""A container that was just written, opened once more before it takes its name."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from pathae_codec.bitstream.constant import encode_white
from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.container.root import check_root
from pathae_codec.errors import ContainerError, FormatError
from pathae_codec.geometry import Level, TileIndex, tile_grid
from pathae_codec.record.description import SlideDescription
from pathae_codec.record.slide_record import SlideRecord


def check_written(
    path: Path, description: SlideDescription, tile: Callable[[Level, TileIndex], bytes]
) -> None:
    """Refuse a container that does not say and hold what was written into it.

    Structure, record, root, parameters, the place of every tile and its length are looked at; no
    tile is read.

    Args:
        path: Of the container.
        description: What it must say.
        tile: Gives a tile that was written.

    Raises:
        ContainerError: It is damaged.
    """
    try:
        reader = open_container(path)
        problems = list(_problems(reader, description, tile))
    except FormatError as error:
        problems = [str(error)]
    if problems:
        raise ContainerError(
            f"destination {path.name}: what was written does not read back, and was not kept: "
            f"{problems[0]}; the disk, or a fault of this package: please report it"
        )


def _problems(
    reader: ContainerReader,
    description: SlideDescription,
    tile: Callable[[Level, TileIndex], bytes],
) -> Iterator[str]:
    yield from reader.problems()
    check_root(reader, reader.ledger(), description.parameters_digest)
    stated = {name: value.shape[1::-1] for name, value in description.associated.items()}
    pairs = {
        "levels": (_sizes(reader.levels), _sizes(description.levels)),
        "slide record": (_text(reader.record), _text(description.record)),
        "codec parameters": (reader.parameters, description.parameters),
        "ICC profile": (reader.icc_profile, description.icc_profile),
        "associated images": (dict(reader.associated), stated),
    }
    for name, (found, expected) in pairs.items():
        if found != expected:
            yield f"{name}: expected {expected!r:.80}, got {found!r:.80}"
    for level in reader.levels:
        lengths = {stored.index: stored.place.length for stored in reader.stored_tiles(level.index)}
        for index in tile_grid(level, reader.tile):
            data, length = tile(level, index), lengths.get(index)
            # What is left out is white.
            missing = length is None and data != encode_white(reader.tile)
            if missing or length not in (None, len(data)):
                yield (
                    f"level {level.index} tile ({index.row}, {index.column}): expected "
                    f"{len(data)} bytes, got {length}"
                )


def _sizes(levels: tuple[Level, ...]) -> list[tuple[int, int]]:
    return [(level.width, level.height) for level in levels]


def _text(record: SlideRecord) -> str:
    # The root is settled when the tiles are written.
    stated = {name: value for name, value in record.as_json().items() if name != "root"}
    return json.dumps(stated, sort_keys=True)
