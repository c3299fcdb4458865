"""The levels of a PathAE TIFF, held against its record and the file. Spec: v1, TIFF binding.

Whoever reads the file relies on this: no size, count or offset is used before it is checked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_LEVELS, MAX_RECORD_BYTES, MAX_TILE_BYTES
from pathae_codec.errors import ContainerError, NotPathAEError
from pathae_codec.geometry import Level, grid_shape
from pathae_codec.record.checks import check_levels, check_side, parse_json
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.tiff.directory import TiffDirectory
from pathae_codec.tiff.tags import COMPRESSION, COMPRESSION_TAG, RECORD_TAG

DESCRIPTION_TAG, ICC_TAG, X_RESOLUTION_TAG = 270, 34675, 282
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC = 256, 257, 258, 262
_SAMPLES, _PLANAR, _PREDICTOR, _TILE_SIDES = 277, 284, 317, (322, 323)
_OFFSETS, _SIZES = 324, 325
_RGB, _INTERLEAVED = 2, 1
_MAX_DESCRIPTION = 2**16


def level_directories(directories: Iterable[TiffDirectory]) -> list[TiffDirectory]:
    """Return the directories that are levels, finest first.

    Raises:
        NotPathAEError: The first directory is none.
        ContainerError: Too many of them.
    """
    levels = [d for d in directories if d.number(COMPRESSION_TAG, 1) == COMPRESSION]
    if not levels or levels[0].place != 0:
        raise NotPathAEError(
            f"TIFF: expected compression {COMPRESSION} in its first directory, found another"
        )
    if len(levels) > MAX_LEVELS:
        raise ContainerError(f"levels: expected {MAX_LEVELS} at most, got {len(levels)}")
    return levels


def tiff_record(first: TiffDirectory) -> SlideRecord:
    """Read the slide record of the first directory; see `SlideRecord.parse`."""
    text = first.content(RECORD_TAG, MAX_RECORD_BYTES).rstrip(b"\0")
    return SlideRecord.parse(parse_json(text, "slide record"))


def tiff_levels(directories: Iterable[TiffDirectory], record: SlideRecord) -> tuple[Level, ...]:
    """Return the levels; a downsample is the mean of both sides' ratios.

    Raises:
        ContainerError: They break the binding, or are not as the record states.
        TruncatedError: The file ends before a tag does.
    """
    directories = list(directories)
    sizes = [(d.number(_WIDTH), d.number(_HEIGHT)) for d in directories]
    levels = check_levels(sizes, record)
    for directory, level in zip(directories, levels, strict=True):
        _check_samples(directory, level)
        _check_tiles(directory, level, record.tile)
    return levels


def tile_places(
    directory: TiffDirectory, level: Level, tile: int, file_size: int
) -> NDArray[np.int64]:
    """Return offset and size of each tile, int64 (tiles, 2), all of them inside the file.

    Raises:
        ContainerError: Another number of them than the grid has, outside the file, empty or longer
            than a tile can be.
        TruncatedError: The file ends before the tables do.
    """
    rows, columns = grid_shape(level, tile)
    offsets, sizes = (directory.numbers(tag, rows * columns) for tag in (_OFFSETS, _SIZES))
    # Compared one by one: their sum could run over.
    outside = (offsets > file_size) | (sizes > file_size - offsets)
    wrong = outside | (sizes == 0) | (sizes > MAX_TILE_BYTES)
    if wrong.any():
        row, column = divmod(int(wrong.argmax()), columns)
        raise ContainerError(
            f"level {level.index} tile (row {row}, column {column}): expected 1 to "
            f"{MAX_TILE_BYTES} bytes inside the file of {file_size}, got {sizes[wrong][0]} at "
            f"{offsets[wrong][0]}"
        )
    return np.stack([offsets, sizes], 1).astype(np.int64)


def level_problems(
    directories: Iterable[TiffDirectory],
    levels: Iterable[Level],
    places: Sequence[NDArray[np.int64]],
) -> Iterator[str]:
    """Return levels whose description states another size, and tiles that share bytes.

    Args:
        directories: Of the levels.
        levels: What they say.
        places: Of the tiles of each, see `tile_places`.
    """
    for directory, level in zip(directories, levels, strict=True):
        pattern = r"-> (\d+)x(\d+)" if level.index else r"\n(\d+)x(\d+) \["
        found = re.search(pattern, description(directory))
        if not found or found.groups() != (str(level.width), str(level.height)):
            stated = "x".join(found.groups()) if found else "no size"
            yield (
                f"level {level.index}: its tags say {level.width}x{level.height}, "
                f"its description {stated}"
            )
    together = np.concatenate(places)
    ordered = together[np.lexsort((together[:, 1], together[:, 0]))]
    ends = ordered[:, 0] + ordered[:, 1]
    count = int((ordered[1:, 0] < ends[:-1]).sum())
    if count:
        yield f"tiles: expected bytes of their own, {count} begin inside another tile"


def description(directory: TiffDirectory) -> str:
    """Return the text that describes a directory; empty where there is none."""
    if DESCRIPTION_TAG not in directory.entries:
        return ""
    return directory.content(DESCRIPTION_TAG, _MAX_DESCRIPTION).decode("latin-1")


def icc_profile(first: TiffDirectory) -> bytes | None:
    """Return the ICC profile of the first directory; None where there is none."""
    return first.content(ICC_TAG, MAX_RECORD_BYTES) if ICC_TAG in first.entries else None


def image_size(directory: TiffDirectory) -> tuple[int, int]:
    """Return width and height of any image of the file."""
    return directory.number(_WIDTH), directory.number(_HEIGHT)


def _check_samples(directory: TiffDirectory, level: Level) -> None:
    found = {
        "samples a pixel": (directory.number(_SAMPLES, 1), 3),
        "photometric interpretation": (directory.number(_PHOTOMETRIC), _RGB),
        "planar configuration": (directory.number(_PLANAR, 1), _INTERLEAVED),
        "predictor": (directory.number(_PREDICTOR, 1), 1),
    }
    for name, (actual, expected) in found.items():
        if actual != expected:
            raise ContainerError(f"level {level.index} {name}: expected {expected}, got {actual}")
    bits = directory.numbers(_BITS, 3).tolist()
    if bits != [8, 8, 8]:
        raise ContainerError(f"level {level.index} bits a sample: expected 8, 8, 8, got {bits}")


def _check_tiles(directory: TiffDirectory, level: Level, tile: int) -> None:
    for tag in _TILE_SIDES:
        if check_side(directory.number(tag), 2**16, f"TIFF tag {tag}") != tile:
            raise ContainerError(
                f"level {level.index} tiles: expected sides of {tile} as the record "
                f"states, got {directory.number(tag)}"
            )
