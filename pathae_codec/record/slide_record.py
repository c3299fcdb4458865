"""The slide record: what a container says of its slide, for people and tools. Spec: v1, section 6.

The one place that says what a record has. A field that a later version adds has the default None.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Self

from pathae_codec.bitstream.limits import MAX_LEVEL_SIDE, MAX_LEVELS, MAX_QUALITY, MAX_TILE_SIDE
from pathae_codec.errors import ContainerError, NotPathAEError, UnsupportedVersionError
from pathae_codec.record.json_object import JsonObject, Limits, read_fields
from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.record.tally import Tally

FORMAT, FORMAT_VERSION = "pathae", 1
RELIED_ON = {"tile", "levels", "icc_profile"}
"""What pixels are read and shown by: a file does not open where one of these is wrong."""
NO_ROOT = f"sha256:{'0' * 64}"
"""What stands in a record until the tiles are written."""
Identity = Annotated[str, Limits(pattern="^sha256:[0-9a-f]{64}$")]
Positive = Annotated[float, Limits(exclusiveMinimum=0)]
Orientation = Annotated[int, Limits(minimum=2, maximum=8)]
Count = Annotated[int, Limits(minimum=0)]
Side = Annotated[int, Limits(minimum=1, maximum=MAX_LEVEL_SIDE)]
Suppliable = Annotated[str, Limits(enum=["mpp", "magnification"])]
Sizes = Annotated[tuple[tuple[Side, Side], ...], Limits(minItems=1, maxItems=MAX_LEVELS)]


@dataclass(frozen=True)
class ModelReference(JsonObject):
    """The model that encoded a slide: name, identities, licence of the weights, where to get it.

    Its realism is what readers get that say nothing; None of a model with one face.
    """

    name: str
    decoder: Identity
    encoder: Identity
    license: str | None
    sources: tuple[str, ...]
    realism: Annotated[float, Limits(minimum=0, maximum=1, multipleOf=0.125)] | None = None


@dataclass(frozen=True)
class Source(JsonObject):
    """The file that was converted, and how it was read if that is not all of it as it lies there.

    Attributes:
        format: Short name: `aperio`, `dicom`, `tiff`, ...
        compression: Of its level 0; None where it is not known.
        series: The image or slide of several that was asked for, counted from 0.
        orientation: TIFF's tag 274 of pixels that were turned upright.
        crop: Left, top, width and height of the part of level 0, upright, that was taken.
        supplied: What a user supplied because the source does not state it.
        metadata: Texts by name, if they were asked for; they can name patients.
    """

    format: str
    compression: str | None
    series: Count | None = None
    orientation: Orientation | None = None
    crop: tuple[Count, Count, Count, Count] | None = None
    supplied: tuple[Suppliable, ...] | None = None
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class SlideRecord(JsonObject):
    """What a container says of its slide.

    Attributes:
        software: What wrote the file.
        address: Where its project is found; None where that has none.
        model: What encoded the slide.
        quality: The rung that was asked for.
        tile: Side of a tile in pixels.
        levels: Width and height of each, finest first; None in older files.
        tiles: What the tiles turned out to be; None where the writer did not count.
        root: See `root.slide_root`.
        conversion: A digest of the source and the settings; None where it was not converted.
        mpp: Microns per pixel of level 0, (x, y); None where the source has none.
        magnification: Of the objective; None where the source has none.
        source: What was converted.
        lossy_history: Lossy steps so far, the oldest first.
        research_only: Whether it is for research only; None means that it is.
        intended_use: A line for people.
        icc_profile: In base64; in an OME-Zarr only.
        problems: A line for each key that is wrong; its field is then empty, see `read_fields`.
    """

    software: str
    address: str | None = None
    model: ModelReference
    quality: Annotated[int, Limits(minimum=0, maximum=MAX_QUALITY)]
    tile: Annotated[int, Limits(minimum=1, maximum=MAX_TILE_SIDE)]
    levels: Sizes | None = None
    tiles: Tally | None = None
    root: Identity
    conversion: Identity | None = None
    mpp: tuple[Positive, Positive] | None
    magnification: Positive | None
    source: Source
    lossy_history: tuple[LossyStep, ...]
    research_only: bool | None = None
    intended_use: str
    icc_profile: Annotated[str, Limits(pattern="^[A-Za-z0-9+/]*={0,2}$")] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> bytes | None:
        """The ICC profile; ContainerError if it is no base64."""
        try:
            return base64.b64decode(self.icc_profile) if self.icc_profile is not None else None
        except ValueError as error:
            raise ContainerError(f"slide record icc_profile: expected base64: {error}") from None

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read a slide record with nothing taken on trust.

        What no tile is read by may be wrong: `problems` tells, and `sound` refuses.

        Args:
            value: Of JSON.

        Raises:
            NotPathAEError: It is no slide record.
            UnsupportedVersionError: A later version.
            ContainerError: One of `RELIED_ON` is not as the schema says.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise NotPathAEError(f"slide record: expected format {FORMAT}, got {value!r:.40}")
        version = value.get("version")
        if type(version) is not int or version != FORMAT_VERSION:
            raise UnsupportedVersionError(
                f"slide record version: expected {FORMAT_VERSION}, got {version!r:.20}; "
                "a newer pathae may read it"
            )
        keys = {key: stated for key, stated in value.items() if key not in ("format", "version")}
        arguments, wrong = read_fields(cls, keys)
        problems = {
            name: f"slide record {name}: not as the schema says: {value.get(name, 'nothing')!r:.40}"
            for name in arguments
            if name in wrong
        }
        for name in sorted(RELIED_ON & wrong):
            raise ContainerError(problems[name])
        further = arguments.pop("further") | {n: value[n] for n in problems if n in value}
        return cls(**arguments, further=further, problems=problems)

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON, as a container stores it; what was wrong stays as it was."""
        stated = super().as_json()
        for absent in self.problems.keys() - self.further.keys():
            del stated[absent]
        return {"format": FORMAT, "version": FORMAT_VERSION, **stated}

    def with_profile(self, profile: bytes | None) -> Self:
        """Return the record as an OME-Zarr holds it, with the slide's ICC profile."""
        return replace(self, icc_profile=base64.b64encode(profile).decode() if profile else None)

    def sound(self) -> Self:
        """Return the record, all of which is as the schema says.

        Raises:
            ContainerError: Something is not; the first is told.
        """
        for problem in self.problems.values():
            raise ContainerError(f"{problem}; pathae validate lists all that is wrong")
        return self
