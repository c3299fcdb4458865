"""Interleaved range asymmetric numeral systems (Duda 2013): symbols <-> payload, exactly.

Many tiles are coded in one call, channel by channel. How lanes advance over a channel is written
twice: in `lanes` with numpy, and in `lanes_compiled` with numba, taken where it is installed.
Spec: v1, section 4.2.

State: 32 bits, in [2**16, 2**32) between steps. Words: 16 bits. Probabilities: 14 bits.
Position p of a channel belongs to lane p mod lanes.
"""

import logging
from collections.abc import Sequence
from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Symbols
from pathae_codec.bitstream.frequencies import FrequencyTables
from pathae_codec.bitstream.lanes import LOW, Lanes
from pathae_codec.bitstream.lanes_check import same_as_plain
from pathae_codec.bitstream.limits import MAX_LANE_STEPS, MAX_LANES_LOG2, MAX_SYMBOLS_PER_BYTE
from pathae_codec.errors import PayloadError

_log = logging.getLogger(__name__)
STATE_BYTES = 4
WORD_BYTES = 2

TableSets = NDArray[np.intp]


@cache
def fastest_lanes() -> Lanes:
    """Import `lanes_compiled`, or `lanes` where numba is not installed or does not run.

    Nor is it taken where its machine code does something else: that may come from a cache.
    """
    try:
        compiled: Lanes = import_module("pathae_codec.bitstream.lanes_compiled")
    except ImportError:
        plain: Lanes = import_module("pathae_codec.bitstream.lanes")
        return plain
    if same_as_plain(compiled):
        return compiled
    _log.warning(
        "the compiled coder does not do what it should, maybe its cache is of another machine; "
        "decoding goes on without it, more slowly"
    )
    slow: Lanes = import_module("pathae_codec.bitstream.lanes")
    return slow


def choose_lanes_log2(information: int, positions: int, symbols: int) -> int:
    """Return the log2 of the lanes of a tile.

    They are 1 to 64 lanes whose states cost at most 2 % of the payload, or the more that a large
    tile needs lest a lane, or a byte of the payload, hold more than its limit of symbols.

    Args:
        information: Bytes that the symbols hold by their tables. States take some of it, two
            bytes a lane at most; words take the rest.
        positions: Symbols in each channel.
        symbols: Of all channels that have more than one.
    """
    lanes = max(1, information // (50 * STATE_BYTES))
    least_bytes = -(-symbols // MAX_SYMBOLS_PER_BYTE)
    for_bytes = min(-(-least_bytes // STATE_BYTES), -(-(least_bytes - information) // WORD_BYTES))
    least = max(-(-positions // MAX_LANE_STEPS), for_bytes, 1)
    return min(MAX_LANES_LOG2, max((least - 1).bit_length(), min(6, lanes.bit_length() - 1)))


def encode_symbols(
    symbols: Symbols, tables: FrequencyTables, sets: TableSets, lanes: int
) -> list[bytes]:
    """Encode the symbols of many tiles, one payload each.

    Args:
        symbols: uint16 (tiles, channels, positions), each below its channel's alphabet.
        tables: The table sets.
        sets: (tiles,), the table set of each tile.
        lanes: States that share the work within a tile: a power of two, 1 to 256.
    """
    tiles, channels, positions = symbols.shape
    steps = -(-positions // lanes)
    words = np.zeros((channels, tiles, steps, lanes), np.uint16)
    emitted = np.zeros((channels, tiles, steps, lanes), np.bool_)
    states = np.full((tiles, lanes), LOW, np.uint32)
    encode_channel = fastest_lanes().encode_channel
    for channel in reversed(range(channels)):
        lookup = tables.lookups[channel]
        if lookup is not None:
            encode_channel(
                lookup, sets, states, symbols[:, channel], words[channel], emitted[channel]
            )
    heads = states.astype("<u4")
    words = words.astype("<u2", copy=False)
    return [
        heads[tile].tobytes() + words[:, tile][emitted[:, tile]].tobytes() for tile in range(tiles)
    ]


def decode_symbols(
    payloads: Sequence[bytes], tables: FrequencyTables, sets: TableSets, positions: int, lanes: int
) -> Symbols:
    """Decode the payloads of many tiles; the exact inverse of `encode_symbols`.

    Args:
        payloads: One a tile, all of them written with these tables, positions and lanes.
        tables: The table sets.
        sets: (tiles,), the table set of each tile.
        positions: Symbols in each channel.
        lanes: States in each payload.

    Returns:
        uint16 (tiles, channels, positions).

    Raises:
        PayloadError: The bytes are not what `encode_symbols` writes for any symbols.
    """
    states, words, cursors, ends = _open_payloads(payloads, lanes)
    coded = positions * sum(lookup is not None for lookup in tables.lookups)
    _check_lengths(payloads, coded)
    tiles = len(payloads)
    symbols = np.zeros((tiles, len(tables.channels), positions), np.uint16)
    decode_channel = fastest_lanes().decode_channel
    for channel, lookup in enumerate(tables.lookups):
        if lookup is not None:
            decode_channel(lookup, sets, states, symbols[:, channel], words, cursors)
        # Bounds the work that a short hostile payload can ask for to one channel.
        if (cursors > ends).any():
            raise PayloadError("payload: expected more words, it ran out of them")
    if (states != LOW).any() or (cursors != ends).any():
        raise PayloadError("payload: expected to end with its states at rest, it did not")
    return symbols


def _check_lengths(payloads: Sequence[bytes], symbols: int) -> None:
    """Refuse a payload that is too short for the work that it asks for."""
    least = -(-symbols // MAX_SYMBOLS_PER_BYTE)
    shortest = min(map(len, payloads))
    if shortest < least:
        raise PayloadError(
            f"payload: expected {least} bytes or more for {symbols} symbols, got {shortest}"
        )


def _open_payloads(
    payloads: Sequence[bytes], lanes: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.int64], NDArray[np.int64]]:
    """Return the states (tiles, lanes), all words in one array, and each tile's place therein."""
    heads = lanes * STATE_BYTES
    for payload in payloads:
        if len(payload) < heads or len(payload) % WORD_BYTES:
            raise PayloadError(
                f"payload: expected {heads} bytes or more, an even number, got {len(payload)}"
            )
    states = np.stack([np.frombuffer(p, "<u4", lanes) for p in payloads]).astype(np.uint32)
    if (states < LOW).any():
        raise PayloadError(f"payload state: expected {LOW} or more, got {states.min()}")
    words = np.frombuffer(b"".join(p[heads:] for p in payloads) or b"\0\0", "<u2").astype(np.uint16)
    counts = np.array([[(len(p) - heads) // WORD_BYTES] for p in payloads], np.int64)
    ends = np.cumsum(counts, 0)
    return states, words, ends - counts, ends
