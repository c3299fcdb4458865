"""A PathAE TIFF -> levels, record, parameters, tile bitstreams. Spec: v1, TIFF binding."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_LEVELS, MAX_PARAMETERS_BYTES, MAX_RECORD_BYTES
from pathae_codec.container.positioned_file import PositionedFile
from pathae_codec.container.record import check_levels, check_record, check_side, parse_json
from pathae_codec.container.tiff import COMPRESSION, COMPRESSION_TAG, PARAMETERS_TAG, RECORD_TAG
from pathae_codec.container.tiff_directory import TiffDirectory, read_directories
from pathae_codec.errors import ContainerError, NotPathAEError, SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _DESCRIPTION = 256, 257, 258, 262, 270
_SAMPLES, _PLANAR, _PREDICTOR, _TILE_SIDES = 277, 284, 317, (322, 323)
_OFFSETS, _SIZES, _ICC = 324, 325, 34675
_RGB, _INTERLEAVED = 2, 1
_MAX_DESCRIPTION = 2**16


class TiffInspection:
    """An open PathAE TIFF; see `container.inspection.ContainerInspection`."""

    def __init__(self, path: Path) -> None:
        self._file = PositionedFile(path)
        try:
            self._directories = self._find_levels()
            first = self._directories[0]
            text = first.content(RECORD_TAG, MAX_RECORD_BYTES).rstrip(b"\0")
            self.record: Mapping[str, Any] = check_record(parse_json(text, "slide record"))
            self.parameters = first.content(PARAMETERS_TAG, MAX_PARAMETERS_BYTES)
            self.tile: int = self.record["tile"]
            sizes = [(d.number(_WIDTH), d.number(_HEIGHT)) for d in self._directories]
            self.levels = check_levels(sizes, self.tile, self.record)
            self._places = [
                self._tile_places(directory, level)
                for directory, level in zip(self._directories, self.levels, strict=True)
            ]
            self.icc_profile = (
                first.content(_ICC, MAX_RECORD_BYTES) if _ICC in first.entries else None
            )
        except BaseException:
            self._file.close()
            raise

    def tile_bytes(self, level: int, index: TileIndex) -> bytes:
        """Read a tile bitstream as it is stored; see `ContainerInspection.tile_bytes`."""
        offset, size = self._places[level][_number(self.levels[level], self.tile, index)].tolist()
        return self._file.read(offset, size)

    def stored_tiles(self, level: int) -> Iterator[tuple[TileIndex, int]]:
        """Give all tiles and their bytes: a TIFF leaves none out."""
        columns = grid_shape(self.levels[level], self.tile)[1]
        for number, size in enumerate(self._places[level][:, 1].tolist()):
            yield TileIndex(*divmod(number, columns)), size

    def inconsistencies(self) -> Iterator[str]:
        """Give levels whose description states another size, and tiles that share bytes."""
        for directory, level in zip(self._directories, self.levels, strict=True):
            text = directory.content(_DESCRIPTION, _MAX_DESCRIPTION).decode("latin-1")
            pattern = r"-> (\d+)x(\d+)" if level.index else r"\n(\d+)x(\d+) \["
            found = re.search(pattern, text)
            if not found or found.groups() != (str(level.width), str(level.height)):
                stated = "x".join(found.groups()) if found else "no size"
                yield (
                    f"level {level.index}: its tags say {level.width}x{level.height}, "
                    f"its description {stated}"
                )
        yield from _overlaps(np.concatenate(self._places))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _find_levels(self) -> list[TiffDirectory]:
        directories = read_directories(self._file)
        levels = [d for d in directories if d.number(COMPRESSION_TAG, 1) == COMPRESSION]
        if not levels or levels[0].place != 0:
            raise NotPathAEError(
                f"TIFF: expected compression {COMPRESSION} in its first directory, found another"
            )
        if len(levels) > MAX_LEVELS:
            raise ContainerError(f"levels: expected {MAX_LEVELS} at most, got {len(levels)}")
        return levels

    def _tile_places(self, directory: TiffDirectory, level: Level) -> NDArray[np.int64]:
        """Give offset and size of each tile, int64 (tiles, 2), all of them inside the file."""
        _check_samples(directory, level)
        for tag in _TILE_SIDES:
            if check_side(directory.number(tag), 2**16, f"TIFF tag {tag}") != self.tile:
                raise ContainerError(
                    f"level {level.index} tiles: expected sides of {self.tile} as the record "
                    f"states, got {directory.number(tag)}"
                )
        rows, columns = grid_shape(level, self.tile)
        offsets, sizes = (directory.numbers(tag, rows * columns) for tag in (_OFFSETS, _SIZES))
        # Compared one by one: their sum could run over.
        outside = (offsets > self._file.size) | (sizes > self._file.size - offsets) | (sizes == 0)
        if outside.any():
            row, column = divmod(int(outside.argmax()), columns)
            raise ContainerError(
                f"level {level.index} tile (row {row}, column {column}): expected bytes inside the "
                f"file of {self._file.size}, got {sizes[outside][0]} at {offsets[outside][0]}"
            )
        return np.stack([offsets, sizes], 1).astype(np.int64)


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


def _number(level: Level, tile: int, index: TileIndex) -> int:
    rows, columns = grid_shape(level, tile)
    if not (0 <= index.row < rows and 0 <= index.column < columns):
        raise SettingError(
            f"level {level.index} tile: expected one of {rows} x {columns}, got {index}"
        )
    return index.row * columns + index.column


def _overlaps(places: NDArray[np.int64]) -> Iterator[str]:
    ordered = places[np.lexsort((places[:, 1], places[:, 0]))]
    ends = ordered[:, 0] + ordered[:, 1]
    count = int((ordered[1:, 0] < ends[:-1]).sum())
    if count:
        yield f"tiles: expected bytes of their own, {count} begin inside another tile"
