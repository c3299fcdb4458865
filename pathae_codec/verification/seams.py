"""Steps across tile borders against steps inside tiles: does one see the grid?

A step is the mean absolute difference of the samples of two neighbouring pixels on either side of a
line. Lines inside tiles are those at multiples of 32 that are no borders: they lie on the same
phase of a network's grids. Both are divided by the steps of the source at the same places; a
border's part over the inside's is the ratio, and 1.00 is a grid that cannot be seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import TileIndex

SPACING = 32
"""Pixels between two lines."""


def steps_between(left: Pixels, right: Pixels) -> NDArray[np.float64]:
    """Return the steps between uint8 (..., 3) and its neighbours: (...)."""
    difference = np.subtract(left, right, dtype=np.int16)
    steps: NDArray[np.float64] = np.abs(difference).mean(-1)
    return steps


def steps_across(image: Pixels) -> NDArray[np.float64]:
    """Return the steps across the lines between columns 31|32, 63|64, ...: (H, lines)."""
    return steps_between(image[:, SPACING - 1 : -1 : SPACING], image[:, SPACING::SPACING])


@dataclass(frozen=True)
class Steps:
    """Steps of the coded picture over those of the source: across borders, inside."""

    border: float
    inside: float

    @property
    def ratio(self) -> float:
        """How much larger a step is for lying on a border."""
        return self.border / self.inside


@dataclass(frozen=True)
class _Edges:
    """The last column or row of a tile, of the source and as decoded: uint8 (n, 3)."""

    original: Pixels
    decoded: Pixels


class SeamMeter:
    """The steps of one level, from tiles that come row by row; holds one row of edges.

    Attributes:
        borders: Borders between two tiles that were both seen.
    """

    def __init__(self) -> None:
        self.borders = 0
        self._row = 0
        self._right: tuple[TileIndex, _Edges] | None = None
        self._bottom: dict[TileIndex, _Edges] = {}
        # Sums of steps and their number: decoded, source.
        self._at_border = np.zeros(2)
        self._inside = np.zeros(2)

    def add(self, index: TileIndex, original: Pixels, decoded: Pixels) -> None:
        """Take the visible pixels of a tile; rows of tiles ascend, and columns within a row."""
        for a, b in ((original, decoded), (original.swapaxes(0, 1), decoded.swapaxes(0, 1))):
            self._inside += (steps_across(b).sum(), steps_across(a).sum())
        if index.row != self._row:
            self._row = index.row
            self._bottom = {i: e for i, e in self._bottom.items() if i.row >= index.row - 1}
        left = TileIndex(index.row, index.column - 1)
        if self._right is not None and self._right[0] == left:
            self._meet(self._right[1], original[:, 0], decoded[:, 0])
        above = self._bottom.pop(TileIndex(index.row - 1, index.column), None)
        if above is not None:
            self._meet(above, original[0], decoded[0])
        # Copies: a view would hold the whole tile.
        self._right = index, _Edges(original[:, -1].copy(), decoded[:, -1].copy())
        self._bottom[index] = _Edges(original[-1].copy(), decoded[-1].copy())

    def steps(self) -> Steps | None:
        """Return the steps, if there was a border and the source varies at both kinds of place."""
        if not (self.borders and self._at_border[1] and self._inside[1]):
            return None
        return Steps(
            float(self._at_border[0] / self._at_border[1]),
            float(self._inside[0] / self._inside[1]),
        )

    def _meet(self, before: _Edges, original: Pixels, decoded: Pixels) -> None:
        self.borders += 1
        self._at_border += (
            steps_between(before.decoded, decoded).sum(),
            steps_between(before.original, original).sum(),
        )
