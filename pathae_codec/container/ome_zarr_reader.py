"""A PathAE OME-Zarr being read: shards by ranges of bytes (v3), one file a tile (v2).

Spec: v1, OME-Zarr binding. Written without zarr, which would decode the tiles as well.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.configuration import CODEC_NAME, parse_configuration
from pathae_codec.container.reading import not_pathae, settle_downsample
from pathae_codec.container.shard import ShardIndex, index_bytes, unpack_index
from pathae_codec.container.storage import Storage
from pathae_codec.container.tile_ranges import ByteRange, read_ranges, side_by_side
from pathae_codec.errors import FieldError, FormatError, TruncatedError
from pathae_codec.fallback import decode_fallback
from pathae_codec.geometry import Level, TileIndex

Pixels = NDArray[np.uint8]
Json = dict[str, Any]
ASSOCIATED = ("label", "macro", "thumbnail")
SHARD_INDICES = 4096
"""Indices of shards that are kept: 4 MiB at 8 x 8 tiles."""


@dataclass(frozen=True)
class _Array:
    """A level's array: shape (3, h, w), and how its tiles are named and sharded."""

    path: str
    height: int
    width: int
    chunk: tuple[int, int]
    shard: tuple[int, int] | None
    """Rows and columns of tiles in a shard; None where a tile has a file of its own."""
    prefix: str
    separator: str
    configuration: Mapping[str, Any]

    def key(self, row: int, column: int) -> str:
        return self.path + "/" + self.prefix + self.separator.join(["0", str(row), str(column)])


class OmeZarrReader:
    """See `ContainerReader`."""

    def __init__(self, storage: Storage, location: str) -> None:
        self.location = location
        self.remote = storage.remote
        self._storage = storage
        attributes = self._read_attributes()
        ome = attributes.get("ome", attributes)
        record = attributes.get("pathae")
        if not isinstance(record, dict) or record.get("format") != "pathae":
            raise not_pathae(location)
        icc = record.get("icc_profile")
        self.icc_profile = base64.b64decode(icc) if icc else None
        self.record: Mapping[str, Any] = {
            key: value for key, value in record.items() if key != "icc_profile"
        }
        try:
            datasets = ome["multiscales"][0]["datasets"]
            self._arrays = [self._read_array(str(entry["path"])) for entry in datasets]
            scales = [_scale(entry) for entry in datasets]
            self.levels = tuple(_describe_levels(self._arrays, scales))
        except (KeyError, TypeError, IndexError, ValueError) as error:
            if isinstance(error, FormatError):
                raise
            raise FieldError(f"file {location}: missing or wrong metadata: {error!r}") from error
        self.tile = _tile_side(self._arrays)
        self.parameters = parse_configuration(self._arrays[0].configuration)
        self._images = {
            name: array for name in ASSOCIATED if (array := self._read_associated(name)) is not None
        }
        self.associated: Mapping[str, tuple[int, int]] = {
            name: (array.width, array.height) for name, array in self._images.items()
        }
        self._shard_index = lru_cache(SHARD_INDICES)(self._read_shard_index)

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        array = self._arrays[level]
        if array.shard is None:
            keys = [array.key(index.row, index.column) for index in indices]
            return side_by_side(self._read_whole, keys)
        places = [_in_shard(array, array.shard, index) for index in indices]
        # Each index once, before the tiles are asked for: threads that miss it together would
        # each fetch it.
        keys = list(dict.fromkeys(key for key, _ in places))
        tiles = array.shard[0] * array.shard[1]
        found = side_by_side(lambda key: self._shard_index(key, tiles), keys)
        indices_of = dict(zip(keys, found, strict=True))
        ranges = [_tile_range(key, indices_of[key], place) for key, place in places]
        read = read_ranges(self._storage, ranges)
        for wanted, data in zip(ranges, read, strict=True):
            if wanted and data is not None and len(data) != wanted.stop - wanted.start:
                raise TruncatedError(
                    f"shard {wanted.name}: expected {wanted.stop - wanted.start} bytes, "
                    f"got {len(data)}"
                )
        return read

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        array = self._images[name]
        data = self._read_whole(array.key(0, 0))
        if data is None:
            return np.full((array.height, array.width, 3), 255, np.uint8)
        header, payload = unpack_tile(data)
        if header.mode is not Mode.FALLBACK:
            raise FieldError(f"{name}: expected a fallback tile, got mode {header.mode.name}")
        return decode_fallback(header, payload)

    def _read_attributes(self) -> Json:
        try:
            group = self._read_json("zarr.json")
            self.kind = "zarr3"
            return dict(group.get("attributes") or {})
        except FileNotFoundError:
            self.kind = "zarr2"
            return self._read_json(".zattrs")

    def _read_array(self, path: str) -> _Array:
        if self.kind == "zarr3":
            return _parse_v3(path, self._read_json(f"{path}/zarr.json"))
        return _parse_v2(path, self._read_json(f"{path}/.zarray"))

    def _read_associated(self, name: str) -> _Array | None:
        try:
            return self._read_array(f"associated/{name}")
        except FileNotFoundError:
            return None

    def _read_whole(self, key: str) -> bytes | None:
        try:
            return self._storage.read(key)
        except FileNotFoundError:
            return None

    def _read_shard_index(self, key: str, tiles: int) -> ShardIndex | None:
        """Give offset and length of each tile of a shard; None for a shard that is left out."""
        try:
            data = self._storage.read(key, -index_bytes(tiles))
        except FileNotFoundError:
            return None
        return unpack_index(data, tiles, key)

    def _read_json(self, name: str) -> Json:
        try:
            value = json.loads(self._storage.read(name))
        except ValueError as error:
            raise FieldError(f"file {self.location}: {name} is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise FieldError(f"file {self.location}: {name}: expected an object")
        return value


def _in_shard(array: _Array, shard: tuple[int, int], index: TileIndex) -> tuple[str, int]:
    """Give the key of a tile's shard, and the tile's place in the index of that."""
    (row, tile_row), (column, tile_column) = (
        divmod(place, tiles) for place, tiles in zip((index.row, index.column), shard, strict=True)
    )
    return array.key(row, column), tile_row * shard[1] + tile_column


def _tile_range(key: str, index: ShardIndex | None, place: int) -> ByteRange | None:
    entry = None if index is None else index[place]
    return None if entry is None else ByteRange(key, entry[0], entry[0] + entry[1])


def _parse_v3(path: str, metadata: Json) -> _Array:
    codec, tile = metadata["codecs"][0], None
    outer = metadata["chunk_grid"]["configuration"]["chunk_shape"]
    if codec["name"] == "sharding_indexed":
        sharding = codec["configuration"]
        if sharding.get("index_location", "end") != "end":
            raise FieldError(f"array {path}: expected the shard index at the end")
        codec, tile = sharding["codecs"][0], sharding["chunk_shape"]
    if codec["name"] != CODEC_NAME:
        raise FieldError(f"array {path}: expected codec {CODEC_NAME}, got {codec['name']!r:.40}")
    encoding = metadata["chunk_key_encoding"]
    settings = encoding.get("configuration", {})
    default = encoding["name"] == "default"
    separator = settings.get("separator", "/" if default else ".")
    _, high, wide = tile or outer
    _, height, width = metadata["shape"]
    return _Array(
        path,
        height,
        width,
        chunk=(high, wide),
        shard=(outer[1] // high, outer[2] // wide) if tile else None,
        prefix="c" + separator if default else "",
        separator=separator,
        configuration=codec["configuration"],
    )


def _parse_v2(path: str, metadata: Json) -> _Array:
    compressor = metadata["compressor"]
    if compressor["id"] != CODEC_NAME:
        raise FieldError(f"array {path}: expected codec {CODEC_NAME}, got {compressor['id']!r:.40}")
    (_, height, width), (_, high, wide) = metadata["shape"], metadata["chunks"]
    return _Array(
        path,
        height,
        width,
        chunk=(high, wide),
        shard=None,
        prefix="",
        separator=metadata.get("dimension_separator", "."),
        configuration=compressor,
    )


def _scale(dataset: Json) -> float:
    (scale,) = [t["scale"] for t in dataset["coordinateTransformations"] if t["type"] == "scale"]
    return float(scale[-1])


def _describe_levels(arrays: list[_Array], scales: list[float]) -> list[Level]:
    finest = (arrays[0].width, arrays[0].height)
    levels = []
    for index, (array, scale) in enumerate(zip(arrays, scales, strict=True)):
        size = (array.width, array.height)
        downsample = settle_downsample(scale / scales[0], finest, size)
        levels.append(Level(index, *size, downsample))
    return levels


def _tile_side(arrays: list[_Array]) -> int:
    sides = {side for array in arrays for side in array.chunk}
    if len(sides) != 1:
        raise FieldError(f"OME-Zarr tiles: expected squares of one side, got {sorted(sides)}")
    return int(sides.pop())
