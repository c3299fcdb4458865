"""What a compressed tile says beside its picture: comments, metadata, bytes behind its end.

ITU-T T.81, annex B; ISO/IEC 15444-1, annex A.
"""

import re
from struct import unpack_from

from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import EOI, SOI

_SOS = 0xDA
_COMMENT, _APPLICATIONS = 0xFE, range(0xE0, 0xF0)
# A density and a kind of colours; JFIF's may hold a thumbnail, and is longer then.
_KNOWN = {0xE0: (b"JFIF\0", 14), 0xEE: (b"Adobe", 12)}
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_J2K_COMMENT, _J2K_TILE_PART = 0xFF64, 0xFF90
_J2K_WRITERS = re.compile(
    rb"Created by OpenJPEG version [\d.]+|Kakadu-v?[\d.]+"
    rb"|Kdu-Layer-Info: log_2\{Delta-D\([\w-]{3,20}\)/[\[\]\w^*()-]{8,24}\}, L\(bytes\)\n"
    rb"[-+\d.e, \n]*"
)
"""What the libraries write that made a stream: names and numbers of theirs."""


def says_more(stream: bytes, coding: StreamCoding) -> bool:
    """Say whether a stream holds anything that is neither picture nor what decoding it takes.

    Args:
        stream: Whole, with its tables.
        coding: What it is.
    """
    if coding is StreamCoding.JPEG_2000:
        return _jpeg2000_says_more(stream)
    place = len(SOI)
    while place + 4 <= len(stream) and stream[place] == 0xFF:
        marker = stream[place + 1]
        if marker == EOI[1]:
            return any(stream[place + 2 :])
        if marker == 0xFF:  # Fill bytes.
            place += 1
            continue
        end = place + 2 + unpack_from(">H", stream, place + 2)[0]
        if _is_text(marker, stream[place + 4 : end]):
            return True
        place = end
        if marker == _SOS:
            found = _NEXT_MARKER.search(stream, place)
            place = found.start() if found else len(stream)
    return not stream.rstrip(b"\0").endswith(EOI)


def _is_text(marker: int, content: bytes) -> bool:
    name, length = _KNOWN.get(marker, (b"", -1))
    known = content.startswith(name) and len(content) == length
    return marker == _COMMENT or (marker in _APPLICATIONS and not known)


def _jpeg2000_says_more(stream: bytes) -> bool:
    place = 2
    while place + 4 <= len(stream):
        marker, length = unpack_from(">HH", stream, place)
        if marker == _J2K_TILE_PART or length < 2:
            return False
        text = stream[place + 6 : place + 2 + length]
        if marker == _J2K_COMMENT and not _J2K_WRITERS.fullmatch(text.rstrip(b"\0")):
            return True
        place += 2 + length
    return False
