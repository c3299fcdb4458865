"""Exact tiles: those that a reader must give back bit for bit, and those that it must refuse."""

from collections.abc import Iterator
from dataclasses import replace

from format_spec.v1.vectors.exact_streams import KINDS, SIDE, Streams
from format_spec.v1.vectors.vector import EXACT_MODEL, Vector, case_file, npy_file
from pathae_codec.bitstream.exact import decode_exact, encode_exact
from pathae_codec.bitstream.header import Mode, StreamCoding, TileHeader
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.model.artifact import ModelArtifact

_RULES = ["R-3.7-layout", "R-3.7-restored", "R-3.7-tables", "R-3.7-colours", "R-8-within"]
_HEAD = 2


def exact_cases(model: ModelArtifact, streams: Streams) -> Iterator[Vector]:
    """Return the vectors of `valid/` that are exact tiles."""
    for name, kind in KINDS.items():
        tile = _tile(model, streams, name)
        pixels = decode_exact(*unpack_tile(tile), model.jpeg_sets)
        stored = enumerate(streams[name].streams)
        case = case_file(
            tests=f"streams of the source: {kind.tests}",
            model=EXACT_MODEL,
            rules=_RULES,
            rms_error=0,
            peak_error=0,
        )
        files = {"tile.pae": tile, "pixels.npy": npy_file(pixels), "case.json": case}
        files |= {f"stream-{number}": one for number, one in stored if one is not None}
        yield Vector(f"valid/exact-{name}", files, free=True)


def invalid_exact_cases(model: ModelArtifact, streams: Streams) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that are exact tiles."""
    apart, parts = (_tile(model, streams, name) for name in ("rgb-apart", "parts"))
    jpeg_2000, own = (_tile(model, streams, name) for name in ("jpeg-2000", "own-codes"))
    header, payload = unpack_tile(apart)
    field, wrong = "field_out_of_range", "invalid_payload"

    def repacked(tile: bytes, body: bytes, **changed: int) -> bytes:
        was, _ = unpack_tile(tile)
        return _unchecked(replace(was, payload_length=len(body), **changed), body)

    def body(tile: bytes) -> bytes:
        return unpack_tile(tile)[1]

    codestream = body(apart)[_HEAD + 8 :]
    large = _as_large(codestream)
    markers = own_lengths(b"\0" * 193, codestream)
    bad: dict[str, tuple[bytes, str, str]] = {
        "coding-0": (_unchecked(replace(header, coding=0), payload), field, "R-3.1-range"),
        "coding-5": (_unchecked(replace(header, coding=5), payload), field, "R-3.1-range"),
        "channels-1": (_unchecked(replace(header, channels=1), payload), field, "R-3.7-channels"),
        "quality": (_unchecked(replace(header, quality=1), payload), field, "R-3.1-quality"),
        "set-absent": (repacked(apart, payload, table_set=3), field, "R-3.7-jpeg-set"),
        "empty": (repacked(apart, b""), wrong, "R-3.7-layout"),
        "rows-0": (repacked(apart, b"\0" + payload[1:]), wrong, "R-3.7-layout"),
        "rows-17": (repacked(apart, b"\x11" + payload[1:]), wrong, "R-3.7-layout"),
        "rows-3": (repacked(apart, b"\3" + payload[1:]), wrong, "R-3.7-layout"),
        "lengths-cut": (repacked(parts, body(parts)[:20]), wrong, "R-3.7-layout"),
        "lengths-short": (repacked(apart, payload + b"\0"), wrong, "R-3.7-lengths"),
        "lengths-long": (repacked(apart, payload[:-1]), wrong, "R-3.7-lengths"),
        "absent-with-data": (repacked(parts, _with_data(body(parts))), wrong, "R-3.7-absent"),
        "other-set": (repacked(apart, payload, table_set=2), wrong, "R-3.7-restored"),
        "other-tables": (repacked(own, body(own), table_set=0), wrong, "R-3.7-tables"),
        "garbage": (repacked(apart, own_lengths(b"", b"\xff\x0a" * 32)), wrong, "R-3.7-restored"),
        "no-codestream": (repacked(apart, own_lengths(b"", bytes(64))), wrong, "R-3.7-restored"),
        "markers": (repacked(apart, markers), wrong, "R-3.7-markers"),
        "too-large": (
            repacked(apart, own_lengths(b"", large)), wrong, "R-3.7-before-allocation"
        ),
        "other-size": (
            repacked(apart, payload, height=2 * SIDE, width=2 * SIDE), wrong, "R-3.7-stream"
        ),
        "grey-as-rgb": (
            repacked(_tile(model, streams, "grey"), body(_tile(model, streams, "grey")), coding=3),
            wrong,
            "R-3.7-stream",
        ),
        "jpeg-2000-size": (
            repacked(jpeg_2000, body(jpeg_2000), height=2 * SIDE, width=2 * SIDE),
            wrong,
            "R-3.7-stream",
        ),
        "jpeg-as-jpeg-2000": (
            repacked(apart, payload, coding=StreamCoding.JPEG_2000), wrong, "R-3.7-stream"
        ),
        "jpeg-2000-cut": (repacked(jpeg_2000, _cut(body(jpeg_2000))), wrong, "R-3.7-stream"),
    }  # fmt: skip
    for name, (tile, error, rule) in bad.items():
        tests = f"an exact tile: {name}"
        case = case_file(tests=tests, rules=[rule], error=error, model=EXACT_MODEL)
        files = {"tile.pae": tile, "case.json": case}
        yield Vector(f"invalid/exact-{name}", files, free=True)


def own_lengths(reconstruction: bytes, codestream: bytes) -> bytes:
    """Return the payload of one part."""
    lengths = (len(part).to_bytes(4, "little") for part in (reconstruction, codestream))
    return b"\1\1" + b"".join(lengths) + reconstruction + codestream


def _tile(model: ModelArtifact, streams: Streams, name: str) -> bytes:
    tile = encode_exact(streams[name], KINDS[name].side, model.jpeg_sets)
    assert tile is not None, name
    return tile


def _unchecked(header: TileHeader, payload: bytes) -> bytes:
    """Return a tile with a header that a writer refuses to write."""
    sound = pack_tile(TileHeader(Mode.CONSTANT, 1, 1, 1, 0, 0, 0, len(payload)), payload)
    sides = header.height.to_bytes(2, "little") + header.width.to_bytes(2, "little")
    rest = bytes((header.channels, header.quality, header.table_set, header.coding))
    body = sound[:3] + bytes((header.mode,)) + sides + rest + sound[12:-4]
    from zlib import crc32

    return body + crc32(body).to_bytes(4, "little")


def _with_data(payload: bytes) -> bytes:
    """Give the part without a stream one byte of reconstruction data."""
    place = _HEAD + 2 * 8
    lengths = payload[:place] + b"\1\0\0\0" + payload[place + 4 : _HEAD + 4 * 8]
    parts = payload[_HEAD + 4 * 8 :]
    size = int.from_bytes(payload[_HEAD + 12 : _HEAD + 16], "little")
    first = int.from_bytes(payload[_HEAD + 4 : _HEAD + 8], "little")
    return lengths + parts[: first + size] + b"\0" + parts[first + size :]


def _as_large(codestream: bytes) -> bytes:
    """Return a codestream whose header states 2^30 x 2^30 pixels, and not more."""
    bits, place = 0, 0
    for value, count in ((0, 1), (3, 2), (2**30 - 1, 30), (1, 3)):
        bits |= value << place
        place += count
    return codestream[:2] + bits.to_bytes(5, "little") + codestream[4:]


def _cut(payload: bytes) -> bytes:
    """Return the payload of one part with but the first 60 bytes of its codestream."""
    return own_lengths(b"", payload[_HEAD + 8 : _HEAD + 8 + 60])
