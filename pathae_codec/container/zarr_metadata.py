"""The metadata of a PathAE OME-Zarr, checked against its binding. Spec: v1, OME-Zarr binding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

from pathae_codec.bitstream.limits import MAX_LEVEL_SIDE, MAX_LEVELS, MAX_RECORD_BYTES
from pathae_codec.container.positioned_file import PositionedFile
from pathae_codec.container.record import check_side, is_mpp, parse_json
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
        file: The file that says all this.
    """

    record: object
    multiscale: Json
    version: int
    file: Path

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


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of at most `MAX_RECORD_BYTES`.

    Raises:
        ContainerError: There is no such file, or it is too long or no JSON object.
    """
    try:
        file = PositionedFile(path)
    except OSError as error:
        raise ContainerError(f"file {path.name}: cannot be read: {error.strerror}") from None
    try:
        if file.size > MAX_RECORD_BYTES:
            raise ContainerError(
                f"file {path.name}: expected {MAX_RECORD_BYTES} bytes at most, got {file.size}"
            )
        return parse_json(file.read(0, file.size), f"file {path.parent.name}/{path.name}")
    finally:
        file.close()


def read_group(root: Path) -> ZarrGroup:
    """Read the group of a slide, Zarr v3 or v2.

    Raises:
        NotPathAEError: There is none, or it is no PathAE slide.
        ContainerError: Its metadata break the binding.
    """
    v3, v2 = root / "zarr.json", root / ".zattrs"
    if v3.is_file():
        version, file, attributes = 3, v3, read_json(v3).get("attributes")
        image = attributes.get("ome") if isinstance(attributes, dict) else None
    elif v2.is_file():
        version, file, attributes = 2, v2, read_json(v2)
        image = attributes
    else:
        raise NotPathAEError(f"folder {root.name}: expected an OME-Zarr, found no group")
    if not isinstance(attributes, dict) or "pathae" not in attributes:
        raise NotPathAEError(f"folder {root.name}: expected a PathAE slide record, found none")
    multiscales = image.get("multiscales") if isinstance(image, dict) else None
    if not isinstance(multiscales, list) or not multiscales or not isinstance(multiscales[0], dict):
        raise ContainerError(f"folder {root.name}: expected one OME multiscale, found none")
    return ZarrGroup(attributes["pathae"], multiscales[0], version, file)


def read_array(folder: Path, version: int, tile: int) -> ZarrArray:
    """Read the metadata of a level.

    Args:
        folder: Of the array.
        version: Of Zarr, 3 or 2.
        tile: Side of a tile, as the slide record states.

    Raises:
        ContainerError: They break the binding.
    """
    metadata = read_json(folder / ("zarr.json" if version == 3 else ".zarray"))
    try:
        return (_array_v3 if version == 3 else _array_v2)(metadata, folder.name, tile)
    except FormatError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContainerError(
            f"array {folder.name}: missing or wrong member of its metadata: {error!r:.80}"
        ) from None


def scale_problems(multiscale: Json, levels: tuple[Level, ...], mpp: object) -> Iterator[str]:
    """Give the levels whose scale is not that of the record's mpp and the level's size."""
    # What is no mpp is a problem of the record, told there.
    x, y = mpp if is_mpp(mpp) else (1.0, 1.0)
    for level, dataset in zip(levels, multiscale["datasets"], strict=True):
        try:
            (transform,) = dataset["coordinateTransformations"]
            _, found_y, found_x = map(float, transform["scale"])
        except (KeyError, TypeError, ValueError):
            yield f"level {level.index} scale: expected one of c, y and x, found none"
            continue
        # Levels lose up to a pixel a side to whole numbers.
        for axis, found, full in (("x", found_x, x), ("y", found_y, y)):
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
