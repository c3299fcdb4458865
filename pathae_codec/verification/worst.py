"""The worst tiles, each with the part of it that is worst."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.record.tally import TilePlace
from pathae_codec.verification.figures import TileFigures

WORST = 8
PART_SIDE = 256
_STEP = 32


@dataclass(frozen=True)
class WorstTile:
    """A tile and the part of it, up to 256 x 256 pixels, that differs most.

    Attributes:
        place: The tile.
        figures: Of the whole tile.
        x, y: Of the part, in pixels of the level.
        original, decoded: The part, uint8 (h, w, 3).
    """

    place: TilePlace
    figures: TileFigures
    x: int
    y: int
    original: Pixels
    decoded: Pixels


class WorstTiles:
    """Holds the tiles of the least PSNR that were shown to it."""

    def __init__(self, count: int = WORST) -> None:
        self._count = count
        # By PSNR, the best first; the number keeps equal ones apart.
        self._heap: list[tuple[float, int, WorstTile]] = []
        self._shown = 0

    def show(
        self,
        place: TilePlace,
        corner: tuple[int, int],
        figures: TileFigures,
        original: Pixels,
        decoded: Pixels,
    ) -> None:
        """Take a tile if it is among the worst; an exact one never is.

        Args:
            place: Of the tile.
            corner: Its x and y in pixels of the level.
            figures: Of its visible pixels.
            original: The source's, uint8 (H, W, 3).
            decoded: The file's, likewise.
        """
        psnr = figures.fidelity.psnr
        full = len(self._heap) == self._count
        if not figures.squares or (full and psnr >= -self._heap[0][0]):
            return
        top, left = _worst_corner(original, decoded)
        part = slice(top, top + PART_SIDE), slice(left, left + PART_SIDE)
        tile = WorstTile(
            place,
            figures,
            corner[0] + left,
            corner[1] + top,
            original[part].copy(),
            decoded[part].copy(),
        )
        self._shown += 1
        (heapq.heappushpop if full else heapq.heappush)(self._heap, (-psnr, -self._shown, tile))

    def ranked(self) -> tuple[WorstTile, ...]:
        """Return the tiles that are kept, the worst first."""
        return tuple(tile for _, _, tile in sorted(self._heap, key=lambda held: held[:2])[::-1])


def _worst_corner(original: Pixels, decoded: Pixels) -> tuple[int, int]:
    """Return the upper left corner of the part with the largest squared error, in steps of 32."""
    squares = np.square(np.subtract(original, decoded, dtype=np.int16), dtype=np.int32).sum(2)
    total = np.zeros((squares.shape[0] + 1, squares.shape[1] + 1), np.int64)
    total[1:, 1:] = squares.cumsum(0, dtype=np.int64).cumsum(1)
    tops, lefts = (_corners(side) for side in squares.shape)
    bottoms, rights = tops + min(PART_SIDE, len(squares)), lefts + min(PART_SIDE, squares.shape[1])
    sums = (
        total[np.ix_(bottoms, rights)]
        - total[np.ix_(tops, rights)]
        - total[np.ix_(bottoms, lefts)]
        + total[np.ix_(tops, lefts)]
    )
    row, column = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(tops[row]), int(lefts[column])


def _corners(side: int) -> NDArray[np.intp]:
    last = max(0, side - PART_SIDE)
    return np.append(np.arange(0, last, _STEP), last)
