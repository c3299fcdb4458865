"""One-dimensional K-means: Lloyd's algorithm on all values, exact in each step and deterministic.

Sorted values and their running sums give the mean between two thresholds at once, so that a step
costs a search for each codeword however many values there are. It starts where the density of
codewords is that of the values to the power 1/3 (Panter and Dite 1951), the best one at high rate.
"""

import numpy as np
from numpy.typing import NDArray

STEPS = 500
SETTLED = 1e-6
"""A step is the last one if no codeword moves by more than this share of the values' spread."""
CELLS = 2048
MARGIN = 0.5
"""Values of the start that each cell counts beside its own: no stretch stays empty."""

Values = NDArray[np.float32]


def fit_kmeans(values: Values, levels: int) -> tuple[Values, Values]:
    """Fit codewords and the thresholds half-way between them.

    Args:
        values: float32, any shape, finite, at least one.
        levels: Codewords to fit. Fewer come back where there are fewer different values.

    Returns:
        float32 (levels,) ascending, and float32 (levels - 1,).
    """
    ordered = np.sort(values, axis=None)
    sums = np.concatenate([[0.0], np.cumsum(ordered, dtype=np.float64)])
    words = _start(ordered, levels)
    spread = float(ordered[-1]) - float(ordered[0])
    for _ in range(STEPS):
        moved = _step(ordered, sums, words)
        settled = (
            len(moved) == len(words) and float(np.abs(moved - words).max()) <= SETTLED * spread
        )
        words = moved
        if settled:
            break
    codewords = words.astype(np.float32)
    return codewords, ((codewords[1:] + codewords[:-1]) / 2).astype(np.float32)


def _step(
    ordered: Values, sums: NDArray[np.float64], words: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move each codeword to the mean of its values; one without values goes."""
    inner = np.searchsorted(ordered, (words[1:] + words[:-1]) / 2)
    ends = np.concatenate([[0], inner, [len(ordered)]])
    counts = np.diff(ends)
    used = counts > 0
    means: NDArray[np.float64] = np.diff(sums[ends])[used] / counts[used]
    return means


def _start(ordered: Values, levels: int) -> NDArray[np.float64]:
    counts, edges = np.histogram(ordered, CELLS)
    density = np.cbrt(counts + MARGIN * (counts > 0))
    share = np.concatenate([[0.0], np.cumsum(density / density.sum())])
    words: NDArray[np.float64] = np.interp((np.arange(levels) + 0.5) / levels, share, edges)
    return np.unique(words)
