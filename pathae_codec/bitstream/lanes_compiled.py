"""The lanes of `lanes`, compiled: the same states, symbols and words, many times as fast.

Needs numba, the extra `fast`. Compiled code does not check indices, so every one of them is in
range by what the callers have checked: symbols by the alphabet or by the lookup, sets by the number
of sets, and words by the bound here.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from pathae_codec.bitstream import lanes as plain
from pathae_codec.bitstream.frequencies import PRECISION, TOTAL, SymbolLookup

LOW = plain.LOW
WORD_BITS = plain.WORD_BITS
Symbols = NDArray[np.uint16]
States = NDArray[np.uint32]
Entries = NDArray[np.uint32]


def encode_channel(
    lookup: SymbolLookup,
    sets: NDArray[np.intp],
    states: States,
    symbols: Symbols,
    words: NDArray[np.uint16],
    emitted: NDArray[np.bool_],
) -> None:
    """Take symbols into the states, as `lanes.encode_channel` does."""
    firsts = sets * lookup.alphabet
    _encode(lookup.frequencies, lookup.starts, firsts, states, symbols, words, emitted)


def decode_channel(
    lookup: SymbolLookup,
    sets: NDArray[np.intp],
    states: States,
    symbols: Symbols,
    words: NDArray[np.uint16],
    cursors: NDArray[np.int64],
) -> None:
    """Take symbols out of the states, as `lanes.decode_channel` does."""
    firsts = sets * lookup.alphabet
    _decode(
        lookup.symbols,
        lookup.frequencies,
        lookup.starts,
        sets * TOTAL,
        firsts,
        states,
        symbols,
        words,
        cursors,
    )


@njit(nogil=True, cache=True)
def _encode(
    frequencies: Entries,
    starts: Entries,
    firsts: NDArray[np.intp],
    states: States,
    symbols: Symbols,
    words: NDArray[np.uint16],
    emitted: NDArray[np.bool_],
) -> None:
    tiles, lanes = states.shape
    for tile in range(tiles):
        for position in range(symbols.shape[1] - 1, -1, -1):
            step, lane = position // lanes, position % lanes
            entry = firsts[tile] + symbols[tile, position]
            frequency = np.uint64(frequencies[entry])
            state = np.uint64(states[tile, lane])
            words[tile, step, lane] = state & np.uint64(LOW - 1)
            if state >= frequency << np.uint64(32 - PRECISION):
                emitted[tile, step, lane] = True
                state >>= np.uint64(WORD_BITS)
            quotient = state // frequency
            rest = state - quotient * frequency
            states[tile, lane] = (quotient << np.uint64(PRECISION)) + rest + starts[entry]


@njit(nogil=True, cache=True)
def _decode(
    lookup: Symbols,
    frequencies: Entries,
    starts: Entries,
    slots: NDArray[np.intp],
    firsts: NDArray[np.intp],
    states: States,
    symbols: Symbols,
    words: NDArray[np.uint16],
    cursors: NDArray[np.int64],
) -> None:
    tiles, lanes = states.shape
    last = len(words) - 1
    for tile in range(tiles):
        cursor = cursors[tile, 0]
        for position in range(symbols.shape[1]):
            lane = position & (lanes - 1)
            state = np.uint64(states[tile, lane])
            slot = state & np.uint64(TOTAL - 1)
            symbol = lookup[slots[tile] + np.int64(slot)]
            symbols[tile, position] = symbol
            entry = firsts[tile] + np.int64(symbol)
            state = np.uint64(frequencies[entry]) * (state >> np.uint64(PRECISION)) + slot
            state -= np.uint64(starts[entry])
            if state < np.uint64(LOW):
                state = (state << np.uint64(WORD_BITS)) | np.uint64(words[min(cursor, last)])
                cursor += 1
            states[tile, lane] = state
        cursors[tile, 0] = cursor
