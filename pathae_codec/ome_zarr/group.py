"""The group of a PathAE OME-Zarr: record and levels' names. Spec: v1, OME-Zarr binding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose, isfinite
from typing import Any

from pathae_codec.bitstream.limits import MAX_LEVELS, MAX_RECORD_BYTES
from pathae_codec.errors import ContainerError, NotPathAEError
from pathae_codec.geometry import Level, grid_downsample
from pathae_codec.record.checks import parse_json
from pathae_codec.storage.location import Storage

Json = Mapping[str, Any]


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
        """Return the names of the levels' arrays, finest first.

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
        """Return the scale of y and of x of each level.

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


def group_file(version: int) -> str:
    """Return the name of the file that holds the attributes of a group."""
    return "zarr.json" if version == 3 else ".zattrs"


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
            metadata = read_json(storage, group_file(version))
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


def scale_problems(
    group: ZarrGroup, levels: tuple[Level, ...], mpp: tuple[float, float] | None
) -> Iterator[str]:
    """Return the levels whose scale is not that of the record's mpp and the level's size."""
    full_x, full_y = mpp or (1.0, 1.0)
    finest = levels[0].width, levels[0].height
    try:
        scales = group.scales()
    except ContainerError as error:
        yield str(error)
        return
    for level, (y, x) in zip(levels, scales, strict=True):
        # Levels lose up to a pixel a side to whole numbers.
        downsample = grid_downsample(finest, (level.width, level.height))
        for axis, found, full in (("x", x, full_x), ("y", y, full_y)):
            expected = full * downsample
            if not isclose(found, expected, rel_tol=0.05 if level.index else 1e-9):
                yield (
                    f"level {level.index} scale of {axis}: expected about {expected:g}, "
                    f"got {found:g}"
                )


def read_json(storage: Storage, name: str) -> dict[str, Any]:
    """Read a JSON object of a store.

    Raises:
        FileNotFoundError: There is nothing of that name.
        ContainerError: It is too long or no JSON object.
    """
    return parse_json(storage.read_whole(name, MAX_RECORD_BYTES), f"file {name}")


def _array_name(dataset: object) -> str:
    name = dataset.get("path") if isinstance(dataset, dict) else None
    if not isinstance(name, str) or not name.isascii() or not name.isalnum():
        raise ContainerError(
            f"multiscales path: expected the name of an array in the group, got {name!r:.60}"
        )
    return name
