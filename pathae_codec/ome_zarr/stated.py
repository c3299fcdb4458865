"""What a PathAE OME-Zarr says to readers of OME-Zarr beside its levels: axes, units, colours.

Ours go by the slide record and the arrays; where both say the same, all show the same.
Spec: v1, OME-Zarr binding.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pathae_codec.geometry import Level
from pathae_codec.ome_zarr.arrays import array_file
from pathae_codec.ome_zarr.group import ZarrGroup, read_json
from pathae_codec.ome_zarr.metadata import AXES, group_attributes
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.storage.location import Storage

_DIMENSIONS = "_ARRAY_DIMENSIONS"
"""Where xarray looks for the names of axes."""


def stated_problems(
    storage: Storage, group: ZarrGroup, levels: tuple[Level, ...], record: SlideRecord
) -> Iterator[str]:
    """Return where the metadata of OME say something else than the record, or say too much.

    Scales are looked at elsewhere, see `scale_problems`.

    Args:
        storage: Of the group.
        group: As it was read.
        levels: As they were read.
        record: Of the group.

    Raises:
        ContainerError: A file of metadata is no JSON.
    """
    attributes = read_json(storage, group.file)
    ngff = "0.5" if group.version == 3 else "0.4"
    if group.version == 3:
        attributes = attributes["attributes"]
    expected = group_attributes(levels, record.mpp, ngff)
    found = attributes
    if group.version == 3:
        expected, found = expected["ome"], attributes["ome"]
        yield from _differs("ome version", found.get("version"), ngff)
    images = found["multiscales"]
    if len(images) != 1:
        yield f"ome multiscales: expected one image, found {len(images)}"
    yield from _image_problems(images[0], expected["multiscales"][0])
    if "omero" in found:
        yield from _colour_problems(found["omero"], expected["omero"])
    for name in group.array_names():
        yield from _axes_problems(storage, name, group.version)


def _image_problems(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    yield from _differs("ome axes", found.get("axes"), expected["axes"])
    if "coordinateTransformations" in found:
        yield "ome coordinateTransformations: expected none of the image, only of its levels"
    for level, dataset in enumerate(found["datasets"]):
        steps = dataset.get("coordinateTransformations")
        kinds = [step.get("type") for step in steps if isinstance(step, dict)]
        if len(steps) != 1 or kinds != ["scale"]:
            yield f"level {level}: expected one scale and no other transformation, got {kinds}"


def _colour_problems(found: object, expected: Mapping[str, Any]) -> Iterator[str]:
    channels = found.get("channels") if isinstance(found, dict) else None
    if not isinstance(channels, list) or len(channels) != len(AXES):
        yield "ome omero: expected the channels red, green and blue"
        return
    for number, (channel, wanted) in enumerate(zip(channels, expected["channels"], strict=True)):
        for key, value in wanted.items():
            stated = channel.get(key) if isinstance(channel, dict) else None
            yield from _differs(f"ome channel {number} {key}", stated, value)


def _axes_problems(storage: Storage, name: str, version: int) -> Iterator[str]:
    if version == 3:
        names = read_json(storage, f"{name}/{array_file(version)}").get("dimension_names")
    else:
        try:
            names = read_json(storage, f"{name}/.zattrs").get(_DIMENSIONS)
        except FileNotFoundError:
            return
    if names is not None:
        yield from _differs(f"array {name} names of axes", names, list(AXES))


def _differs(what: str, found: object, expected: object) -> Iterator[str]:
    if found != expected:
        yield f"{what}: expected {expected}, got {found!r:.200}"
