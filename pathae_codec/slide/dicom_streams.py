"""The compressed frames of a DICOM slide, a file a level, through pydicom.

DICOM PS3.3, C.8.12.4 (VL Whole Slide Microscopy Image); PS3.5, A.4 (encapsulated pixel data).
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Any, BinaryIO

from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.geometry import Level
from pathae_codec.slide.dicom_series import file_of_folder, siblings
from pathae_codec.slide.streams import LARGEST_STREAM, SlideStreams, StreamLevel

if TYPE_CHECKING:
    from pydicom import Dataset

_JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
_JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_COLOURS = {
    "MONOCHROME2": StreamCoding.GREY_JPEG,
    "RGB": StreamCoding.RGB_JPEG,
    "YBR_FULL": StreamCoding.YCBCR_JPEG,
    "YBR_FULL_422": StreamCoding.YCBCR_JPEG,
}
_ELEMENT, _ITEM = Struct("<HH2sHI"), Struct("<HHI")
_PIXEL_DATA, _UNDEFINED = (0x7FE0, 0x0010), 0xFFFFFFFF
_FRAGMENT = (0xFFFE, 0xE000)


@dataclass(frozen=True)
class _Frames:
    """Where the frames of a file lie: offset and length of each, by its number."""

    file: BinaryIO
    places: tuple[tuple[int, int], ...]
    lock: threading.Lock

    def read(self, number: int) -> bytes:
        offset, size = self.places[number]
        with self.lock:
            self.file.seek(offset)
            return self.file.read(size)


def open_dicom_streams(path: Path, levels: Sequence[Level], series: int | None) -> SlideStreams:
    """Open the frames of a slide's levels.

    Args:
        path: Of any of its files, or of their folder.
        levels: As its reader gives them: found again by their sizes.
        series: Of a folder of several slides, the one that was asked for.
    """
    try:
        import pydicom
    except ImportError:
        missing = "pydicom is not installed; the extra pathae[dicom] brings it"
        return SlideStreams(reasons=dict.fromkeys((level.index for level in levels), missing))
    file = file_of_folder(path, series)[0] if path.is_dir() else path
    found: dict[int, StreamLevel] = {}
    reasons = {v.index: "the source has no such level; it was made here" for v in levels}
    opened: list[BinaryIO] = []
    numbers = {(level.width, level.height): level.index for level in levels}
    for one in siblings(file) or (file,):
        stream = one.open("rb")
        opened.append(stream)
        header = pydicom.dcmread(stream, stop_before_pixels=True)
        size = header.get("TotalPixelMatrixColumns"), header.get("TotalPixelMatrixRows")
        number = numbers.get(size)
        if number is None or "VOLUME" not in header.get("ImageType", ()):
            continue
        level = _stream_level(header, stream)
        if isinstance(level, str):
            reasons[number] = level
        else:
            found[number] = level

    def close() -> None:
        for stream in opened:
            stream.close()

    left = {number: reason for number, reason in reasons.items() if number not in found}
    return SlideStreams(found, left, close)


def _stream_level(header: "Dataset", file: BinaryIO) -> StreamLevel | str:
    """Return the frames of a file, or why they cannot be taken."""
    syntax = header.file_meta.TransferSyntaxUID
    coding = _COLOURS.get(header.PhotometricInterpretation) if syntax in _JPEG else None
    if syntax in _JPEG_2000:
        coding = StreamCoding.JPEG_2000
    samples = 1 if coding is StreamCoding.GREY_JPEG else 3
    if coding is None or header.BitsAllocated != 8 or header.SamplesPerPixel != samples:
        return "its frames are neither JPEG nor JPEG 2000 of 8 bits, grey or colour"
    width, height = int(header.Columns), int(header.Rows)
    rows = -(-int(header.TotalPixelMatrixRows) // height)
    columns = -(-int(header.TotalPixelMatrixColumns) // width)
    frames = _find_frames(file, int(header.NumberOfFrames))
    order = _order(header, rows, columns)
    if frames is None or order is None:
        return "its frames are not one fragment each, on one grid"

    def read(number: int) -> bytes | None:
        frame = order.get(number)
        return None if frame is None else frames.read(frame)

    return StreamLevel(coding, b"", width, height, rows, columns, read)


def _order(header: "Dataset", rows: int, columns: int) -> dict[int, int] | None:
    """Return the number of the frame at each place of the grid; None where two share a place."""
    count = int(header.NumberOfFrames)
    if header.get("DimensionOrganizationType") == "TILED_FULL":
        return {n: n for n in range(count)} if count == rows * columns else None
    places: dict[int, int] = {}
    for number, group in enumerate(header.PerFrameFunctionalGroupsSequence):
        place: Any = group.PlanePositionSlideSequence[0]
        left = int(place.ColumnPositionInTotalImagePixelMatrix) - 1
        top = int(place.RowPositionInTotalImagePixelMatrix) - 1
        if left % header.Columns or top % header.Rows:
            return None
        places[top // int(header.Rows) * columns + left // int(header.Columns)] = number
    return places if len(places) == count else None


def _find_frames(file: BinaryIO, count: int) -> _Frames | None:
    """Find the fragments behind the header that was read; None where they are not `count`."""
    group, element, _, _, length = _ELEMENT.unpack(file.read(_ELEMENT.size))
    if (group, element) != _PIXEL_DATA or length != _UNDEFINED:
        return None
    places: list[tuple[int, int]] = []
    while len(head := file.read(_ITEM.size)) == _ITEM.size:
        *tag, size = _ITEM.unpack(head)
        if tuple(tag) != _FRAGMENT or size > LARGEST_STREAM:
            break
        places.append((file.tell(), size))
        file.seek(size, os.SEEK_CUR)
    # The first item is a table of offsets, or empty.
    return _Frames(file, tuple(places[1:]), threading.Lock()) if len(places) == count + 1 else None
