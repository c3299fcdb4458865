"""What the tiles of a slide turned out to be: how many of each mode, the worst, the blanked."""

from dataclasses import dataclass
from typing import Any

from pathae_codec.fidelity import Floor
from pathae_codec.geometry import TileIndex


@dataclass(frozen=True)
class TilePlace:
    """A tile of a slide."""

    level: int
    index: TileIndex

    def as_json(self) -> dict[str, int]:
        """Return level, row and column."""
        return {"level": self.level, "row": self.index.row, "column": self.index.column}


@dataclass(frozen=True)
class Tally:
    """The tiles of a slide, counted.

    Attributes:
        modes: Tiles of each mode: `constant`, `latent`, `lossy` and `lossless` fallback tiles.
        rungs: Latent tiles of each quality.
        bytes: Of all tiles.
        kept: Tiles that touch a region which is kept.
        worst_psnr: The least PSNR in dB and where; None where none is known or all are exact.
        worst_error: The largest error of a sample and where; likewise.
        blanked: Tiles in which white stands for pixels that the source could not give.
    """

    modes: dict[str, int]
    rungs: dict[int, int]
    bytes: int
    kept: int
    worst_psnr: tuple[float, TilePlace] | None
    worst_error: tuple[int, TilePlace] | None
    blanked: tuple[TilePlace, ...]

    @property
    def is_lossy(self) -> bool:
        """Whether a tile lost anything."""
        return self.modes["latent"] + self.modes["lossy"] > 0

    def as_json(self, floor: Floor) -> dict[str, Any]:
        """Return the slide record's `tiles`. Spec: v1, section 6."""
        return {
            "min_psnr": floor.min_psnr,
            "max_error": floor.max_error,
            "modes": self.modes,
            "rungs": {str(rung): number for rung, number in self.rungs.items()},
            "kept": self.kept,
            "worst_psnr": _worst("psnr", self.worst_psnr),
            "worst_error": _worst("max_error", self.worst_error),
            "blanked": [place.as_json() for place in self.blanked],
        }


def _worst(name: str, found: tuple[float, TilePlace] | None) -> dict[str, float] | None:
    if found is None:
        return None
    # Rounded down: what a record says of the worst tile is held.
    value = found[0] if name == "max_error" else int(found[0] * 1000) / 1000
    return {name: value, **found[1].as_json()}
