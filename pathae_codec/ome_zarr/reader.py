"""A PathAE OME-Zarr being read: shards by ranges of bytes (v3), one file a tile (v2).

Spec: v1, OME-Zarr binding. Written without zarr, which would decode the tiles as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.fallback import decode_fallback
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.limits import MAX_TILE_BYTES
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import ContainerError, FieldError, NotPathAEError, TruncatedError
from pathae_codec.geometry import TileIndex, grid_shape, settle_downsample
from pathae_codec.ome_zarr.arrays import read_array, read_associated_size, same_parameters
from pathae_codec.ome_zarr.group import read_group
from pathae_codec.ome_zarr.shard import ShardIndex, index_bytes, unpack_index
from pathae_codec.record.checks import check_levels, not_pathae
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.storage.location import Storage, check_unchanged
from pathae_codec.storage.ranges import ByteRange, read_ranges, side_by_side

Pixels = NDArray[np.uint8]
ASSOCIATED = ("label", "macro", "thumbnail")
SHARD_INDICES = 4096
"""Indices of shards that are kept: 4 MiB at 8 x 8 tiles."""


class OmeZarrReader:
    """See `ContainerReader`."""

    def __init__(self, storage: Storage, location: str) -> None:
        self.location = location
        self.remote = storage.remote
        self._storage = storage
        try:
            self._group = group = read_group(storage, location)
            record = SlideRecord.parse(group.record)
        except NotPathAEError as error:
            raise not_pathae(location) from error
        self.kind = f"zarr{group.version}"
        self.icc_profile = record.profile
        self.record = replace(record, icc_profile=None)
        self.tile = record.tile
        self._names = group.array_names()
        self._arrays = [read_array(storage, n, group.version, self.tile) for n in self._names]
        levels = check_levels([(a.width, a.height) for a in self._arrays], record)
        scales = [x for _, x in group.scales()]
        self.levels = tuple(
            settle_downsample(level, scale / scales[0])
            for level, scale in zip(levels, scales, strict=True)
        )
        self.parameters = same_parameters(self._arrays)
        self.associated: Mapping[str, tuple[int, int]] = {
            name: size
            for name in ASSOCIATED
            if (size := read_associated_size(storage, f"associated/{name}", group.version))
        }
        self._shard_index = lru_cache(SHARD_INDICES)(self._read_shard_index)
        self._check_unchanged()

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        read = self._read_tiles(level, indices)
        # Afterwards: what was read before this, or was not there, is of what was opened.
        self._check_unchanged()
        return read

    def stored_sizes(self, level: int) -> NDArray[np.int64]:
        """Return the bytes of each tile; see `ContainerReader.stored_sizes`."""
        rows, columns = grid_shape(self.levels[level], self.tile)
        sizes = np.zeros((rows, columns), np.int64)
        shard = self._arrays[level].shard or (1, 1)
        for row, column in np.ndindex(-(-rows // shard[0]), -(-columns // shard[1])):
            key = self._key(self._names[level], row, column)
            found = np.reshape(self._chunk_sizes(level, key), shard)
            part = sizes[row * shard[0] :, column * shard[1] :][: shard[0], : shard[1]]
            part[...] = found[: part.shape[0], : part.shape[1]]
        self._check_unchanged()
        return sizes

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        version, array = self._group.version, f"associated/{name}"
        width, height = self.associated[name]
        data = self._read_whole(f"{array}/c/0/0/0" if version == 3 else f"{array}/0/0/0")
        self._check_unchanged()
        if data is None:
            return np.full((height, width, 3), 255, np.uint8)
        header, payload = unpack_tile(data)
        if header.mode is not Mode.FALLBACK:
            raise FieldError(f"{name}: expected a fallback tile, got mode {header.mode.name}")
        if (header.height, header.width, header.channels) != (height, width, 3):
            raise FieldError(
                f"{name}: expected an image of {width} x {height} x 3, got {header.width} x "
                f"{header.height} x {header.channels}"
            )
        return decode_fallback(header, payload)

    def _read_tiles(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        array, name = self._arrays[level], self._names[level]
        if array.shard is None:
            keys = [self._key(name, index.row, index.column) for index in indices]
            return side_by_side(self._read_whole, keys)
        places = [self._in_shard(level, index) for index in indices]
        # Each index once, before the tiles are asked for: threads that miss it together would
        # each fetch it.
        keys = list(dict.fromkeys(key for key, _ in places))
        tiles = array.shard[0] * array.shard[1]
        found = side_by_side(lambda key: self._shard_index(key, tiles), keys)
        entries_of = dict(zip(keys, found, strict=True))
        ranges = [_tile_range(key, entries_of[key], place) for key, place in places]
        read = read_ranges(self._storage, ranges)
        for wanted, data in zip(ranges, read, strict=True):
            if wanted and data is not None and len(data) != wanted.stop - wanted.start:
                raise TruncatedError(
                    f"shard {wanted.name}: expected {wanted.stop - wanted.start} bytes, "
                    f"got {len(data)}"
                )
        return read

    def _in_shard(self, level: int, index: TileIndex) -> tuple[str, int]:
        """Return the key of a tile's shard, and the tile's place in the index of that."""
        shard = self._arrays[level].shard or (1, 1)
        (row, tile_row), (column, tile_column) = (
            divmod(place, tiles)
            for place, tiles in zip((index.row, index.column), shard, strict=True)
        )
        return self._key(self._names[level], row, column), tile_row * shard[1] + tile_column

    def _chunk_sizes(self, level: int, key: str) -> list[int]:
        shard = self._arrays[level].shard
        if shard is None:
            return [len(self._read_whole(key) or b"")]
        tiles = shard[0] * shard[1]
        entries = self._shard_index(key, tiles) or (None,) * tiles
        return [entry[1] if entry else 0 for entry in entries]

    def _key(self, array: str, row: int, column: int) -> str:
        chunks = "c/0" if self._group.version == 3 else "0"
        return f"{array}/{chunks}/{row}/{column}"

    def _check_unchanged(self) -> None:
        check_unchanged(self._storage, self._group.file, self._group.identity, self.location)

    def _read_whole(self, key: str) -> bytes | None:
        try:
            return self._storage.read_whole(key, MAX_TILE_BYTES)
        except FileNotFoundError:
            return None

    def _read_shard_index(self, key: str, tiles: int) -> ShardIndex | None:
        """Return offset and length of each tile of a shard; None for a shard that is left out."""
        try:
            data = self._storage.read(key, -index_bytes(tiles))
        except FileNotFoundError:
            return None
        return unpack_index(data, tiles, key)


def _tile_range(key: str, index: ShardIndex | None, place: int) -> ByteRange | None:
    entry = None if index is None else index[place]
    if entry is None:
        return None
    if entry[1] > MAX_TILE_BYTES or sum(entry) >= 2**63:
        raise ContainerError(f"shard {key}: expected a tile in it, got {entry}")
    return ByteRange(key, entry[0], sum(entry))
