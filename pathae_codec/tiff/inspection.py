"""A PathAE TIFF -> levels, record, parameters, tile bitstreams. Spec: v1, TIFF binding."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.closing import Closing
from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.storage.positioned_file import PositionedFile
from pathae_codec.tiff.directory import read_directories
from pathae_codec.tiff.levels import (
    description,
    icc_profile,
    level_directories,
    tiff_levels,
    tiff_record,
    tile_places,
)
from pathae_codec.tiff.tags import PARAMETERS_TAG


class TiffInspection(Closing):
    """An open PathAE TIFF; see `container.inspection.ContainerInspection`."""

    def __init__(self, path: Path) -> None:
        self._file = PositionedFile(path)
        try:
            self._directories = level_directories(read_directories(self._file))
            first = self._directories[0]
            self.record = tiff_record(first)
            self.parameters = first.content(PARAMETERS_TAG, MAX_PARAMETERS_BYTES)
            self.tile = self.record.tile
            self.levels = tiff_levels(self._directories, self.record)
            self._places = [
                tile_places(directory, level, self.tile, self._file.size)
                for directory, level in zip(self._directories, self.levels, strict=True)
            ]
            self.icc_profile = icc_profile(first)
        except BaseException:
            self._file.close()
            raise

    def tile_bytes(self, level: int, index: TileIndex) -> bytes:
        """Read a tile bitstream as it is stored; see `ContainerInspection.tile_bytes`."""
        offset, size = self._places[level][_number(self.levels[level], self.tile, index)].tolist()
        return self._file.read(offset, size)

    def stored_tiles(self, level: int) -> Iterator[tuple[TileIndex, int]]:
        """Return all tiles and their bytes: a TIFF leaves none out."""
        columns = grid_shape(self.levels[level], self.tile)[1]
        for number, size in enumerate(self._places[level][:, 1].tolist()):
            yield TileIndex(*divmod(number, columns)), size

    def inconsistencies(self) -> Iterator[str]:
        """Return levels whose description states another size, and tiles that share bytes."""
        for directory, level in zip(self._directories, self.levels, strict=True):
            text = description(directory)
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
