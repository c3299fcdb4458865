"""What the tiles of a slide turned out to be: how many of each mode, the worst, the blanked."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

from pathae_codec.bitstream.header import Mode
from pathae_codec.codec.spool import SpoolEntry
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


def count_tiles(entries: Iterable[tuple[TilePlace, SpoolEntry]]) -> Tally:
    """Count the tiles of a slide."""
    modes, rungs = Counter[str](), Counter[int]()
    kept, size, blanked = 0, 0, []
    least: tuple[float, TilePlace | None] = (inf, None)
    most: tuple[int, TilePlace | None] = (0, None)
    for place, entry in entries:
        mode = _mode(entry)
        modes[mode] += 1
        rungs.update([entry.header.quality] if mode == "latent" else [])
        kept += entry.kept
        size += entry.size
        if entry.blanked:
            blanked.append(place)
        if entry.fidelity is not None:
            least = min(least, (entry.fidelity.psnr, place), key=lambda found: found[0])
            most = max(most, (entry.fidelity.max_error, place), key=lambda found: found[0])
    names = ("constant", "latent", "lossy", "lossless")
    return Tally(
        {name: modes[name] for name in names},
        dict(sorted(rungs.items())),
        size,
        kept,
        None if least[1] is None or least[0] == inf else (least[0], least[1]),
        None if most[1] is None or most[0] == 0 else (most[0], most[1]),
        tuple(blanked),
    )


def _mode(entry: SpoolEntry) -> str:
    match entry.header.mode:
        case Mode.CONSTANT:
            return "constant"
        case Mode.LATENT:
            return "latent"
    exact = entry.fidelity is None or entry.fidelity.max_error == 0
    return "lossless" if exact else "lossy"


def _worst(name: str, found: tuple[float, TilePlace] | None) -> dict[str, float] | None:
    if found is None:
        return None
    # Rounded down: what a record says of the worst tile is held.
    value = found[0] if name == "max_error" else int(found[0] * 1000) / 1000
    return {name: value, **found[1].as_json()}
