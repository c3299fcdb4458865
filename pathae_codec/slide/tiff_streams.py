"""The compressed tiles of a TIFF pyramid, an SVS among them, through tifffile."""

import threading
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.geometry import Level
from pathae_codec.slide.streams import LARGEST_STREAM, SlideStreams, StreamLevel

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_JPEG, _JPEG_2000 = (7,), (33004, 33005, 34712)
_CONTIGUOUS = 1
_JPEG_CODINGS = {
    0: StreamCoding.GREY_JPEG,
    1: StreamCoding.GREY_JPEG,
    2: StreamCoding.RGB_JPEG,
    6: StreamCoding.YCBCR_JPEG,
}
"""By TIFF's PhotometricInterpretation, whatever the JPEG itself says."""
_SAMPLES = {StreamCoding.GREY_JPEG: 1}


def open_tiff_streams(path: Path, levels: Sequence[Level], series: int | None) -> SlideStreams:
    """Open the streams of a slide's levels.

    Args:
        path: Of a TIFF.
        levels: As its reader gives them: found again by their sizes.
        series: The image of several that was asked for; None for the largest.
    """
    import tifffile

    tiff = tifffile.TiffFile(path)
    pages = list(_pages(tiff, series))
    lock, found, reasons = threading.Lock(), {}, {}
    for level in levels:
        same = [p for p in pages if (p.imagewidth, p.imagelength) == (level.width, level.height)]
        page = next((page for page in same if page.is_tiled), same[0] if same else None)
        reason = (
            "the source has no such level; it was made here" if page is None else _refusal(page)
        )
        if page is None or reason:
            reasons[level.index] = str(reason)
        else:
            found[level.index] = _stream_level(tiff, page, lock)
    return SlideStreams(found, reasons, tiff.close)


def _pages(tiff: "TiffFile", series: int | None) -> "Iterator[TiffPage]":
    """Return the pages of levels: of the image that was asked for, or of all, largest first."""
    images = sorted(tiff.series, key=lambda one: prod(one.shape), reverse=True)
    for image in images if series is None else [tiff.series[series]]:
        for part in image.levels:
            yield part.keyframe.aspage()


def _refusal(page: "TiffPage") -> str | None:
    """Say why a page has no streams that a tile can hold; None where it has."""
    compression = int(page.compression)
    if not page.is_tiled:
        return "it is stored in strips"
    if compression not in (*_JPEG, *_JPEG_2000):
        return "it is neither JPEG nor JPEG 2000"
    samples = _SAMPLES.get(_coding(page), 3)
    whole = int(page.planarconfig) == _CONTIGUOUS and int(page.samplesperpixel) == samples
    if not whole or page.bitspersample != 8:
        return "its samples are not 8 bits of grey or of red, green and blue together"
    if len(page.dataoffsets) != prod(page.chunked) or max(page.databytecounts) > LARGEST_STREAM:
        return "its tiles are too large, or are not all there"
    return None


def _coding(page: "TiffPage") -> StreamCoding:
    if int(page.compression) in _JPEG_2000:
        return StreamCoding.JPEG_2000
    return _JPEG_CODINGS.get(int(page.photometric), StreamCoding.YCBCR_JPEG)


def _stream_level(tiff: "TiffFile", page: "TiffPage", lock: threading.Lock) -> StreamLevel:
    offsets, counts = page.dataoffsets, page.databytecounts

    def read(number: int) -> bytes | None:
        if not counts[number]:
            return None
        with lock:
            tiff.filehandle.seek(offsets[number])
            return bytes(tiff.filehandle.read(counts[number]))

    coding = _coding(page)
    jpeg = coding is not StreamCoding.JPEG_2000
    return StreamLevel(
        coding,
        bytes(page.jpegtables or b"") if jpeg else b"",
        int(page.tilewidth),
        int(page.tilelength),
        -(-page.imagelength // page.tilelength),
        -(-page.imagewidth // page.tilewidth),
        read,
    )
