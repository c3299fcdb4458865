"""What a compressed image holds beside its picture: comments, metadata, bytes behind its end."""

import zlib
from collections.abc import Iterator

from pathae_codec.bitstream.jpeg_segments import SOI

Found = Iterator[tuple[str, bytes]]
_EOI, _SOS, _COMMENT, _TEMPORARY = 0xD9, 0xDA, 0xFE, 0x01
_RESTARTS = range(0xD0, 0xD8)
_NEEDED = {0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD}
"""Frames, Huffman and quantization tables, scans, restart intervals."""
_PLAIN = {(0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12)}
"""Marker, beginning and length of the segments that say how the samples are meant."""
_JXL_SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
_JXL_BOXES = {b"JXL ", b"ftyp", b"jxlc", b"jxlp", b"jxll"}


def jpeg_strays(data: bytes) -> Found:
    """Return comments, application segments and stray bytes of a JPEG, each with its place."""
    if data[:2] != SOI:
        yield "bytes", data
        return
    place, scanning = 2, False
    while place + 1 < len(data):
        marker = data[place + 1]
        if data[place] != 0xFF or (marker == 0 and scanning):
            following = data.find(b"\xff", place + 1 + (data[place] == 0xFF))
            end = following if following >= 0 else len(data)
            if not scanning:
                yield "bytes between segments", data[place:end]
            place = end
        elif marker == 0xFF:
            place += 1
        elif marker == _EOI:
            if any(data[place + 2 :]):
                yield "bytes behind its end", data[place + 2 :]
            return
        elif marker in _RESTARTS or marker in (0, _TEMPORARY):
            place += 2
        else:
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            content = data[place + 4 : place + 2 + length]
            if marker not in _NEEDED and not _is_plain(marker, content):
                yield _segment_name(marker), content
            scanning = scanning or marker == _SOS
            place += 2 + max(2, length)


def _is_plain(marker: int, content: bytes) -> bool:
    return any(
        marker == known and content.startswith(start) and len(content) == size
        for known, start, size in _PLAIN
    )


def _segment_name(marker: int) -> str:
    if marker == _COMMENT:
        return "comment"
    return f"APP{marker - 0xE0}" if 0xE0 <= marker <= 0xEF else f"segment {marker:#04x}"


def deflate_strays(data: bytes, size: int) -> Found:
    """Return what a deflated image holds beside its `size` bytes of samples."""
    unzip = zlib.decompressobj()
    try:
        samples = unzip.decompress(data, size + 1)
    except zlib.error:
        yield "bytes that do not inflate", data
        return
    if len(samples) > size or unzip.unconsumed_tail:
        yield "more samples than its picture has", samples[size:]
    if any(unzip.unused_data):
        yield "bytes behind its end", unzip.unused_data


def jpegxl_strays(data: bytes) -> Found:
    """Return the boxes of a JPEG XL file that hold no picture; a bare codestream has none."""
    if not data.startswith(_JXL_SIGNATURE):
        return
    place = 0
    while place + 8 <= len(data):
        size, kind = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        start = 8
        if size == 1:
            size, start = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        end = len(data) if size == 0 else place + max(size, start)
        if kind not in _JXL_BOXES:
            yield f"box {kind.decode('latin-1')}", data[place + start : end]
        place = end
