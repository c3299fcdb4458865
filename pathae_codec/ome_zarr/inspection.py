"""A PathAE OME-Zarr -> levels, record, parameters, tile bitstreams.

Spec: v1, OME-Zarr binding.
"""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.limits import MAX_TILE_BYTES
from pathae_codec.closing import Closing
from pathae_codec.errors import ContainerError, SettingError
from pathae_codec.geometry import TileIndex, grid_shape
from pathae_codec.ome_zarr.arrays import read_array, same_parameters
from pathae_codec.ome_zarr.group import read_group, scale_problems
from pathae_codec.ome_zarr.shard import ShardIndex, check_index, index_bytes, unpack_index
from pathae_codec.record.checks import check_levels
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.storage.location import LocalStorage
from pathae_codec.storage.positioned_file import PositionedFile

WHITE = 255
CACHED_INDICES = 64


class ZarrInspection(Closing):
    """An open PathAE OME-Zarr; see `container.inspection.ContainerInspection`.

    Shards are opened when they are needed. A container that is replaced meanwhile is noticed: after
    each read the group's file must still be the one that was opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._storage = LocalStorage(path)
        self._group = read_group(self._storage, path.name)
        self.record = SlideRecord.parse(self._group.record)
        self.tile = self.record.tile
        self._folders = [_inside(path, name) for name in self._group.array_names()]
        self._arrays = [
            read_array(self._storage, folder.name, self._group.version, self.tile)
            for folder in self._folders
        ]
        sizes = ((array.width, array.height) for array in self._arrays)
        self.levels = check_levels(sizes, self.record)
        self.parameters = same_parameters(self._arrays)
        self.icc_profile = self.record.profile
        blank = encode_constant(np.full((self.tile, self.tile, 3), WHITE, np.uint8))
        self._blank = blank or b""
        self._index = lru_cache(CACHED_INDICES)(self._read_index)

    def tile_bytes(self, level: int, index: TileIndex) -> bytes:
        """Read a tile bitstream as it is stored; see `ContainerInspection.tile_bytes`."""
        rows, columns = grid_shape(self.levels[level], self.tile)
        if not (0 <= index.row < rows and 0 <= index.column < columns):
            raise SettingError(
                f"level {level} tile: expected one of {rows} x {columns}, got {index}"
            )
        data = self._read_tile(level, index)
        # Afterwards: what was read before this is then of the container that was opened.
        self._check_unchanged()
        return self._blank if data is None else data

    def stored_tiles(self, level: int) -> Iterator[tuple[TileIndex, int]]:
        """Return the tiles that have bytes, by the files that are there."""
        rows, columns = grid_shape(self.levels[level], self.tile)
        high, wide = self._arrays[level].shard or (1, 1)
        for top, left, path in sorted(self._chunk_files(level)):
            if not (0 <= top * high < rows and 0 <= left * wide < columns):
                raise ContainerError(f"level {level} chunk {top}/{left}: lies outside the grid")
            if self._arrays[level].shard is None:
                yield TileIndex(top, left), path.stat().st_size
                continue
            for place, entry in enumerate(self._index(level, top, left) or ()):
                if entry is None:
                    continue
                index = TileIndex(top * high + place // wide, left * wide + place % wide)
                if index.row >= rows or index.column >= columns:
                    raise ContainerError(f"level {level} {index}: lies outside the grid")
                yield index, entry[1]

    def inconsistencies(self) -> Iterator[str]:
        """Return scales that do not fit, and files that are no chunks."""
        yield from scale_problems(self._group, self.levels, self.record.mpp)
        for level in self.levels:
            strays = sum(1 for _ in self._files(level.index)) - sum(
                1 for _ in self._chunk_files(level.index)
            )
            if strays:
                yield f"level {level.index}: {strays} files that are no chunks"

    def close(self) -> None:
        """Forget the shard indices; no file stays open between reads."""
        self._index.cache_clear()

    def _read_tile(self, level: int, index: TileIndex) -> bytes | None:
        shard = self._arrays[level].shard
        if shard is None:
            file = self._open_chunk(level, index.row, index.column)
            place = None if file is None else (0, file.size)
        else:
            top, left = index.row // shard[0], index.column // shard[1]
            entries = self._index(level, top, left)
            inner = index.row % shard[0] * shard[1] + index.column % shard[1]
            place = entries[inner] if entries else None
            file = self._open_chunk(level, top, left) if place else None
        if file is None or place is None:
            return None
        try:
            if place[1] > MAX_TILE_BYTES:
                raise ContainerError(
                    f"level {level} {index}: expected {MAX_TILE_BYTES} bytes at most, "
                    f"got {place[1]}"
                )
            return file.read(*place)
        finally:
            file.close()

    def _read_index(self, level: int, top: int, left: int) -> ShardIndex | None:
        shard = self._arrays[level].shard
        file = self._open_chunk(level, top, left)
        if file is None or shard is None:
            return None
        try:
            chunks = shard[0] * shard[1]
            size = index_bytes(chunks)
            if file.size < size:
                raise ContainerError(
                    f"level {level} shard {top}/{left}: expected {size} bytes of index or more, "
                    f"got {file.size}"
                )
            end = file.size - size
            return check_index(unpack_index(file.read(end, size), chunks, f"{top}/{left}"), end)
        finally:
            file.close()

    def _open_chunk(self, level: int, row: int, column: int) -> PositionedFile | None:
        path = self._chunk_folder(level) / str(row) / str(column)
        try:
            return PositionedFile(self._storage.locate(str(path.relative_to(self._path))))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ContainerError(
                f"level {level} chunk {row}/{column}: cannot be read: {error.strerror}"
            ) from error

    def _chunk_folder(self, level: int) -> Path:
        folder = self._folders[level]
        return folder / "c" / "0" if self._group.version == 3 else folder / "0"

    def _chunk_files(self, level: int) -> Iterator[tuple[int, int, Path]]:
        folder = self._chunk_folder(level)
        for path in self._files(level):
            names = path.name, path.parent.name
            # Other spellings of a number are no keys of Zarr.
            plain = all(n.isascii() and n.isdigit() and str(int(n[:9])) == n for n in names)
            if plain and path.parent.parent == folder:
                yield int(path.parent.name), int(path.name), path

    def _files(self, level: int) -> Iterator[Path]:
        for root, _, names in os.walk(self._folders[level]):
            yield from (
                Path(root) / n for n in names if n not in ("zarr.json", ".zarray", ".zattrs")
            )

    def _check_unchanged(self) -> None:
        try:
            unchanged = self._storage.identify(self._group.file) == self._group.identity
        except OSError:
            unchanged = False
        if not unchanged:
            raise ContainerError(
                f"folder {self._path.name}: was replaced since it was opened; open it again"
            )


def _inside(root: Path, name: str) -> Path:
    folder = root / name
    if folder.is_symlink() or not folder.is_dir():
        raise ContainerError(f"array {name}: expected a folder in the group, found none")
    return folder
