"""The marker segments of a JPEG before its first scan. ITU-T T.81, annex B."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
_SOS = 0xDA
BASELINE, EXTENDED = 0xC0, 0xC1
_FRAMES = {BASELINE, EXTENDED, 0xC2}
"""Baseline, extended and progressive DCT with Huffman coding."""


@dataclass(frozen=True)
class JpegFrame:
    """What the frame header of a JPEG says: bits a sample, sides in pixels, components."""

    precision: int
    height: int
    width: int
    components: int


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Return marker and content of each segment before the first scan; what is cut off is not."""
    place = len(SOI) if data[:2] == SOI else len(data)
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:  # Fill bytes.
            place += 1
            continue
        (length,) = unpack_from(">H", data, place + 2)
        if marker == _SOS or length < 2:
            return
        yield marker, data[place + 4 : place + 2 + length]
        place += 2 + length


def jpeg_frame(data: bytes) -> JpegFrame | None:
    """Return the frame header of a JPEG; None where it has none, or not one, of these processes."""
    frames = [
        JpegFrame(*unpack_from(">BHHB", content))
        for marker, content in jpeg_segments(data)
        if marker in _FRAMES and len(content) >= 6
    ]
    return frames[0] if len(frames) == 1 else None


def jpeg_process(data: bytes) -> int | None:
    """Return the marker of a JPEG's frame: its process; None where it has none of ours."""
    return next((marker for marker, _ in jpeg_segments(data) if marker in _FRAMES), None)


def chroma_sampling(data: bytes) -> tuple[int, int] | None:
    """Return by how much the chroma of a JPEG is coarser, across and down; None for one component.

    Args:
        data: Whole or abbreviated, with a frame header of three components.
    """
    for marker, content in jpeg_segments(data):
        if marker in _FRAMES and len(content) >= 15:
            luma, chroma = content[7], content[10]
            return (luma >> 4) // max(1, chroma >> 4), (luma & 15) // max(1, chroma & 15)
    return None


def with_tables(stream: bytes, tables: bytes) -> bytes:
    """Return an abbreviated JPEG stream as a whole one: the tables follow its first marker.

    Args:
        stream: As TIFF stores a tile.
        tables: As TIFF stores them for all tiles (JPEGTables, 347), SOI to EOI; may be empty.
    """
    return SOI + tables[len(SOI) : -len(EOI)] + stream[len(SOI) :] if tables else stream


def without_tables(whole: bytes, tables: bytes) -> bytes | None:
    """Return the stream of which `with_tables` gives the whole; None where there is none."""
    inner = tables[len(SOI) : -len(EOI)]
    if not tables:
        return whole
    if not whole.startswith(SOI + inner):
        return None
    return SOI + whole[len(SOI) + len(inner) :]
