"""Integer frequency tables: the entropy model, exact on every machine.

A table gives each symbol of an alphabet a share of 2**14; a share is never zero. The shares are
stored, never computed from floating point by a reader. Spec: v1, section 4.1.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_ALPHABET
from pathae_codec.errors import ArtifactError

PRECISION = 14
TOTAL = 1 << PRECISION

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
    """One frequency table for each latent channel.

    Attributes:
        channels: For each channel the frequencies of its symbols 0, 1, ...: uint16 (alphabet,).
    """

    channels: tuple[Frequencies, ...]

    def __post_init__(self) -> None:
        for index, table in enumerate(self.channels):
            if not 1 <= len(table) <= MAX_ALPHABET:
                raise ArtifactError(
                    f"channel {index} alphabet: expected 1 to {MAX_ALPHABET}, got {len(table)}"
                )
            if table.min() < 1 or int(table.sum(dtype=np.int64)) != TOTAL:
                raise ArtifactError(
                    f"channel {index} frequencies: expected a sum of {TOTAL} and none zero, "
                    f"got a sum of {table.sum(dtype=np.int64)} and a least of {table.min()}"
                )

    @cached_property
    def slots(self) -> tuple["SlotTable | None", ...]:
        """What a slot of 2**14 stands for; None for a channel with a single symbol."""
        return tuple(_slot_table(t) if len(t) > 1 else None for t in self.channels)

    @cached_property
    def starts(self) -> tuple[NDArray[np.uint64], ...]:
        """First slot of each symbol, uint64 (alphabet,)."""
        return tuple(_starts(table).astype(np.uint64) for table in self.channels)


@dataclass(frozen=True)
class SlotTable:
    """For each slot of 2**14: its symbol (uint16), its symbol's frequency, its place therein."""

    symbols: NDArray[np.uint16]
    frequencies: NDArray[np.uint32]
    offsets: NDArray[np.uint32]


def _starts(table: Frequencies) -> NDArray[np.int64]:
    return np.cumsum(table, dtype=np.int64) - table


def _slot_table(table: Frequencies) -> SlotTable:
    symbols = np.repeat(np.arange(len(table), dtype=np.uint16), table)
    offsets = np.arange(TOTAL, dtype=np.uint32) - _starts(table)[symbols].astype(np.uint32)
    return SlotTable(symbols, table[symbols].astype(np.uint32), offsets)


def ideal_bytes(symbols: NDArray[np.uint16], tables: FrequencyTables) -> NDArray[np.float64]:
    """Give the information content of each tile, (tiles,): what no coder can beat.

    Args:
        symbols: uint16 (tiles, channels, positions).
        tables: One frequency table a channel.
    """
    bits = np.zeros(len(symbols))
    for channel, table in enumerate(tables.channels):
        costs = PRECISION - np.log2(table)
        bits += costs[symbols[:, channel]].sum(1)
    return bits / 8
