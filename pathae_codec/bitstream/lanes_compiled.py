"""The lanes of `lanes`, compiled: the same states, symbols and words, many times as fast.

Needs numba, the extra `fast`. Types are stated, so that there is one machine code of each function,
made by the first import and kept beside this file or in the user's cache; where neither can be
written to, as in containers, it is made by each process.

Compiled code does not check indices, so every one of them is in range by what the callers have
checked: symbols by the alphabet, sets by the number of sets, words by the bound here. The search
for a symbol ends because the frequencies of a set add up to 2**14.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import cast

import numpy as np
from numba import njit, types
from numba.core.typing.templates import Signature
from numpy.typing import NDArray

from pathae_codec.arrays import Symbols
from pathae_codec.bitstream import lanes as plain
from pathae_codec.bitstream.frequencies import BUCKET_BITS, PRECISION, TOTAL, SymbolLookup

_log = logging.getLogger(__name__)
LOW = plain.LOW
WORD_BITS = plain.WORD_BITS
States = NDArray[np.uint32]
Entries = NDArray[np.uint32]
Firsts = NDArray[np.int64]
Index = np.uint64
"""Signed indices are asked each time whether they count from the end: a quarter of the time."""


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


def _compiled(signature: Signature) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def compile_function(function: Callable[..., None]) -> Callable[..., None]:
        try:
            return cast("Callable[..., None]", njit(signature, nogil=True, cache=True)(function))
        except Exception as error:
            if not isinstance(error, RuntimeError | OSError):
                _tell_once(type(error).__name__)
            # No folder for the cache ("no locator available"), one that cannot be written, or what
            # is in it was cut off or is no machine code at all.
            return cast("Callable[..., None]", njit(signature, nogil=True)(function))

    return compile_function


@cache
def _tell_once(what: str) -> None:
    _log.warning(
        "the cache of compiled code cannot be read (%s); it is compiled anew. To be rid of this, "
        "empty NUMBA_CACHE_DIR or the folder __pycache__ of the package",
        what,
    )


_TABLE = types.uint32[::1]
_FIRSTS = types.int64[::1]
_STATES = types.uint32[:, ::1]


@_compiled(
    types.void(
        _TABLE,
        _TABLE,
        _FIRSTS,
        _STATES,
        types.Array(types.uint16, 2, "A", readonly=True),
        types.uint16[:, :, ::1],
        types.boolean[:, :, ::1],
    )
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
    positions = symbols.shape[1]
    for tile in range(tiles):
        for step in range((positions - 1) // lanes, -1, -1):
            first = step * lanes
            for lane in range(min(lanes, positions - first) - 1, -1, -1):
                entry = Index(firsts[tile]) + Index(symbols[tile, Index(first + lane)])
                frequency = Index(frequencies[entry])
                state = Index(states[tile, Index(lane)])
                words[tile, Index(step), Index(lane)] = state & Index(LOW - 1)
                if state >= frequency << Index(32 - PRECISION):
                    emitted[tile, Index(step), Index(lane)] = True
                    state >>= Index(WORD_BITS)
                quotient = state // frequency
                rest = state - quotient * frequency
                states[tile, Index(lane)] = (quotient << Index(PRECISION)) + rest + starts[entry]


@_compiled(
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
    )
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
    positions = symbols.shape[1]
    last = Index(len(words) - 1)
    for tile in range(tiles):
        cursor = Index(cursors[tile, 0])
        for first in range(0, positions, lanes):
            for lane in range(min(lanes, positions - first)):
                state = Index(states[tile, Index(lane)])
                slot = state & Index(TOTAL - 1)
                bucket = Index(first_buckets[tile]) + (slot >> Index(BUCKET_BITS))
                entry = Index(firsts[tile]) + Index(buckets[bucket])
                start, frequency = Index(starts[entry]), Index(frequencies[entry])
                while slot >= start + frequency:
                    entry += Index(1)
                    start, frequency = Index(starts[entry]), Index(frequencies[entry])
                symbols[tile, Index(first + lane)] = entry - Index(firsts[tile])
                state = frequency * (state >> Index(PRECISION)) + slot - start
                if state < Index(LOW):
                    state = (state << Index(WORD_BITS)) | Index(words[min(cursor, last)])
                    cursor += Index(1)
                states[tile, Index(lane)] = state
        cursors[tile, 0] = cursor
