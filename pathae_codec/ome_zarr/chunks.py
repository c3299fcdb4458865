"""Where the tiles of an OME-Zarr's level lie: in shards by their index (v3), one file a tile (v2).

Spec: v1, OME-Zarr binding.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pathae_codec.bitstream.limits import MAX_TILE_BYTES
from pathae_codec.errors import ContainerError, TruncatedError
from pathae_codec.geometry import TileIndex
from pathae_codec.ome_zarr.shard import ShardIndex, check_index, index_bytes, unpack_index
from pathae_codec.storage.location import Storage
from pathae_codec.storage.ranges import ByteRange, read_ranges, side_by_side
from pathae_codec.storage.stored_tile import StoredTile

_METADATA = ("zarr.json", ".zarray", ".zattrs")
# Other spellings of a number are no keys of Zarr.
_PLACE = re.compile("(0|[1-9][0-9]{0,8})/(0|[1-9][0-9]{0,8})")


def chunk_folder(array: str, version: int) -> str:
    """Return the folder of an array's rows of chunks; all channels are in one chunk.

    Args:
        array: Its name in the group.
        version: Of Zarr, 3 or 2.
    """
    return f"{array}/c/0" if version == 3 else f"{array}/0"


def read_whole_tile(storage: Storage, key: str) -> bytes | None:
    """Read a chunk that is a file of its own; None for one that is left out.

    Raises:
        ContainerError: It is longer than a tile can be.
    """
    try:
        return storage.read_whole(key, MAX_TILE_BYTES)
    except FileNotFoundError:
        return None


def read_shard_index(storage: Storage, key: str, tiles: int) -> ShardIndex:
    """Return offset and length of each tile of a shard.

    Raises:
        FileNotFoundError: There is no such shard. Whoever remembers indices does not remember
            that: a server that had none may have one the next time.
        TruncatedError, ChecksumError: See `unpack_index`.
        ContainerError: A tile reaches into the index; over a network nobody asks how long the
            shard is, it would take a request.
    """
    size = index_bytes(tiles)
    index = unpack_index(storage.read(key, -size), tiles, key)
    return index if storage.remote else check_index(index, storage.size(key) - size)


@dataclass(frozen=True)
class LevelChunks:
    """The chunks of a level.

    Attributes:
        storage: Of the group.
        array: The level's name in it.
        version: Of Zarr, 3 or 2.
        grid: Rows and columns of tiles.
        shard: Rows and columns of tiles in a shard; None where each tile has a file of its own.
        shard_index: `read_shard_index` of this storage, which may remember.
    """

    storage: Storage
    array: str
    version: int
    grid: tuple[int, int]
    shard: tuple[int, int] | None
    shard_index: Callable[[str, int], ShardIndex]

    @property
    def folder(self) -> str:
        """See `chunk_folder`."""
        return chunk_folder(self.array, self.version)

    def read(self, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read tiles; None for one that is left out.

        Raises:
            FormatError: The index of a shard is damaged, or the shard ends before a tile does.
        """
        if self.shard is None:
            keys = [self._key(index.row, index.column) for index in indices]
            return side_by_side(lambda key: read_whole_tile(self.storage, key), keys)
        high, wide = self.shard
        places = [
            (
                self._key(index.row // high, index.column // wide),
                index.row % high * wide + index.column % wide,
            )
            for index in indices
        ]
        # Each index once, before the tiles are asked for: threads that miss it together would
        # each fetch it.
        keys = list(dict.fromkeys(key for key, _ in places))
        found = side_by_side(self._index, keys)
        index_of = dict(zip(keys, found, strict=True))
        ranges = [
            _tile_range(key, index_of[key][place]) if index_of[key] else None
            for key, place in places
        ]
        read = read_ranges(self.storage, ranges)
        for wanted, data in zip(ranges, read, strict=True):
            if wanted and data is not None and len(data) != wanted.length:
                raise TruncatedError(
                    f"shard {wanted.name}: expected {wanted.length} bytes, got {len(data)}"
                )
        return read

    def stored_tiles(self) -> Iterator[StoredTile]:
        """Return the tiles that are there, chunk by chunk.

        Raises:
            FormatError: The index of a shard is damaged, or holds a tile that is not on the grid.
        """
        high, wide = self.shard or (1, 1)
        rows, columns = self.grid
        for top in range(0, rows, high):
            for left in range(0, columns, wide):
                for number, place in enumerate(self._tiles(top // high, left // wide)):
                    if place is None:
                        continue
                    index = TileIndex(top + number // wide, left + number % wide)
                    if index.row >= rows or index.column >= columns:
                        raise ContainerError(f"shard {place.name} {index}: lies outside the grid")
                    yield StoredTile(index, place)

    def problems(self) -> Iterator[str]:
        """Return chunks that are not on the grid, and how many files are no chunks."""
        high, wide = self.shard or (1, 1)
        rows, columns = self.grid
        strays = 0
        for name in self.storage.names(self.array):
            found = _PLACE.fullmatch(name.removeprefix(f"{self.folder}/"))
            if found and (int(found[1]) * high >= rows or int(found[2]) * wide >= columns):
                yield f"chunk {name}: lies outside the grid"
            strays += not found and name.rpartition("/")[2] not in _METADATA
        if strays:
            yield f"level {self.array}: {strays} files that are no chunks"

    def _index(self, key: str) -> ShardIndex:
        """Return the index of a shard; nothing for a shard that is left out."""
        high, wide = self.shard or (1, 1)
        try:
            return self.shard_index(key, high * wide)
        except FileNotFoundError:
            return ()

    def _key(self, row: int, column: int) -> str:
        return f"{self.folder}/{row}/{column}"

    def _tiles(self, row: int, column: int) -> Sequence[ByteRange | None]:
        """Return where the tiles of a chunk lie, in C order; None for one that is left out."""
        key = self._key(row, column)
        if self.shard is not None:
            return [_tile_range(key, entry) for entry in self._index(key)]
        try:
            return [ByteRange(key, 0, self.storage.size(key))]
        except FileNotFoundError:
            return []


def _tile_range(key: str, entry: tuple[int, int] | None) -> ByteRange | None:
    """Return where a tile of a shard lies, by its entry in the index."""
    if entry is None:
        return None
    if entry[1] > MAX_TILE_BYTES or sum(entry) >= 2**63:
        raise ContainerError(f"shard {key}: expected a tile in it, got {entry}")
    return ByteRange(key, entry[0], sum(entry))
