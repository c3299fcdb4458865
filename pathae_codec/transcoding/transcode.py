"""Container -> container: the tiles move as they are, or are requantized to a lower quality."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.bitstream.constant import encode_white
from pathae_codec.container import (
    check_destination,
    create_container,
    destination_kind,
    open_container,
)
from pathae_codec.container.associated import read_associated
from pathae_codec.container.interface import ContainerReader
from pathae_codec.container.root import check_root
from pathae_codec.entry_numbers import whole
from pathae_codec.errors import FormatError, SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.model.artifact_file import load_artifact, save_artifact, stated_digest
from pathae_codec.record.description import SlideDescription
from pathae_codec.record.ledger_draft import KnownTiles
from pathae_codec.record.tally import NOT_COUNTED
from pathae_codec.storage.address import source_name
from pathae_codec.storage.destination import partial_destination
from pathae_codec.transcoding.requantize import Requantizer, requantized_record

if TYPE_CHECKING:
    from pathae_codec.storage.location import Location

Progress = Callable[[int, int], None]
BATCH_TILES = 16


@dataclass(frozen=True)
class TranscodeSettings:
    """How to transcode.

    Attributes:
        quality: Requantize to the rung nearest to it; None leaves every byte of a tile as it is.
        ngff: OME-Zarr version, `0.5` or `0.4`.
        overwrite: Replace an existing destination.
        drop_damaged_images: Leave out a thumbnail, label or macro that does not decode.
    """

    quality: int | None = None
    ngff: str = "0.5"
    overwrite: bool = False
    drop_damaged_images: bool = False

    def __post_init__(self) -> None:
        if self.quality is not None:
            object.__setattr__(self, "quality", whole(self.quality, "quality"))


DEFAULTS = TranscodeSettings()


@dataclass(frozen=True)
class TranscodeSummary:
    """What was done.

    Attributes:
        levels, tiles: Of the file.
        quality: The rung that tiles were lowered to; None where none were.
        exact: Tiles that hold the source's own streams: they stay as they are.
        seconds: How long it took.
    """

    levels: int
    tiles: int
    quality: int | None
    exact: int
    seconds: float


def transcode_slide(
    location: "Location",
    destination: Path,
    settings: TranscodeSettings = DEFAULTS,
    progress: Progress | None = None,
) -> TranscodeSummary:
    """Move a PathAE file into another container, or one of the same kind. No network is run.

    Associated images are coded anew, as a conversion codes them; the slide record and the codec
    parameters stay as they are unless the quality is lowered.

    Args:
        location: A PathAE TIFF or OME-Zarr: a path, or a URL that fsspec reads.
        destination: Ends in `.ome.zarr`, `.zarr`, `.tif` or `.tiff`.
        settings: How.
        progress: Called with tiles done and tiles in all.

    Raises:
        SlideError, FormatError, ModelError, EncodingError: See `errors`; a tile whose CRC is wrong
            stops it. The destination is then as it was.
    """
    started = time.monotonic()
    check_destination(destination, settings.ngff)
    source = Path(location)
    if source.exists() and destination.exists() and source.samefile(destination):
        raise SettingError(f"destination {destination}: expected another path than the file's")
    container = open_container(location)
    requantizer = _requantizer(container, settings.quality)
    identity = {
        "the file": source_name(location),
        "--quality": settings.quality,
        "--ngff": settings.ngff,
    }
    total, done = _count(container), 0
    with partial_destination(
        destination,
        identity,
        destination_kind(destination),
        overwrite=settings.overwrite,
    ) as partial:
        if partial is not None:
            description = _describe(container, requantizer, settings.drop_damaged_images)
            with create_container(partial.container, description, ngff=settings.ngff) as writer:
                for level in container.levels:
                    tiles = _read_tiles(container, level, writer.tile_order(level))
                    if requantizer is not None:
                        tiles = _lower_tiles(requantizer, tiles)
                    writer.write_level(level, _counted(tiles, done, total, progress))
                    rows, columns = grid_shape(level, container.tile)
                    done += rows * columns
    return TranscodeSummary(
        len(container.levels),
        total,
        requantizer.quality if requantizer else None,
        (container.record.tiles or NOT_COUNTED).modes.get("exact", 0),
        time.monotonic() - started,
    )


def _requantizer(container: ContainerReader, quality: int | None) -> Requantizer | None:
    if quality is None:
        return None
    return Requantizer(load_artifact(container.parameters), quality, container.record.quality)


def _describe(
    container: ContainerReader, requantizer: Requantizer | None, drop_damaged_images: bool
) -> SlideDescription:
    record, parameters, ledger = container.record.sound(), container.parameters, container.ledger()
    check_root(container, ledger, stated_digest(parameters))
    if requantizer is not None:
        record = requantized_record(record, requantizer.quality)
        parameters = save_artifact(requantizer.parameters)
    return SlideDescription(
        levels=container.levels,
        icc_profile=container.icc_profile,
        associated=read_associated(container, drop_damaged=drop_damaged_images),
        parameters=parameters,
        record=record,
        parameters_digest=stated_digest(parameters),
        known=KnownTiles(ledger.quality, ledger.glass, ledger.hashes),
    )


def _count(container: ContainerReader) -> int:
    grids = (grid_shape(level, container.tile) for level in container.levels)
    return sum(rows * columns for rows, columns in grids)


def _read_tiles(
    container: ContainerReader, level: Level, order: Iterable[TileIndex]
) -> Iterator[bytes]:
    """Return the tiles that were written, as they are stored; an omitted one is white."""
    for index in order:
        try:
            data = container.tile_bytes(level.index, index)
        except FormatError as error:
            raise type(error)(f"{error}; pathae validate lists what is damaged") from None
        yield encode_white(container.tile) if data is None else data


def _lower_tiles(requantizer: Requantizer, tiles: Iterator[bytes]) -> Iterator[bytes]:
    while some := list(islice(tiles, BATCH_TILES)):
        yield from requantizer.lower(some)


def _counted(
    tiles: Iterable[bytes], done: int, total: int, progress: Progress | None
) -> Iterator[bytes]:
    for number, tile in enumerate(tiles, done + 1):
        # Before it is given: who takes the last one does not come back for more.
        if progress:
            progress(number, total)
        yield tile
