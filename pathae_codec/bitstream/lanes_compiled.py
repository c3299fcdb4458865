"""The lanes of `lanes`, compiled: the same states, symbols and words, many times as fast.

Needs numba, the extra `fast`. Types are stated, so that there is one machine code of each function,
made by the first import and kept beside this file or in the user's cache.

Compiled code does not check indices, so every one of them is in range by what the callers have
checked: symbols by the alphabet, sets by the number of sets, words by the bound here. The search
for a symbol ends because the frequencies of a set add up to 2**14.
"""

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

from pathae_codec.bitstream import lanes as plain
from pathae_codec.bitstream.frequencies import BUCKET_BITS, PRECISION, TOTAL, SymbolLookup

LOW = plain.LOW
WORD_BITS = plain.WORD_BITS
Symbols = NDArray[np.uint16]
States = NDArray[np.uint32]
Entries = NDArray[np.uint32]
Firsts = NDArray[np.int64]


def encode_channel(
    lookup: SymbolLookup,
    sets: NDArray[np.intp],
    states: States,
    symbols: Symbols,
    words: NDArray[np.uint16],
    emitted: NDArray[np.bool_],
) -> None:
    """Take symbols into the states, as `lanes.encode_channel` does."""
    firsts = sets.astype(np.int64) * lookup.alphabet
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
    sets = sets.astype(np.int64)
    _decode(
        lookup.buckets,
        lookup.frequencies,
        lookup.starts,
        sets * (TOTAL >> BUCKET_BITS),
        sets * lookup.alphabet,
        states,
        symbols,
        words,
        cursors,
    )


_TABLE = types.uint32[::1]
_FIRSTS = types.int64[::1]
_STATES = types.uint32[:, ::1]


@njit(
    types.void(
        _TABLE,
        _TABLE,
        _FIRSTS,
        _STATES,
        types.Array(types.uint16, 2, "A", readonly=True),
        types.uint16[:, :, ::1],
        types.boolean[:, :, ::1],
    ),
    nogil=True,
    cache=True,
)
def _encode(
    frequencies: Entries,
    starts: Entries,
    firsts: Firsts,
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


@njit(
    types.void(
        types.uint16[::1],
        _TABLE,
        _TABLE,
        _FIRSTS,
        _FIRSTS,
        _STATES,
        types.uint16[:, :],
        types.uint16[::1],
        types.int64[:, ::1],
    ),
    nogil=True,
    cache=True,
)
def _decode(
    buckets: Symbols,
    frequencies: Entries,
    starts: Entries,
    first_buckets: Firsts,
    firsts: Firsts,
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
            bucket = first_buckets[tile] + np.int64(slot >> np.uint64(BUCKET_BITS))
            entry = firsts[tile] + np.int64(buckets[bucket])
            start, frequency = np.uint64(starts[entry]), np.uint64(frequencies[entry])
            while slot >= start + frequency:
                entry += 1
                start, frequency = np.uint64(starts[entry]), np.uint64(frequencies[entry])
            symbols[tile, position] = entry - firsts[tile]
            state = frequency * (state >> np.uint64(PRECISION)) + slot - start
            if state < np.uint64(LOW):
                state = (state << np.uint64(WORD_BITS)) | np.uint64(words[min(cursor, last)])
                cursor += 1
            states[tile, lane] = state
        cursors[tile, 0] = cursor
