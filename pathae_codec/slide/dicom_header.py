"""The first elements of a DICOM file: what it is, and which series it belongs to.

DICOM PS3.5, 7.1, and PS3.10, 7.1. OpenSlide reads the slides; this only tells its files apart.
"""

from dataclasses import dataclass
from pathlib import Path
from struct import error as StructError
from struct import unpack_from

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
"""SOP class of VL Whole Slide Microscopy Image Storage."""
_READ = 1 << 20
_PREAMBLE, _MAGIC = 128, b"DICM"
_IMPLICIT, _UNREADABLE = "1.2.840.10008.1.2", ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2")
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
_META_GROUP, _SYNTAX = 0x0002, (0x0002, 0x0010)
_CLASS, _SERIES = (0x0008, 0x0016), (0x0020, 0x000E)
_ITEM, _ITEM_END, _SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
_UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class DicomHeader:
    """What a file of DICOM is: UIDs of its SOP class and its series."""

    sop_class: str
    series: str


def read_dicom_header(path: Path) -> DicomHeader | None:
    """Read a file's header; None for a file that is no DICOM, or none that this can read."""
    try:
        with path.open("rb") as file:
            if file.read(_PREAMBLE + len(_MAGIC))[_PREAMBLE:] != _MAGIC:
                return None
            return _parse(file.read(_READ))
    except (OSError, StructError, ValueError, RecursionError):
        return None


def _parse(data: bytes) -> DicomHeader | None:
    place, implicit = 0, False
    found: dict[tuple[int, int], str] = {}
    while len(found) < 2 and place + 8 <= len(data):
        tag: tuple[int, int] = unpack_from("<HH", data, place)
        if tag[0] != _META_GROUP and tag > _SERIES:
            break
        start, length = _value(data, place, implicit=implicit and tag[0] != _META_GROUP)
        if length == _UNDEFINED:
            place = _behind_sequence(data, start, implicit)
            continue
        if tag in (_SYNTAX, _CLASS, _SERIES):
            text = data[start : start + length].rstrip(b"\0 ").decode("ascii")
            if tag == _SYNTAX:
                if text in _UNREADABLE:
                    return None
                implicit = text == _IMPLICIT
            else:
                found[tag] = text
        place = start + length
    return DicomHeader(found[_CLASS], found[_SERIES]) if len(found) == 2 else None


def _value(data: bytes, place: int, *, implicit: bool) -> tuple[int, int]:
    """Return where the value of an element begins, and its length."""
    if implicit:
        return place + 8, unpack_from("<I", data, place + 4)[0]
    if data[place + 4 : place + 6] in _LONG:
        return place + 12, unpack_from("<I", data, place + 8)[0]
    return place + 8, unpack_from("<H", data, place + 6)[0]


def _behind_sequence(data: bytes, place: int, implicit: bool) -> int:
    """Return the place behind a sequence of undefined length."""
    while True:
        tag = unpack_from("<HH", data, place)
        length = unpack_from("<I", data, place + 4)[0]
        place += 8
        if tag == _SEQUENCE_END:
            return place
        if tag != _ITEM:
            raise ValueError("expected an item of a sequence")
        place = _behind_item(data, place, implicit) if length == _UNDEFINED else place + length


def _behind_item(data: bytes, place: int, implicit: bool) -> int:
    while unpack_from("<HH", data, place) != _ITEM_END:
        start, length = _value(data, place, implicit=implicit)
        place = _behind_sequence(data, start, implicit) if length == _UNDEFINED else start + length
    return place + 8
