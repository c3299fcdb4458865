"""Interleaved range asymmetric numeral systems (Duda 2013): symbols <-> payload, exactly.

Many tiles are coded in one call: the lanes of all tiles advance together, one numpy operation a
step, so that the cost of the interpreter is shared. Spec: v1, section 4.2.

State: 32 bits, in [2**16, 2**32) between steps. Words: 16 bits. Probabilities: 14 bits.
Channel by channel, position p of a channel belongs to lane p mod lanes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import PRECISION, TOTAL, FrequencyTables, SymbolLookup
from pathae_codec.bitstream.limits import MAX_LANE_STEPS
from pathae_codec.errors import PayloadError

LOW = 1 << 16
WORD_BITS = 16
STATE_BYTES = 4
WORD_BYTES = 2

Symbols = NDArray[np.uint16]
TableSets = NDArray[np.intp]


def choose_lanes_log2(payload_bytes: int, positions: int) -> int:
    """Give the log2 of the lanes of a tile.

    They are 1 to 64 lanes whose states cost at most 2 % of the payload, or the more that a large
    tile needs lest a lane hold more than its limit of symbols.
    """
    lanes = max(1, payload_bytes // (50 * STATE_BYTES))
    least = (-(-positions // MAX_LANE_STEPS) - 1).bit_length()
    return max(least, min(6, lanes.bit_length() - 1))


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
    words = np.zeros((channels, steps, tiles, lanes), np.uint16)
    emitted = np.zeros((channels, steps, tiles, lanes), np.bool_)
    states = np.full((tiles, lanes), LOW, np.uint64)
    for channel in reversed(range(channels)):
        table = tables.channels[channel]
        if table.shape[1] == 1:
            continue
        frequencies, starts = table.astype(np.uint64), tables.starts[channel]
        for step in reversed(range(steps)):
            now = symbols[:, channel, step * lanes : (step + 1) * lanes]
            used = now.shape[1]
            state, frequency = states[:, :used], frequencies[sets[:, None], now]
            # A state leaves room for its symbol by giving up its low word first.
            full = state >= frequency << np.uint64(32 - PRECISION)
            words[channel, step, :, :used] = state & np.uint64(0xFFFF)
            emitted[channel, step, :, :used] = full
            state = np.where(full, state >> np.uint64(WORD_BITS), state)
            quotient, rest = np.divmod(state, frequency)
            states[:, :used] = (
                (quotient << np.uint64(PRECISION)) + rest + starts[sets[:, None], now]
            )
    heads = states.astype("<u4")
    words = words.astype("<u2", copy=False)
    return [
        heads[tile].tobytes() + words[:, :, tile][emitted[:, :, tile]].tobytes()
        for tile in range(tiles)
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
    tiles = len(payloads)
    symbols = np.zeros((tiles, len(tables.channels), positions), np.uint16)
    for channel, lookup in enumerate(tables.lookups):
        if lookup is not None:
            _decode_channel(lookup, sets, states, words, cursors, symbols[:, channel])
        # Bounds the work that a short hostile payload can ask for to one channel.
        if (cursors > ends).any():
            raise PayloadError("payload: expected more words, it ran out of them")
    if (states != LOW).any() or (cursors != ends).any():
        raise PayloadError("payload: expected to end with its states at rest, it did not")
    return symbols


def _open_payloads(
    payloads: Sequence[bytes], lanes: int
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Give the states (tiles, lanes), all words in one array, and each tile's place therein."""
    heads = lanes * STATE_BYTES
    for payload in payloads:
        if len(payload) < heads or len(payload) % WORD_BYTES:
            raise PayloadError(
                f"payload: expected {heads} bytes or more, an even number, got {len(payload)}"
            )
    states = np.stack([np.frombuffer(p, "<u4", lanes) for p in payloads]).astype(np.uint32)
    if (states < LOW).any():
        raise PayloadError(f"payload state: expected {LOW} or more, got {states.min()}")
    words = np.frombuffer(b"".join(p[heads:] for p in payloads) or b"\0\0", "<u2")
    counts = np.array([[(len(p) - heads) // WORD_BYTES] for p in payloads], np.int64)
    ends = np.cumsum(counts, 0)
    return states, words.astype(np.uint32), ends - counts, ends


def _decode_channel(
    lookup: SymbolLookup,
    sets: TableSets,
    states: NDArray[np.uint32],
    words: NDArray[np.uint32],
    cursors: NDArray[np.int64],
    symbols: Symbols,
) -> None:
    """Advance states and cursors over one channel, in place, and fill in its symbols."""
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
        # A hostile payload may run past its words: clipped here, refused at the end.
        fresh = words.take(cursors + taken - 1, mode="clip")
        states[:, : positions - first] = np.where(starved, (state << word_bits) | fresh, state)
        cursors += taken[:, -1:]
