"""Integer frequency tables: the entropy model, exact on every machine.

A table gives each symbol of an alphabet a share of 2**14; a share is never zero. A tile is coded
with the table set that suits it best. The shares are stored, never computed from floating point by
a reader. Spec: v1, section 4.1.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_ALPHABET, MAX_TABLE_SETS
from pathae_codec.errors import ArtifactError

PRECISION = 14
TOTAL = 1 << PRECISION
BUCKET_BITS = 6
"""Slots are looked up by buckets of 64: a table of 256 buckets stays in the cache."""

Frequencies = NDArray[np.uint16]


def normalize_counts(counts: NDArray[np.integer]) -> Frequencies:
    """Turn counts of symbols into frequencies: each at least 1, their sum 2**14.

    Args:
        counts: Any non-negative integers, (alphabet,), at most 4096 of them.
    """
    weights: NDArray[np.float64] = np.asarray(counts, np.float64) + 1e-3
    spare = TOTAL - len(weights)
    shares = weights / weights.sum() * spare
    floors: NDArray[np.int64] = np.floor(shares).astype(np.int64)
    # Largest remainders take what rounding down has left; a stable sort makes it reproducible.
    order = np.argsort(floors - shares, kind="stable")
    floors[order[: spare - int(floors.sum())]] += 1
    return (floors + 1).astype(np.uint16)


@dataclass(frozen=True)
class FrequencyTables:
    """The table sets of one quality: each has one frequency table for each latent channel.

    Attributes:
        channels: For each channel the frequencies of its symbols 0, 1, ... in every set: uint16
            (sets, alphabet).
    """

    channels: tuple[Frequencies, ...]

    def __post_init__(self) -> None:
        for index, table in enumerate(self.channels):
            if table.ndim != 2 or not 1 <= table.shape[1] <= MAX_ALPHABET:
                raise ArtifactError(
                    f"channel {index} frequencies: expected (sets, 1 to {MAX_ALPHABET}), "
                    f"got {table.shape}"
                )
            if not 1 <= len(table) <= MAX_TABLE_SETS or len(table) != self.sets:
                raise ArtifactError(
                    f"channel {index} table sets: expected 1 to {MAX_TABLE_SETS}, the same in all "
                    f"channels, got {len(table)}"
                )
            sums = table.sum(1, dtype=np.int64)
            if table.min() < 1 or (sums != TOTAL).any():
                raise ArtifactError(
                    f"channel {index} frequencies: expected sums of {TOTAL} and none zero, "
                    f"got a sum of {sums[(sums != TOTAL).argmax()]} and a least of {table.min()}"
                )

    @property
    def sets(self) -> int:
        """How many table sets there are."""
        return len(self.channels[0])

    @cached_property
    def lookups(self) -> tuple["SymbolLookup | None", ...]:
        """How slots of 2**14 become symbols; None for a channel with a single symbol."""
        return tuple(_symbol_lookup(t) if t.shape[1] > 1 else None for t in self.channels)

    @cached_property
    def costs(self) -> NDArray[np.float32]:
        """Bits of each symbol of each channel, channel by channel: (sum of alphabets, sets)."""
        return (PRECISION - np.log2(np.concatenate(self.channels, 1).T)).astype(np.float32)


@dataclass(frozen=True)
class SymbolLookup:
    """Slots -> symbols -> frequencies and starts of one channel, the sets one after another.

    Attributes:
        alphabet: Symbols in a set.
        frequencies: uint32 (sets * alphabet,).
        starts: uint32 (sets * alphabet,), the first slot of each symbol.
        buckets: uint16 (sets * 2**8,), the symbol of the first slot of each bucket.
    """

    alphabet: int
    frequencies: NDArray[np.uint32]
    starts: NDArray[np.uint32]
    buckets: NDArray[np.uint16]

    @cached_property
    def symbols(self) -> NDArray[np.uint16]:
        """The symbol of every slot, uint16 (sets * 2**14,): 32 KiB a set, for who cannot search."""
        sets = len(self.frequencies) // self.alphabet
        ascending = np.tile(np.arange(self.alphabet, dtype=np.uint16), sets)
        return np.repeat(ascending, self.frequencies)


def _symbol_lookup(table: Frequencies) -> SymbolLookup:
    sets, alphabet = table.shape
    frequencies = table.ravel().astype(np.uint32)
    # Each set ends at a whole number of 2**14, so that all of them ascend as one.
    ends = np.cumsum(frequencies, dtype=np.uint32)
    entries = ends.searchsorted(np.arange(0, sets * TOTAL, 1 << BUCKET_BITS), side="right")
    buckets = entries % alphabet
    starts = (ends - frequencies) % np.uint32(TOTAL)
    return SymbolLookup(alphabet, frequencies, starts, buckets.astype(np.uint16))


def ideal_bytes(symbols: NDArray[np.uint16], tables: FrequencyTables) -> NDArray[np.float64]:
    """Return the information content of each tile by each table set: what no coder can beat.

    Args:
        symbols: uint16 (tiles, channels, positions).
        tables: At least one set.

    Returns:
        float64 (tiles, sets).
    """
    alphabets = [table.shape[1] for table in tables.channels]
    firsts = np.cumsum([0, *alphabets])
    places = symbols + firsts[:-1, None]
    counts = np.stack([np.bincount(tile.ravel(), minlength=firsts[-1]) for tile in places])
    return counts @ tables.costs.astype(np.float64) / 8
