"""The lanes of many tiles over one channel, with numpy: one operation a step for all of them.

Spec: v1, section 4.2. In all functions:

- `sets` (tiles,) is the table set of each tile;
- `states` uint32 (tiles, lanes) are changed in place;
- `symbols` uint16 (tiles, positions) are those of the channel.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import PRECISION, TOTAL, SymbolLookup

LOW = 1 << 16
WORD_BITS = 16


class Lanes(Protocol):
    """How the lanes of many tiles advance over one channel: `lanes` or `lanes_compiled`.

    Both do the same, bit by bit.
    """

    def encode_channel(
        self,
        lookup: SymbolLookup,
        sets: NDArray[np.intp],
        states: NDArray[np.uint32],
        symbols: NDArray[np.uint16],
        words: NDArray[np.uint16],
        emitted: NDArray[np.bool_],
    ) -> None:
        """Take the channel's symbols into the states, from the last to the first."""

    def decode_channel(
        self,
        lookup: SymbolLookup,
        sets: NDArray[np.intp],
        states: NDArray[np.uint32],
        symbols: NDArray[np.uint16],
        words: NDArray[np.uint16],
        cursors: NDArray[np.int64],
    ) -> None:
        """Take the channel's symbols out of the states, from the first to the last."""


def encode_channel(
    lookup: SymbolLookup,
    sets: NDArray[np.intp],
    states: NDArray[np.uint32],
    symbols: NDArray[np.uint16],
    words: NDArray[np.uint16],
    emitted: NDArray[np.bool_],
) -> None:
    """Take symbols into the states, from the last to the first.

    Args:
        lookup: The channel's tables.
        sets: See above.
        states: See above.
        symbols: Each below the alphabet.
        words: uint16 (tiles, steps, lanes), filled in.
        emitted: bool (tiles, steps, lanes), filled in: whether the word was given up.
    """
    lanes, steps = states.shape[1], words.shape[1]
    entry_base = (sets * lookup.alphabet)[:, None]
    for step in reversed(range(steps)):
        entry = symbols[:, step * lanes : (step + 1) * lanes] + entry_base
        used = entry.shape[1]
        state = states[:, :used].astype(np.uint64)
        frequency = lookup.frequencies[entry].astype(np.uint64)
        # A state leaves room for its symbol by giving up its low word first.
        full = state >= frequency << np.uint64(32 - PRECISION)
        words[:, step, :used] = state & np.uint64(LOW - 1)
        emitted[:, step, :used] = full
        state = np.where(full, state >> np.uint64(WORD_BITS), state)
        quotient, rest = np.divmod(state, frequency)
        states[:, :used] = (quotient << np.uint64(PRECISION)) + rest + lookup.starts[entry]


def decode_channel(
    lookup: SymbolLookup,
    sets: NDArray[np.intp],
    states: NDArray[np.uint32],
    symbols: NDArray[np.uint16],
    words: NDArray[np.uint16],
    cursors: NDArray[np.int64],
) -> None:
    """Take symbols out of the states, from the first to the last.

    Args:
        lookup: The channel's tables.
        sets: See above.
        states: See above.
        symbols: Filled in.
        words: uint16, those of all tiles. A tile that runs past their end reads the last one again;
            the caller sees it by the cursors.
        cursors: (tiles, 1), the next word of each tile, changed in place.
    """
    lanes, positions = states.shape[1], symbols.shape[1]
    mask, precision = np.uint32(TOTAL - 1), np.uint32(PRECISION)
    low, word_bits = np.uint32(LOW), np.uint32(WORD_BITS)
    slot_base = (sets * TOTAL).astype(np.uint32)[:, None]
    entry_base = (sets * lookup.alphabet).astype(np.uint32)[:, None]
    for first in range(0, positions, lanes):
        state = states[:, : positions - first]
        slot = state & mask
        symbol = lookup.symbols.take(slot + slot_base)
        symbols[:, first : first + lanes] = symbol
        entry = symbol + entry_base
        state = lookup.frequencies.take(entry) * (state >> precision) + slot
        state -= lookup.starts.take(entry)
        starved = state < low
        taken = starved.cumsum(1)
        fresh = words.take(cursors + taken - 1, mode="clip")
        states[:, : positions - first] = np.where(starved, (state << word_bits) | fresh, state)
        cursors += taken[:, -1:]
