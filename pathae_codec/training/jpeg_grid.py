"""Where the grid of an image's own JPEG history lies, measured: steps in chroma between blocks."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

GRID = 16
"""Pixels of a JPEG's largest unit: 8 of luma, 16 where chroma has half the resolution."""
CLEAR = 1.3
"""Steps at the grid against the median of the other phases. Sources without a history give 1.0 to
1.1 (rows of an interlaced camera 1.3), JPEG of quality 95 1.5 or more, of 75 2 to 5."""
_BLUE_DIFFERENCE = np.array([-0.168736, -0.331264, 0.5], np.float32)
"""Cb of ITU-R BT.601: coarser in JPEG than luma, and with few sharp borders of the tissue's own."""


def find_grid(pixels: Pixels) -> tuple[int, int] | None:
    """Return the first row and column, each 0 to 15, at which a unit of JPEG begins.

    None where no grid is seen in uint8 (H, W, 3). Where chroma is not subsampled, units are of 8,
    and one of the two in 16 is returned.
    """
    chroma = pixels @ _BLUE_DIFFERENCE
    found = [_phase(np.abs(np.diff(chroma, axis=axis)).mean(1 - axis)) for axis in (0, 1)]
    row, column = found
    return None if row is None or column is None else (row, column)


def _phase(steps: NDArray[np.floating[Any]]) -> int | None:
    if len(steps) < 2 * GRID:
        return None
    # steps[i] leads from i to i + 1.
    means = np.array([steps[(phase - 1) % GRID :: GRID].mean() for phase in range(GRID)])
    best = int(means.argmax())
    return best if means[best] > CLEAR * np.median(means) else None
