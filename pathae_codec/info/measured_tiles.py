"""How near the tiles of a file are to its source, as they were measured when it was written."""

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from pathae_codec.record.ledger import EQUAL, NOT_MEASURED, Ledger, quality_psnr
from pathae_codec.record.tile_hash import describe_place

WORST = 3


@dataclass(frozen=True)
class MeasuredTiles:
    """The quality of tiles as a ledger states it; each PSNR in dB is rounded down to a quarter.

    Attributes:
        total: Tiles of all levels.
        equal: Of them, those whose every sample is that of the source.
        measured: Of them, those that were measured and differ.
        median: PSNR of these; None where there are none.
        worst: PSNR and place of the worst of these, the worst first.
    """

    total: int
    equal: int
    measured: int
    median: float | None
    worst: tuple[tuple[float, str], ...]

    def describe(self) -> str:
        """Return a line for people."""
        unmeasured = self.total - self.equal - self.measured
        words = [f"worst {psnr:g} dB at {place}" for psnr, place in self.worst[:1]]
        words += [f"then {psnr:g} dB at {place}" for psnr, place in self.worst[1:]]
        words += [] if self.median is None else [f"median {self.median:g} dB"]
        words += [f"{self.equal} equal to the source"] if self.equal else []
        words += [f"{unmeasured} not measured"] if unmeasured else []
        return "; ".join(words)

    def as_json(self) -> dict[str, Any]:
        """Return the same as JSON."""
        worst = [{"psnr": psnr, "place": place} for psnr, place in self.worst]
        return {
            "tiles": self.total,
            "equal": self.equal,
            "measured": self.measured,
            "median_psnr": self.median,
            "worst": worst,
        }


def measured_tiles(ledger: Ledger) -> MeasuredTiles:
    """Return what a ledger says of the quality of tiles."""
    differing = np.flatnonzero((ledger.quality != NOT_MEASURED) & (ledger.quality != EQUAL))
    order = differing[np.argsort(ledger.quality[differing], kind="stable")]
    values = [quality_psnr(int(value)) or inf for value in ledger.quality[order]]
    return MeasuredTiles(
        ledger.layout.total,
        int((ledger.quality == EQUAL).sum()),
        len(order),
        values[(len(values) - 1) // 2] if values else None,
        tuple(
            (psnr, describe_place(*ledger.layout.place(number)))
            for psnr, number in zip(values[:WORST], order[:WORST].tolist(), strict=True)
        ),
    )
