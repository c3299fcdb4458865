"""What a source slide gives: pixels, and what it says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import History

Rectangle = tuple[int, int, int, int]
"""Left, top, width and height."""
SOURCE_NAME = "file.name"
"""Of the entry of `SlideProperties.metadata` that is the source's own file name."""
UPRIGHT = 1
"""TIFF's Orientation of pixels that are stored as they are to be seen."""


@dataclass(frozen=True)
class SlideProperties:
    """What a slide says of itself; None where it says nothing. Nothing is ever guessed.

    Attributes:
        format: Short name of the source's format: `aperio`, `dicom`, `ome-tiff`, `tiff`, ...
        mpp: Microns per pixel of level 0, (x, y).
        magnification: Of the objective: 20.0 means 20x.
        icc_profile: As stored.
        compression: Of the source's level 0 as a short name (`JPEG`, `JPEG 2000`, ...).
        history: Lossy steps of level 0 so far, the oldest first.
        metadata: All else by name, as text: it can name patients, people, places and times.
        research_only: Whether an earlier PathAE step was made for research only.
        orientation: TIFF's Orientation of the stored pixels: 1 is upright. Readers of slides that
            `open_slide` gives turn them upright.
        bounds: The part of level 0 that was scanned, in its pixels; None for all of it.
        series: The image of a file of several that was asked for, counted from 0.
        crop: The part of the source's level 0, upright, that this slide is; None for all of it.
        supplied: Which of `mpp` and `magnification` a user supplied, since the source states none.
        notes: What a user should know of how the file was read.
    """

    format: str
    mpp: tuple[float, float] | None
    magnification: float | None
    icc_profile: bytes | None
    compression: str | None
    history: History = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    research_only: bool = False
    orientation: int = UPRIGHT
    bounds: Rectangle | None = None
    series: int | None = None
    crop: Rectangle | None = None
    supplied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class SlideReader(Protocol):
    """An open slide. Safe to read from several threads."""

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first."""
        ...

    @property
    def properties(self) -> SlideProperties:
        """What the slide says of itself."""
        ...

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3), all of it inside the level; transparency becomes white.

        Args:
            level: Index into `levels`.
            x: Left edge in pixels of that level (not of level 0).
            y: Upper edge, likewise.
            width: In pixels of that level.
            height: Likewise.

        Raises:
            SlideReadError: The file cannot give these pixels.
        """
        ...

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return label, macro and thumbnail as far as they are there, uint8 (H, W, 3)."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
