"""Tiles with two faults, of which the first by the order of checks is the reason.

And payloads whose only fault is how their lanes end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np

from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from format_spec.v1.vectors.vector import MODEL, Vector, case_file
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.frequencies import TOTAL
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.model.artifact import ModelArtifact

REST = 1 << 16


def order_cases(model: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that hold the order of checks."""
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    latent = latent_tile(model, draw_symbols(model, QUALITY, 16, 24, 3), QUALITY, 1)
    cut = _repacked(latent, unpack_tile(latent)[1][:-1])
    bad: dict[str, tuple[bytes, str, str]] = {
        "magic-length": (b"\xae", "bad_magic", "R-3.1-magic"),
        "length-version": (_set(white, (2, 2))[:9], "truncated", "R-3-truncated"),
        "version-mode": (_set(white, (2, 2), (3, 9)), "unsupported_version", "R-3.1-version"),
        "mode-field": (_set(white, (3, 9), (8, 9)), "field_out_of_range", "R-3.2-mode"),
        "field-length": (_set(white, (4, 0))[:-1], "field_out_of_range", "R-3.1-range"),
        "field-trailing": (_set(white, (4, 0)) + b"\0", "field_out_of_range", "R-3.1-range"),
        "length-crc": (_flip(white) + b"\0", "trailing_bytes", "R-3-trailing"),
        "truncated-crc": (_flip(white)[:-1], "truncated", "R-3-truncated"),
        "crc-payload": (_flip(_repacked(white, b"\1\2")), "checksum_mismatch", "R-3.6-crc"),
        "crc-quality": (_flip(_set(latent, (9, 30))), "checksum_mismatch", "R-3.6-crc"),
        "quality-payload": (_set(cut, (9, 30)), "field_out_of_range", "R-3.4-quality"),
        "multiple-payload": (_set(cut, (4, 17)), "field_out_of_range", "R-3.4-multiple"),
    }
    for name, (tile, error, rule) in bad.items():
        yield _invalid(f"order-{name}", tile, error, f"two faults at once: {name}", rule)
    yield from _ends(model)


def _ends(model: ModelArtifact) -> Iterator[Vector]:
    """Return payloads of sound symbols whose encoder did not begin with every state at rest."""
    symbols = draw_symbols(model, QUALITY, 16, 24, 3)
    tile = latent_tile(model, symbols, QUALITY, 2)
    states = {"first-lane": (REST + 1, REST), "last-lane": (REST, REST + 1)}
    for name, begin in states.items():
        payload = _encode(model, symbols.reshape(len(symbols), -1).tolist(), begin)
        tests = f"all words are taken, and a state is not 65536 at the end: {name}"
        bad = _repacked(tile, payload)
        yield _invalid(f"latent-rest-{name}", bad, "invalid_payload", tests, "R-4.2-rest")
    one = draw_symbols(model, QUALITY, 8, 8, 5)
    payload = _encode(model, one.reshape(len(one), -1).tolist(), (REST,), too_soon=True)
    assert int.from_bytes(payload[:4], "little") < REST
    tests = "a state below 65536 that decodes to the end"
    low = _repacked(latent_tile(model, one, QUALITY, 1), payload)
    yield _invalid("latent-state-low-to-the-end", low, "invalid_payload", tests, "R-4.2-state")


def _encode(
    model: ModelArtifact,
    symbols: Sequence[Sequence[int]],
    begin: Sequence[int],
    *,
    too_soon: bool = False,
) -> bytes:
    """Encode as section 4.2 of the specification says, but from any states.

    Args:
        model: Its tables are taken.
        symbols: Of each channel.
        begin: The states.
        too_soon: Whether the symbol that is decoded first gives up a word that it need not.
    """
    last, done = len(symbols[0]) * len(symbols) - 1, 0
    states, words = list(begin), b""
    for table, values in reversed(
        list(zip(model.bottlenecks[QUALITY].tables.channels, symbols, strict=True))
    ):
        frequencies = table[0].astype(int).tolist()
        for place in reversed(range(len(values))):
            lane, symbol = place % len(states), values[place]
            frequency, start = frequencies[symbol], sum(frequencies[:symbol])
            state = states[lane]
            if state >= frequency << 18 or (too_soon and done == last):
                words = (state % REST).to_bytes(2, "little") + words
                state //= REST
            done += 1
            states[lane] = state // frequency * TOTAL + state % frequency + start
    return b"".join(state.to_bytes(4, "little") for state in states) + words


def _set(tile: bytes, *changes: tuple[int, int]) -> bytes:
    changed = bytearray(tile)
    for place, value in changes:
        changed[place] = value
    return bytes(changed[:-4]) + crc32(changed[:-4]).to_bytes(4, "little")


def _flip(tile: bytes) -> bytes:
    return tile[:-1] + bytes([tile[-1] ^ 1])


def _repacked(tile: bytes, payload: bytes) -> bytes:
    header, _ = unpack_tile(tile)
    return pack_tile(replace(header, payload_length=len(payload)), payload)


def _invalid(name: str, tile: bytes, error: str, tests: str, rule: str) -> Vector:
    case = case_file(tests=tests, rules=[rule, "R-3-order"], error=error, model=MODEL)
    if rule.startswith("R-4.2"):
        case = case_file(tests=tests, rules=[rule], error=error, model=MODEL)
    return Vector(f"invalid/{name}", {"tile.pae": tile, "case.json": case})
