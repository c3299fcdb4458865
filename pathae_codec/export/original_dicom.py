"""DICOM of the source's own compressed tiles: each frame is a stream, byte for byte.

A frame is a whole JPEG: of a source that keeps its tables apart, they are put into each. DICOM
pads a frame of an odd number of bytes with a zero.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pydicom
from wsidicom.geometry import Point, Size

from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import BASELINE, EXTENDED, jpeg_process, with_tables
from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.export.dicom import LevelImage, save_images
from pathae_codec.export.originals import OriginalLevel
from pathae_codec.export.pyramid import Progress, Pyramid, counted
from pathae_codec.export.settings import Coding
from pathae_codec.geometry import TileIndex
from pathae_codec.slide.source_coding import is_reversible_jpeg2000

_SYNTAXES = {
    BASELINE: pydicom.uid.JPEGBaseline8Bit,
    EXTENDED: pydicom.uid.JPEGExtended12Bit,
}
_COLOURS = {
    StreamCoding.GREY_JPEG: "MONOCHROME2",
    StreamCoding.YCBCR_JPEG: "YBR_FULL_422",
    StreamCoding.RGB_JPEG: "RGB",
}


def write_original_dicom(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write a folder of DICOM files of a pyramid's originals.

    Raises:
        UnsupportedSlideError: DICOM has no transfer syntax for the streams, or the source lacks
            some; or as `write_dicom`.
        SettingError: As `write_dicom`.
    """
    total, done, images = sum(one.count for one in pyramid.originals), 0, []
    for one in pyramid.originals:
        images.append(_OriginalImage(pyramid, one, done, total, progress))
        done += one.count
    save_images(path, pyramid, coding, images, None)


class _OriginalImage(LevelImage):
    """A level as its source stores it."""

    def __init__(
        self,
        pyramid: Pyramid,
        original: OriginalLevel,
        done: int,
        total: int,
        progress: Progress | None,
    ) -> None:
        self._original, self._total = original, total
        # A row of ours, since frames are asked for row by row of the source's.
        self._tiles = lru_cache(maxsize=1 + original.level.width // pyramid.tile)(original.tile)
        coding = original.layout.coding
        first = self._stream(Point(0, 0))
        self.samples_per_pixel = 1 if coding is StreamCoding.GREY_JPEG else 3
        if coding is StreamCoding.JPEG_2000:
            reversible = is_reversible_jpeg2000(first)
            self.transfer_syntax = (
                pydicom.uid.JPEG2000Lossless if reversible else pydicom.uid.JPEG2000
            )
            self.photometric_interpretation = _jpeg2000_colours(first, reversible=reversible)
        else:
            syntax = _SYNTAXES.get(jpeg_process(first) or 0)
            if syntax is None:
                raise UnsupportedSlideError(
                    "originals to DICOM: expected baseline JPEG, found one that is progressive"
                )
            self.transfer_syntax = syntax
            self.photometric_interpretation = _COLOURS[coding]
        super().__init__(pyramid, original.level, done, progress)
        self.tile_size = Size(original.width, original.height)

    def get_encoded_tile(self, tile: Point, z: float, path: str) -> bytes:
        return next(self.get_encoded_tiles([tile], z, path))

    def get_encoded_tiles(self, tiles: Iterable[Point], z: float, path: str) -> Iterator[bytes]:
        del z, path
        points = list(tiles)
        streams = (self._stream(point) for point in points)
        yield from counted(streams, self._done, self._total, self._progress)
        self._done += len(points)

    def _stream(self, point: Point) -> bytes:
        high, wide = self._original.layout.grid
        row, column = point.y // high, point.x // wide
        number = point.y % high * wide + point.x % wide
        stream = self._tiles(TileIndex(row, column))[number]
        if stream is None:
            raise UnsupportedSlideError(
                f"originals to DICOM: expected a tile of the source everywhere, found none in row "
                f"{point.y}, column {point.x} of level {self._original.level.index}"
            )
        return with_tables(stream, self._original.layout.tables)


def _jpeg2000_colours(stream: bytes, *, reversible: bool) -> str:
    """Return DICOM's word for the colours of a JPEG 2000 codestream, by its COD segment."""
    place = stream.find(b"\xff\x52")
    transformed = 0 <= place < len(stream) - 8 and stream[place + 8] == 1
    if not transformed:
        return "RGB"
    return "YBR_RCT" if reversible else "YBR_ICT"
