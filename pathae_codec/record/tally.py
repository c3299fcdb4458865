"""What the tiles of a slide turned out to be: how many of each mode, the worst, the blanked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pathae_codec.fidelity import Floor
from pathae_codec.geometry import TileIndex
from pathae_codec.record.json_object import JsonObject, Limits

COUNTED = ("constant", "latent", "lossy", "lossless")
"""Modes that every record counts; a record that does not count `exact` tiles has none."""
MODES = (*COUNTED, "exact")
Count = Annotated[int, Limits(minimum=0)]
Sample = Annotated[int, Limits(minimum=0, maximum=255)]


@dataclass(frozen=True)
class TilePlace(JsonObject):
    """A tile of a slide."""

    level: Count
    row: Count
    column: Count

    def __str__(self) -> str:
        return f"level {self.level}, row {self.row}, column {self.column}"

    @property
    def index(self) -> TileIndex:
        """Its place on the grid of its level."""
        return TileIndex(self.row, self.column)


@dataclass(frozen=True)
class LeastPsnr(JsonObject):
    """The least PSNR in dB and its tile; rounded down, so that what is stated holds."""

    psnr: float
    level: Count
    row: Count
    column: Count


@dataclass(frozen=True)
class LargestError(JsonObject):
    """The largest error of a sample and its tile."""

    max_error: Sample
    level: Count
    row: Count
    column: Count


@dataclass(frozen=True)
class Tally(JsonObject):
    """The tiles of a slide, counted.

    Attributes:
        min_psnr: The floor that each tile holds, in dB; None where none was set.
        max_error: Likewise, of a sample.
        modes: Tiles of each mode: `constant`, `latent`, `lossy` and `lossless` fallback tiles, and
            `exact` where there are any.
        rungs: Latent tiles of each quality, which is a decimal number.
        kept: Tiles that touch a region which is kept.
        worst_psnr: None where none is known or all are exact.
        worst_error: Likewise.
        blanked: Tiles in which white stands for pixels that the source could not give.
    """

    min_psnr: float | None
    max_error: Sample | None
    modes: Annotated[Mapping[str, Count], Limits(required=list(COUNTED))]
    rungs: Annotated[
        Mapping[str, Annotated[int, Limits(minimum=1)]],
        Limits(propertyNames={"pattern": "^[0-9]{1,3}$"}),
    ]
    kept: Count
    worst_psnr: LeastPsnr | None
    worst_error: LargestError | None
    blanked: tuple[TilePlace, ...]

    @property
    def floor(self) -> Floor:
        """What every tile holds."""
        return Floor(self.min_psnr, self.max_error)

    @property
    def is_lossless(self) -> bool:
        """Whether it was asked that nothing be lost."""
        return self.max_error == 0

    @property
    def is_lossy(self) -> bool:
        """Whether a tile lost anything."""
        return self.modes["latent"] + self.modes["lossy"] > 0


NOT_COUNTED = Tally(None, None, {}, {}, 0, None, None, ())
"""Of a file that states nothing of its tiles."""
