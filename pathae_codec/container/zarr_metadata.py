"""The metadata of a PathAE OME-Zarr, checked against its binding. Spec: v1, OME-Zarr binding."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose, isfinite
from typing import Any

from pathae_codec.bitstream.limits import (
    MAX_LEVEL_SIDE,
    MAX_LEVELS,
    MAX_RECORD_BYTES,
    MAX_TILE_SIDE,
)
from pathae_codec.configuration import parse_configuration
from pathae_codec.container.record import check_side, is_mpp, parse_json
from pathae_codec.container.storage import Storage
from pathae_codec.errors import ContainerError, FormatError, NotPathAEError
from pathae_codec.geometry import Level

Json = Mapping[str, Any]
MAX_SHARD_TILES = 2**16
_INDEX_CODECS = ["bytes", "crc32c"]


@dataclass(frozen=True)
class ZarrGroup:
    """The group of a slide.

    Attributes:
        record: The slide record, unchecked.
        multiscale: The one image of the group.
        version: Of Zarr, 3 or 2.
        identity: Of the file that says all this, see `Storage.identify`.
    """

    record: object
    multiscale: Json
    version: int
    identity: object

    @property
    def file(self) -> str:
        """The name of the file that says all this."""
        return group_file(self.version)

    def array_names(self) -> list[str]:
        """Give the names of the levels' arrays, finest first.

        Raises:
            ContainerError: Too many, or a name that leads out of the group.
        """
        datasets = self.multiscale.get("datasets")
        if not isinstance(datasets, list) or not 1 <= len(datasets) <= MAX_LEVELS:
            raise ContainerError(
                f"multiscales datasets: expected 1 to {MAX_LEVELS}, got {datasets!r:.40}"
            )
        return [_array_name(dataset) for dataset in datasets]

    def scales(self) -> list[tuple[float, float]]:
        """Give the scale of y and of x of each level.

        Raises:
            ContainerError: One has none, or none above zero.
        """
        scales = []
        for index, dataset in enumerate(self.multiscale["datasets"]):
            try:
                (transform,) = dataset["coordinateTransformations"]
                _, y, x = map(float, transform["scale"])
            except (KeyError, TypeError, ValueError, OverflowError):
                raise ContainerError(
                    f"level {index} scale: expected one of c, y and x, found none"
                ) from None
            if not (isfinite(x) and isfinite(y) and x > 0 and y > 0):
                raise ContainerError(f"level {index} scale: expected above zero, got {y}, {x}")
            scales.append((y, x))
        return scales

    def icc_profile(self) -> bytes | None:
        """Give the ICC profile of the record; None where there is none.

        Raises:
            ContainerError: It is no base64.
        """
        text = self.record.get("icc_profile") if isinstance(self.record, dict) else None
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except (ValueError, TypeError) as error:
            raise ContainerError(f"slide record icc_profile: expected base64: {error}") from None


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


def group_file(version: int) -> str:
    """Give the name of the file that holds the attributes of a group."""
    return "zarr.json" if version == 3 else ".zattrs"


def array_file(version: int) -> str:
    """Give the name of the file that holds the metadata of an array."""
    return "zarr.json" if version == 3 else ".zarray"


def read_group(storage: Storage, root: str) -> ZarrGroup:
    """Read the group of a slide, Zarr v3 or v2.

    Args:
        storage: Of the group.
        root: Its name, for messages.

    Raises:
        NotPathAEError: There is none, or it is no PathAE slide.
        ContainerError: Its metadata break the binding.
    """
    for version in (3, 2):
        try:
            # Before its bytes: another group that takes its place meanwhile is noticed then.
            identity = storage.identify(group_file(version))
            metadata = _read_json(storage, group_file(version))
        except FileNotFoundError:
            continue
        break
    else:
        raise NotPathAEError(f"folder {root}: expected an OME-Zarr, found no group")
    attributes = metadata.get("attributes") if version == 3 else metadata
    if not isinstance(attributes, dict) or "pathae" not in attributes:
        raise NotPathAEError(f"folder {root}: expected a PathAE slide record, found none")
    image = attributes.get("ome") if version == 3 else attributes
    multiscales = image.get("multiscales") if isinstance(image, dict) else None
    if not isinstance(multiscales, list) or not multiscales or not isinstance(multiscales[0], dict):
        raise ContainerError(f"folder {root}: expected one OME multiscale, found none")
    return ZarrGroup(attributes["pathae"], multiscales[0], version, identity)


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


def read_associated_size(storage: Storage, array: str, version: int) -> tuple[int, int]:
    """Read the height and the width of an associated image, which is one chunk.

    Raises:
        ContainerError: The array is not there, or breaks the binding.
    """
    metadata = _read_metadata(storage, array, version)
    try:
        channels, *sides = metadata["shape"]
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong_member(array, error) from None
    _expect(array, "channels", channels, 3)
    _expect(array, "axes", len(sides), 2)
    height, width = (check_side(side, MAX_TILE_SIDE, f"array {array} side") for side in sides)
    return height, width


def same_parameters(arrays: list[ZarrArray]) -> bytes:
    """Give the codec parameters of all levels.

    Raises:
        ContainerError: Not the same in all.
        FormatError: See `parse_configuration`.
    """
    first = arrays[0].configuration
    for index, array in enumerate(arrays):
        if array.configuration != first:
            raise ContainerError(
                f"level {index} codec configuration: expected that of level 0, got another"
            )
    if not isinstance(first, dict):
        raise ContainerError(f"codec configuration: expected an object, got {first!r:.20}")
    return parse_configuration(first)


def _wrong_member(array: str, error: Exception) -> ContainerError:
    return ContainerError(f"array {array}: missing or wrong member of its metadata: {error!r:.80}")


def _read_json(storage: Storage, name: str) -> dict[str, Any]:
    return parse_json(storage.read_whole(name, MAX_RECORD_BYTES), f"file {name}")


def _read_metadata(storage: Storage, array: str, version: int) -> dict[str, Any]:
    name = f"{array}/{array_file(version)}"
    try:
        return _read_json(storage, name)
    except FileNotFoundError:
        raise ContainerError(f"file {name}: cannot be read: it is not there") from None


def scale_problems(group: ZarrGroup, levels: tuple[Level, ...], mpp: object) -> Iterator[str]:
    """Give the levels whose scale is not that of the record's mpp and the level's size."""
    # What is no mpp is a problem of the record, told there.
    full_x, full_y = mpp if is_mpp(mpp) else (1.0, 1.0)
    try:
        scales = group.scales()
    except ContainerError as error:
        yield str(error)
        return
    for level, (y, x) in zip(levels, scales, strict=True):
        # Levels lose up to a pixel a side to whole numbers.
        for axis, found, full in (("x", x, full_x), ("y", y, full_y)):
            expected = full * level.downsample
            if not isclose(found, expected, rel_tol=0.05):
                yield (
                    f"level {level.index} scale of {axis}: expected about {expected:g}, "
                    f"got {found:g}"
                )


def _array_name(dataset: object) -> str:
    name = dataset.get("path") if isinstance(dataset, dict) else None
    if not isinstance(name, str) or not name.isascii() or not name.isalnum():
        raise ContainerError(
            f"multiscales path: expected the name of an array in the group, got {name!r:.60}"
        )
    return name


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
