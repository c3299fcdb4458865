"""Whether other lanes do what `lanes` does: asked once, of code that a cache may have held."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream import lanes as plain
from pathae_codec.bitstream.frequencies import TOTAL, FrequencyTables

_TILES, _POSITIONS, _LANES = 2, 37, 4
_COUNTS = (9000, 5000, 2000, 380, 4)


def same_as_plain(lanes: plain.Lanes) -> bool:
    """Say whether lanes encode and decode a few symbols to what `lanes` makes of them."""
    try:
        expected, found = (_code(one) for one in (plain, lanes))
    except Exception:
        # Code of anything else may raise anything.
        return False
    return all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


def _code(lanes: plain.Lanes) -> tuple[NDArray[Any], ...]:
    """Return all that encoding and decoding change."""
    counts = np.array(_COUNTS, np.uint16)
    assert counts.sum() == TOTAL, "that is what frequencies add up to"
    (lookup,) = FrequencyTables((np.stack([counts, counts[::-1]]),)).lookups
    assert lookup is not None, "it has several symbols"
    sets = np.array([1, 0], np.intp)
    mixed = np.arange(_TILES * _POSITIONS).reshape(_TILES, _POSITIONS) ** 2 % 11
    symbols = (mixed % len(_COUNTS)).astype(np.uint16)
    states = np.full((_TILES, _LANES), plain.LOW, np.uint32)
    words = np.zeros((_TILES, -(-_POSITIONS // _LANES), _LANES), np.uint16)
    emitted = np.zeros(words.shape, np.bool_)
    lanes.encode_channel(lookup, sets, states, symbols, words, emitted)
    resting = states.copy()
    ends = emitted.sum((1, 2)).cumsum()[:, None].astype(np.int64)
    cursors = np.concatenate([np.zeros((1, 1), np.int64), ends[:-1]])
    decoded = np.zeros(symbols.shape, np.uint16)
    lanes.decode_channel(lookup, sets, states, decoded, words[emitted], cursors)
    return resting, words, emitted, decoded, states, cursors
