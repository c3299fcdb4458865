"""Is a PathAE file whole? Asked of the file alone, without its source."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pathae_codec.bitstream.exact import stream_layout
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.limits import MAX_LANE_STEPS
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.container import container_kind, open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import (
    ArtifactError,
    ContainerError,
    FieldError,
    FormatError,
    ModelError,
    NotPathAEError,
    PathAEError,
    SlideError,
)
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.realism import STEPS
from pathae_codec.record.tile_hash import describe_place
from pathae_codec.verification.stated_twice import stated_problems
from pathae_codec.verification.tile_account import TileAccount

WHITE_BYTES = 23
"""Of a tile that is omitted: it stands for a constant one."""
Progress = Callable[[int, int], None]
Seen = Callable[[int, TileIndex, TileHeader | None, int], None]


@dataclass(frozen=True)
class Structure:
    """What a file holds, and what is wrong with it.

    Attributes:
        levels: The pyramid; empty where the file does not open.
        tiles: Stored and sound ones, by mode.
        omitted: White tiles that an OME-Zarr does not store, and states so.
        root: That follows from what the file holds, `sha256:` and 64 digits; None where the file is
            too damaged to have one.
        problems: One line each; none in a sound file.
    """

    levels: tuple[Level, ...]
    tiles: Counter[Mode]
    omitted: int
    root: str | None
    problems: tuple[str, ...]


def validate_file(
    path: Path, *, decode: bool = False, progress: Progress | None = None
) -> Structure:
    """Check structure, metadata, codec parameters, decoder, stored tiles and associated images.

    Args:
        path: A PathAE TIFF or OME-Zarr.
        decode: Decode each tile too: finds payloads that are wrong behind a right CRC.
        progress: Called after each tile with tiles done and tiles in all.

    Raises:
        SlideNotFoundError, NotPathAEError, SettingError: As `open_checked`.
    """
    reader = open_checked(path)
    if isinstance(reader, FormatError):
        return unopened(reader)
    return check_container(reader, decode=decode, progress=progress)


def unopened(error: FormatError) -> Structure:
    """Return the structure of a file that does not open."""
    return Structure((), Counter(), 0, None, (str(error),))


def open_checked(path: Path) -> ContainerReader | FormatError:
    """Open a file that is to be checked; the error of one that is ours and does not open.

    Raises:
        SlideNotFoundError: There is nothing at `path`.
        NotPathAEError: It is something else than PathAE.
        SettingError: Its ending is not that of a container.
    """
    try:
        if os.path.exists(path):  # Of a name that cannot be, `Path.exists` raises.
            container_kind(path)
        return open_container(path)
    except (NotPathAEError, SlideError):
        raise
    except FormatError as error:
        return error
    except OSError as error:
        return ContainerError(f"file {path}: cannot be read: {error.strerror}")


def check_container(
    reader: ContainerReader,
    *,
    decode: bool = False,
    progress: Progress | None = None,
    seen: Seen | None = None,
) -> Structure:
    """Check an open container; see `validate_file`.

    Args:
        reader: Of the container.
        decode: See `validate_file`.
        progress: Likewise.
        seen: Called after each stored tile, and for each that is missing, with its level and
            place, its header (None where the tile is not sound) and its bytes.
    """
    problems = [*reader.record.problems.values(), *_listed(reader.problems)]
    codec = None
    try:
        codec = TileCodec(load_artifact(reader.parameters))
        problems += parameter_problems(reader, codec)
    except FormatError as error:
        problems.append(f"codec parameters: {error}")
    account, done, told = TileAccount(reader), 0, seen or _ignore
    size = 0
    for level in reader.levels:
        try:
            for tile in reader.stored_tiles(level.index):
                account.note_stored(level.index, tile.index)
                header = None
                try:
                    header = _check_stored(reader, level.index, tile.index, codec, decode)
                    account.note_sound(header)
                except FormatError as error:
                    problems.append(str(error))
                done += 1
                size += tile.place.length
                told(level.index, tile.index, header, tile.place.length)
                if progress:
                    progress(done, account.total)
        except (FormatError, OSError) as error:
            problems.append(f"level {level.index}: {_said(error)}")
            # What could not be looked at is not what is missing.
            account.note_unknown(level.index)
    for lost, index in account.missing():
        told(lost, index, None, 0)
    problems += [*account.problems(), *image_problems(reader)]
    model = codec.model if codec else None
    ratio = None if problems else _ratio(reader, size + account.omitted * WHITE_BYTES)
    problems += stated_problems(reader.record, model, account.modes[Mode.LATENT], ratio)
    return Structure(reader.levels, account.modes, account.omitted, account.root, tuple(problems))


def _ratio(reader: ContainerReader, size: int) -> float:
    """Return the bytes of the samples of all levels by those of the tiles, omitted ones too."""
    return 3 * sum(level.width * level.height for level in reader.levels) / size


def _ignore(level: int, index: TileIndex, header: TileHeader | None, size: int) -> None:
    """Take what nobody asked for."""


def _check_stored(
    reader: ContainerReader, level: int, index: TileIndex, codec: TileCodec | None, decode: bool
) -> TileHeader:
    """Check a tile and return its header; each error tells its place."""
    try:
        data = reader.tile_bytes(level, index) or b""
    except OSError as error:
        raise ContainerError(f"{describe_place(level, index)}: {_said(error)}") from None
    try:
        header = check_tile(data, reader.tile, codec.model if codec else None)
        if decode and codec:
            with suppress(ModelError):  # Told once, of the decoder.
                codec.decode_tiles([data])
    except FormatError as error:
        raise type(error)(f"{describe_place(level, index)}: {error}") from None
    return header


def tile_count(level: Level, tile: int) -> int:
    """Return the tiles of a level's grid."""
    rows, columns = grid_shape(level, tile)
    return rows * columns


def check_tile(data: bytes, tile: int, model: ModelArtifact | None) -> TileHeader:
    """Check a tile bitstream against its container, without decoding it.

    Args:
        data: As it is stored.
        tile: Side of a tile in the container.
        model: The codec parameters; None leaves out what they say.

    Raises:
        FormatError: See `unpack_tile`; or another shape, quality, table set or number of lanes than
            the container allows.
    """
    header, payload = unpack_tile(data)
    if (header.height, header.width, header.channels) != (tile, tile, 3):
        raise FieldError(
            f"tile: expected {tile} x {tile} pixels of 3 channels, got {header.width} x "
            f"{header.height} of {header.channels}"
        )
    if model is not None and header.mode is Mode.EXACT:
        stream_layout(header, payload, model.jpeg_sets)
    if header.mode is not Mode.LATENT or model is None:
        return header
    bottleneck = model.bottlenecks.get(header.quality)
    if bottleneck is None:
        raise FieldError(f"tile quality: expected one of {model.qualities}, got {header.quality}")
    if header.table_set >= bottleneck.tables.sets:
        raise FieldError(
            f"tile table_set: expected below {bottleneck.tables.sets}, got {header.table_set}"
        )
    positions = (tile // model.factor) ** 2
    if tile % model.factor or positions > MAX_LANE_STEPS << header.coding:
        raise FieldError(
            f"tile: expected a side that is a multiple of {model.factor} and lanes of "
            f"{MAX_LANE_STEPS} positions at most, got {tile} and {1 << header.coding} lanes"
        )
    return header


def parameter_problems(reader: ContainerReader, codec: TileCodec) -> Iterator[str]:
    """Return what is wrong with the codec parameters, and whether this machine can decode."""
    model = codec.model
    record = reader.record
    if "model" not in record.problems and record.model.decoder != model.decoder_id:
        yield f"slide record model: expected decoder {model.decoder_id}, got {record.model.decoder}"
    realism = model.realism.default / STEPS if model.realism else None
    if "model" not in record.problems and record.model.realism != realism:
        yield f"slide record model: expected realism {realism}, got {record.model.realism}"
    if "quality" not in record.problems and record.quality not in model.bottlenecks:
        yield (
            f"slide record quality: expected one of the codec parameters, {model.qualities}, "
            f"got {record.quality}"
        )
    if model.canary is None:
        yield f"codec parameters: {ArtifactError('expected a canary, found none')}"
        return
    try:
        codec.decode_tiles([model.canary.tile])
        # Readers may ask for every face, also for those that the tiles are not decoded at here.
        for steps in sorted(model.canary.faces):
            TileCodec(model, realism=steps / STEPS).decode_tiles([model.canary.tile])
    except (ModelError, FormatError) as error:
        yield f"decoder: {error}"


def image_problems(reader: ContainerReader) -> Iterator[str]:
    """Return the associated images that do not decode; `transcode` and `export` stop at one."""
    names: list[str] = []
    with suppress(FormatError, OSError):  # Told by `problems`.
        names += reader.associated
    for name in names:
        try:
            reader.associated_image(name)
        except (FormatError, OSError) as error:
            yield f"associated image {name}: {_said(error)}"


def _listed(problems: Callable[[], Iterator[str]]) -> list[str]:
    """Return all problems; one that keeps from looking further is the last."""
    found: list[str] = []
    try:
        found.extend(problems())
    except (FormatError, OSError) as error:
        found.append(_said(error))
    return found


def _said(error: FormatError | OSError) -> str:
    # An error of this package says what it is about, and has no `strerror`.
    return str(error) if isinstance(error, PathAEError) else f"cannot be read: {error.strerror}"
