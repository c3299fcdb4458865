"""Tiles that a reader must refuse: wrong headers, wrong payloads."""

from collections.abc import Iterator
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from format_spec.v1.vectors.vector import MODEL, SETS_MODEL, Vector, case_file
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.bitstream.header import ImageCoding, Mode, TileHeader
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.model.artifact import ModelArtifact


def invalid_cases(model: ModelArtifact, sets: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that are tiles."""
    yield from _invalid_headers()
    yield from _invalid_payloads(model)
    yield from _invalid_table_sets(sets)
    yield from _invalid_images()


def _invalid(
    name: str, tile: bytes, error: str, tests: str, *rules: str, parameters: str = MODEL
) -> Vector:
    case = case_file(tests=tests, rules=list(rules), error=error, model=parameters)
    return Vector(f"invalid/{name}", {"tile.pae": tile, "case.json": case})


def _repair_crc(data: bytes) -> bytes:
    """Put the right CRC at the end of a changed tile bitstream."""
    return data[:-4] + crc32(data[:-4]).to_bytes(4, "little")


def _with(tile: bytes, offset: int, value: bytes) -> bytes:
    return _repair_crc(tile[:offset] + value + tile[offset + len(value) :])


def _invalid_headers() -> Iterator[Vector]:
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    latent = pack_tile(TileHeader(Mode.LATENT, 16, 24, 3, QUALITY, 0, 0, 4), b"\0\0\1\0")
    fallback = pack_tile(TileHeader(Mode.FALLBACK, 8, 8, 3, 0, 0, ImageCoding.JPEG_XL, 0), b"")
    fields = [
        ("magic", 1),
        ("version", 2),
        ("mode", 3),
        ("height", 5),
        ("width", 7),
        ("channels", 8),
    ]
    fields += [("quality", 9), ("table-set", 10), ("coding", 11), ("length", 15)]
    yield _invalid("truncated-empty", b"", "truncated", "no bytes at all", "R-3-truncated")
    for name, size in [*fields, ("header", 16), ("payload", 18), ("crc", len(white) - 1)]:
        tests = f"the bytes end in or before the field: {name}"
        yield _invalid(f"truncated-{name}", white[:size], "truncated", tests, "R-3-truncated")
    trailing = "trailing_bytes"
    yield _invalid("trailing-byte", white + b"\0", trailing, "a byte behind", "R-3-trailing")
    yield _invalid("trailing-tile", white * 2, trailing, "a tile behind the tile", "R-3-trailing")
    for name, magic in [("zero", b"\0\0"), ("swapped", b"\xae\x50"), ("jpeg", b"\xff\xd8")]:
        data = _with(white, 0, magic)
        yield _invalid(f"magic-{name}", data, "bad_magic", "another magic", "R-3.1-magic")
    for version in (0, 2, 255):
        data = _with(white, 2, bytes([version]))
        tests = f"version {version}"
        yield _invalid(f"version-{version}", data, "unsupported_version", tests, "R-3.1-version")
    bad: list[tuple[str, bytes, int, bytes, str]] = [
        ("mode-3", white, 3, b"\3", "R-3.1-range"),
        ("mode-4", white, 3, b"\4", "R-3.2-mode"),
        ("mode-255", white, 3, b"\xff", "R-3.2-mode"),
        ("height-zero", white, 4, b"\0\0", "R-3.1-range"),
        ("width-zero", white, 6, b"\0\0", "R-3.1-range"),
        ("height-4097", white, 4, b"\x01\x10", "R-8-beyond"),
        ("width-65535", white, 6, b"\xff\xff", "R-8-beyond"),
        ("channels-zero", white, 8, b"\0", "R-3.1-range"),
        ("channels-5", white, 8, b"\5", "R-8-beyond"),
        ("quality-101", latent, 9, b"\x65", "R-8-beyond"),
        ("quality-in-constant", white, 9, b"\1", "R-3.1-quality"),
        ("quality-in-fallback", fallback, 9, b"\1", "R-3.1-quality"),
        ("table-set-1", latent, 10, b"\1", "R-3.1-table-set"),
        ("lanes-log2-9", latent, 11, b"\x09", "R-8-beyond"),
        ("coding-in-constant", white, 11, b"\1", "R-3.1-range"),
        ("coding-fallback-0", fallback, 11, b"\0", "R-3.1-range"),
        ("coding-fallback-2", fallback, 11, b"\2", "R-3.1-range"),
        ("quality-absent", latent, 9, b"\x1e", "R-3.4-quality"),
        ("latent-height-9", latent, 4, b"\x09\0", "R-3.4-multiple"),
        ("latent-width-4", latent, 6, b"\4\0", "R-3.4-multiple"),
        ("latent-one-channel", latent, 8, b"\1", "R-3.4-channels"),
        ("latent-four-channels", latent, 8, b"\4", "R-3.4-channels"),
        ("lane-too-full", latent, 4, b"\0\2\x08\2", "R-4.2-lane-steps"),
    ]
    for name, tile, offset, value, rule in bad:
        data = _with(tile, offset, value)
        yield _invalid(name, data, "field_out_of_range", f"a header field: {name}", rule)
    rules = ("R-3.6-crc", "R-3.6-no-pixels")
    for name, place in [("header", 5), ("payload", 17), ("crc", len(white) - 1)]:
        changed = bytearray(white)
        changed[place] ^= 1
        tests = f"one bit of the {name} flipped"
        yield _invalid(f"crc-{name}", bytes(changed), "checksum_mismatch", tests, *rules)


def _repack(tile: bytes, payload: bytes) -> bytes:
    header, _ = unpack_tile(tile)
    return pack_tile(replace(header, payload_length=len(payload)), payload)


def _invalid_payloads(model: ModelArtifact) -> Iterator[Vector]:
    error = "invalid_payload"
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    for size in (0, 2, 4):
        data = _repack(white, b"\xff" * size)
        tests = f"{size} bytes for 3 channels"
        yield _invalid(f"constant-{size}-bytes", data, error, tests, "R-3.3-length")
    tile = latent_tile(model, draw_symbols(model, QUALITY, 16, 24, 3), QUALITY, 2)
    _, good = unpack_tile(tile)
    states, words = good[:8], good[8:]
    low = (0xFFFF).to_bytes(4, "little")
    bad: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "R-4.2-length"),
        "states-cut": (states[:6], "R-4.2-length"),
        "odd": (good + b"\0", "R-4.2-length"),
        "state-low": (low + good[4:], "R-4.2-state"),
        "state-zero": (states[:4] + b"\0\0\0\0" + words, "R-4.2-state"),
        "word-left": (good + b"\0\0", "R-4.2-rest"),
        "word-missing": (good[:-2], "R-4.2-words"),
        "no-words": (states, "R-4.2-words"),
        "state-changed": (bytes([good[0] ^ 1]) + good[1:], "R-4.2-rest"),
        "word-changed": (good[:-1] + bytes([good[-1] ^ 0x80]), "R-4.2-rest"),
    }
    for name, (payload, rule) in bad.items():
        yield _invalid(f"latent-{name}", _repack(tile, payload), error, f"payload: {name}", rule)


def _invalid_table_sets(model: ModelArtifact) -> Iterator[Vector]:
    tile = latent_tile(model, draw_symbols(model, 0, 16, 24, 3), 0, 1)
    data = _with(tile, 10, bytes([model.bottlenecks[0].tables.sets]))
    tests, rule = "a table set that the parameters do not have", "R-3.1-table-set"
    yield _invalid(
        "table-set-absent", data, "field_out_of_range", tests, rule, parameters=SETS_MODEL
    )
    white = encode_constant(np.full((16, 24, 3), 255, np.uint8))
    assert white is not None
    tests = "a table set in a constant tile"
    data = _with(white, 10, b"\1")
    yield _invalid("table-set-in-constant", data, "field_out_of_range", tests, rule)


def _image(pixels: NDArray[np.uint8]) -> bytes:
    return unpack_tile(encode_fallback(pixels))[1]


def _invalid_images() -> Iterator[Vector]:
    generator = np.random.default_rng(12)
    pixels = generator.integers(0, 256, (8, 8, 3), np.uint8)
    tile = encode_fallback(pixels)
    _, good = unpack_tile(tile)
    payloads = {
        "empty": b"",
        "garbage": bytes(range(64)),
        "signature-only": b"\xff\x0a",
        "cut": good[: len(good) // 2],
        "other-size": _image(pixels[:4]),
        "swapped-sides": _image(np.zeros((4, 16, 3), np.uint8)),
        "other-channels": _image(pixels[..., :1]),
        "too-large": _image(np.zeros((2048, 2048, 1), np.uint8)),
    }
    for name, payload in payloads.items():
        rules = ("R-3.5-image", "R-3.5-before-allocation")
        case = case_file(
            tests=f"JPEG XL: {name}", rules=list(rules), error="invalid_payload", model=MODEL
        )
        files = {"tile.pae": _repack(tile, payload), "case.json": case}
        yield Vector(f"invalid/image-{name}", files, free=True)
