"""Latents of training tiles -> quantizers, channel by channel, and sets of frequency tables.

Entropy-constrained scalar quantization (Chou, Lookabaugh and Gray 1989): the codeword of a symbol
is the mean of the latents that it stands for, and a threshold moves away from the cheaper symbol
by what its bits are worth in error. The table sets are those of clusters of tiles, a tile belonging
to the set that codes it with the fewest bits.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import FrequencyTables, ideal_bytes, normalize_counts
from pathae_codec.bitstream.limits import MAX_ALPHABET
from pathae_codec.model.artifact import Bottleneck
from pathae_codec.model.quantizer import Quantizer, quantize

ROUNDS = 4
ERROR_WEIGHT = 6 / np.log(2)
"""Bits that a squared error of one step is worth where the step is the best one: at high rate the
error is step**2 / 12 and the rate falls by log2(step), so the sum is least at weight 6 / ln 2."""
CLUSTER_ROUNDS = 12
POOLED_SHARE = 0.02
"""Weight of the counts of all tiles in those of a set: what a set has never seen stays possible."""
MARGIN = 0.15
"""Share of the seen range by which the alphabet goes beyond it, on each side."""

Values = NDArray[np.float32]


@dataclass(frozen=True)
class FittingLatents:
    """Latents to fit on, float32 (tiles, channels, h, w): sorted once, however many rungs."""

    values: Values

    @cached_property
    def channels(self) -> tuple[Values, ...]:
        """All values of each channel, ascending."""
        return tuple(np.sort(self.values[:, c], axis=None) for c in range(self.values.shape[1]))


def fit_bottleneck(latents: FittingLatents, gains: NDArray[np.float64], sets: int) -> Bottleneck:
    """Fit all channels at one quality.

    Args:
        latents: Of training tiles.
        gains: float64 (channels,), above 0: one over the step of each channel.
        sets: Table sets, at least 1.
    """
    pairs = zip(latents.channels, gains, strict=True)
    codewords, thresholds = zip(*(_fit_channel(o, float(g)) for o, g in pairs), strict=True)
    quantizer = Quantizer(tuple(codewords), tuple(thresholds))
    symbols = quantize(latents.values, quantizer)
    return Bottleneck(quantizer, _fit_tables(symbols, quantizer, sets))


def fitted_step(words: Values) -> float:
    """Return the step that a channel was fitted with; infinite for a single codeword.

    It is read off the end of the alphabet: the symbols of the margin were never seen, so their
    codewords are still a step apart.
    """
    return float(words[-1] - words[-2]) if len(words) > 1 else np.inf


def _fit_tables(symbols: NDArray[np.uint16], quantizer: Quantizer, sets: int) -> FrequencyTables:
    """Cluster the tiles; set 0 is that of the plainest ones."""
    alphabets = [len(words) for words in quantizer.codewords]
    counts = [_count(symbols[:, c], alphabet) for c, alphabet in enumerate(alphabets)]
    pooled = FrequencyTables(tuple(normalize_counts(n.sum(0))[None] for n in counts))
    if sets == 1:
        return pooled
    order = ideal_bytes(symbols, pooled)[:, 0].argsort().argsort()
    chosen = order * sets // len(symbols)
    for _ in range(CLUSTER_ROUNDS):
        tables = _tables_of(counts, chosen, sets)
        chosen = ideal_bytes(symbols, tables).argmin(1)
    return _tables_of(counts, chosen, sets)


def _count(symbols: NDArray[np.uint16], alphabet: int) -> NDArray[np.int64]:
    """Count the symbols of one channel in each tile: (tiles, alphabet)."""
    return np.stack([np.bincount(tile, minlength=alphabet) for tile in symbols])


def _tables_of(
    counts: list[NDArray[np.int64]], chosen: NDArray[np.intp], sets: int
) -> FrequencyTables:
    member = (chosen == np.arange(sets)[:, None]).astype(np.float64)
    # What all tiles say counts for as much as a share of an average cluster.
    member += POOLED_SHARE / sets
    return FrequencyTables(
        tuple(np.stack([normalize_counts(row) for row in member @ n]) for n in counts)
    )


def _fit_channel(ordered: Values, gain: float) -> tuple[Values, Values]:
    scaled = ordered * np.float32(gain)
    sums = np.concatenate([[0.0], np.cumsum(scaled, dtype=np.float64)])
    grid = _alphabet(float(scaled[0]), float(scaled[-1]))
    words, edges = grid.astype(np.float64), grid[1:] - 0.5
    for _ in range(ROUNDS):
        ends = np.concatenate([[0], np.searchsorted(scaled, edges), [len(scaled)]])
        counts = np.diff(ends)
        totals = np.diff(sums[ends])
        words = np.where(counts > 0, totals / np.maximum(counts, 1), words)
        bits = -np.log2((counts + 0.5) / (len(scaled) + 0.5 * len(counts)))
        edges = _thresholds(words, bits)
    return (words / gain).astype(np.float32), (edges / gain).astype(np.float32)


def _alphabet(low: float, high: float) -> NDArray[np.int64]:
    """Return the whole numbers from below the lowest to above the highest value seen."""
    spare = MARGIN * (high - low) + 1
    first, last = int(np.floor(low - spare)), int(np.ceil(high + spare))
    if round(low) == round(high) == 0:
        return np.array([0])
    return np.arange(first, min(last, first + MAX_ALPHABET - 1) + 1)


def _thresholds(words: NDArray[np.float64], bits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points at which two neighbouring symbols cost the same in error and bits."""
    gaps = np.maximum(np.diff(words), 1e-3)
    shift = np.diff(bits) / (2 * ERROR_WEIGHT * gaps)
    edges = (words[:-1] + words[1:]) / 2 + np.clip(shift, -0.3, 0.3)
    return np.maximum.accumulate(edges)
