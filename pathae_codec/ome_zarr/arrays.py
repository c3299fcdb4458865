"""The arrays of a PathAE OME-Zarr, checked against the binding. Spec: v1, OME-Zarr binding."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pathae_codec.bitstream.limits import (
    MAX_LEVEL_SIDE,
    MAX_TILE_SIDE,
)
from pathae_codec.errors import ContainerError, FormatError
from pathae_codec.ome_zarr.group import Json, read_json
from pathae_codec.ome_zarr.metadata import LEDGER, ledger_v2, ledger_v3
from pathae_codec.record.checks import check_side
from pathae_codec.storage.location import Storage

MAX_SHARD_TILES = 2**16
_INDEX_CODECS = ["bytes", "crc32c"]


@dataclass(frozen=True)
class ZarrArray:
    """The array of a level.

    Attributes:
        width, height: Pixels.
        shard: Rows and columns of tiles in a shard; None where each tile has a file of its own.
        configuration: Of the codec `pathae`.
    """

    width: int
    height: int
    shard: tuple[int, int] | None
    configuration: Json


def array_file(version: int) -> str:
    """Return the name of the file that holds the metadata of an array."""
    return "zarr.json" if version == 3 else ".zarray"


def read_array(storage: Storage, array: str, version: int, tile: int) -> ZarrArray:
    """Read the metadata of a level.

    Args:
        storage: Of the group.
        array: The array's name in it.
        version: Of Zarr, 3 or 2.
        tile: Side of a tile, as the slide record states.

    Raises:
        ContainerError: There are none, or they break the binding.
    """
    metadata = _read_metadata(storage, array, version)
    try:
        return (_array_v3 if version == 3 else _array_v2)(metadata, array, tile)
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong_member(array, error) from None


def read_associated_size(storage: Storage, array: str, version: int) -> tuple[int, int] | None:
    """Read width and height of an associated image, which is one chunk; None where it is not there.

    Raises:
        ContainerError: The array breaks the binding.
    """
    try:
        metadata = read_json(storage, f"{array}/{array_file(version)}")
    except FileNotFoundError:
        return None
    try:
        channels, *sides = metadata["shape"]
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong_member(array, error) from None
    _expect(array, "channels", channels, 3)
    _expect(array, "axes", len(sides), 2)
    height, width = (check_side(side, MAX_TILE_SIDE, f"array {array} side") for side in sides)
    return width, height


def ledger_problems(storage: Storage, version: int, size: int) -> Iterator[str]:
    """Return what keeps readers of Zarr from reading the ledger, whose bytes ours reads itself.

    Args:
        storage: Of the group.
        version: Of Zarr, 3 or 2.
        size: Bytes of the ledger.
    """
    name = f"{LEDGER}/{array_file(version)}"
    try:
        metadata = read_json(storage, name)
    except FileNotFoundError:
        yield f"file {name}: cannot be read: it is not there"
        return
    for member, expected in (ledger_v3 if version == 3 else ledger_v2)(size).items():
        found = metadata.get(member)
        if found != expected:
            yield f"array {LEDGER} {member}: expected {expected}, got {found!r:.60}"


def _wrong_member(array: str, error: Exception) -> ContainerError:
    return ContainerError(f"array {array}: missing or wrong member of its metadata: {error!r:.80}")


def _read_metadata(storage: Storage, array: str, version: int) -> dict[str, Any]:
    name = f"{array}/{array_file(version)}"
    try:
        return read_json(storage, name)
    except FileNotFoundError:
        raise ContainerError(f"file {name}: cannot be read: it is not there") from None


def _array_v3(metadata: Json, name: str, tile: int) -> ZarrArray:
    _expect(name, "data_type", metadata["data_type"], "uint8")
    encoding = metadata["chunk_key_encoding"]
    _expect(name, "chunk key encoding", encoding["name"], "default")
    _expect(name, "separator", encoding.get("configuration", {}).get("separator", "/"), "/")
    grid = metadata["chunk_grid"]
    _expect(name, "chunk grid", grid["name"], "regular")
    outer, (codec,) = grid["configuration"]["chunk_shape"], metadata["codecs"]
    shard = None
    if codec["name"] == "sharding_indexed":
        sharding = codec["configuration"]
        shard = _shard_shape(name, outer, tile)
        _expect(name, "index", sharding.get("index_location", "end"), "end")
        _expect(name, "index codecs", [c["name"] for c in sharding["index_codecs"]], _INDEX_CODECS)
        outer, (codec,) = sharding["chunk_shape"], sharding["codecs"]
    _expect(name, "codec", codec["name"], "pathae")
    _expect(name, "chunks", outer, [3, tile, tile])
    width, height = _sides(name, metadata)
    return ZarrArray(width, height, shard, codec["configuration"])


def _array_v2(metadata: Json, name: str, tile: int) -> ZarrArray:
    expected = {
        "zarr_format": 2,
        "dtype": "|u1",
        "chunks": [3, tile, tile],
        "order": "C",
        "fill_value": 255,
        "dimension_separator": "/",
        "filters": None,
    }
    for member, value in expected.items():
        _expect(name, member, metadata[member], value)
    _expect(name, "compressor", metadata["compressor"]["id"], "pathae")
    width, height = _sides(name, metadata)
    return ZarrArray(width, height, None, metadata["compressor"])


def _sides(name: str, metadata: Json) -> tuple[int, int]:
    _expect(name, "fill value", metadata["fill_value"], 255)
    shape = metadata["shape"]
    _expect(name, "axes", len(shape), 3)
    _expect(name, "channels", shape[0], 3)
    height, width = (check_side(side, MAX_LEVEL_SIDE, f"array {name} side") for side in shape[1:])
    return width, height


def _shard_shape(name: str, outer: list[int], tile: int) -> tuple[int, int]:
    _expect(name, "axes of a shard", len(outer), 3)
    _expect(name, "channels of a shard", outer[0], 3)
    sides = [check_side(side, MAX_LEVEL_SIDE, f"array {name} shard side") for side in outer[1:]]
    rows, columns = (side // tile for side in sides)
    whole = all(side % tile == 0 for side in sides)
    if not whole or not 1 <= rows * columns <= MAX_SHARD_TILES:
        raise ContainerError(
            f"array {name} shard: expected 1 to {MAX_SHARD_TILES} tiles of {tile}, got {outer}"
        )
    return rows, columns


def _expect(name: str, what: str, found: object, expected: object) -> None:
    if found != expected or isinstance(found, bool):
        raise ContainerError(f"array {name} {what}: expected {expected}, got {found!r:.60}")
