"""What lies in a TIFF beside its directories, and within its images beside their pictures."""

from collections.abc import Iterator
from typing import BinaryIO

from pathae_codec.bitstream.limits import MAX_LEVEL_TILES, MAX_TILE_BYTES
from pathae_codec.privacy.image_texts import Found, deflate_strays, jpeg_strays
from pathae_codec.privacy.spans import Span, describe_bytes, strays_in, uncovered
from pathae_codec.storage.location import Storage
from pathae_codec.tiff.directory import SeekedFile, TiffDirectory, read_directories
from pathae_codec.tiff.tags import COMPRESSION, COMPRESSION_TAG

_CLASSIC_HEADER, _BIG_HEADER = 8, 16
_PIECES = ((324, 325), (273, 279))
"""Offsets and sizes of tiles, and of strips."""
_WIDTH, _HEIGHT, _ROWS, _TABLES = 256, 257, 278, 347
_NONE, _JPEG, _DEFLATE = 1, 7, (8, 32946)


def tiff_gaps(storage: Storage) -> Iterator[tuple[str, str]]:
    """Return all bytes that no directory accounts for, and what images hold beside pictures.

    Returns:
        Of each its place, and its text or what it is.

    Raises:
        FormatError: The directories cannot be read.
    """
    with storage.open("") as opened:
        file = SeekedFile(opened, "TIFF")
        directories = list(read_directories(file))
        spans = [span for directory in directories for span in _spans(directory)]
        big = any(directory.width > 4 for directory in directories)
        spans.append((0, _BIG_HEADER if big else _CLASSIC_HEADER))
        yield from strays_in(opened, uncovered(spans, file.size))
        yield from strays_in(opened, [rest for one in directories for rest in _rests(one)])
        for directory in directories:
            if directory.number(COMPRESSION_TAG, 1) != COMPRESSION:
                yield from _image(directory, opened)


def _spans(directory: TiffDirectory) -> Iterator[Span]:
    yield directory.span
    for tag in directory.entries:
        yield directory.extent(tag)
    yield from _pieces(directory)


def _rests(directory: TiffDirectory) -> Iterator[Span]:
    """Return what short values leave of their entries."""
    for tag in directory.entries:
        start, end = directory.extent(tag)
        if directory.is_inline(tag):
            yield end, start + directory.width


def _pieces(directory: TiffDirectory) -> Iterator[Span]:
    for offsets, sizes in _PIECES:
        if {offsets, sizes} <= directory.entries.keys():
            count = min(directory.entries[offsets].count, MAX_LEVEL_TILES)
            starts, lengths = (directory.numbers(tag, count) for tag in (offsets, sizes))
            for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
                yield start, start + length


def _image(directory: TiffDirectory, file: BinaryIO) -> Iterator[tuple[str, str]]:
    where = f"image of TIFF directory {directory.place}"
    if _TABLES in directory.entries:
        for what, data in jpeg_strays(directory.content(_TABLES, MAX_TILE_BYTES)):
            yield f"{where}, tables: {what}", describe_bytes(data)
    for start, end in _pieces(directory):
        file.seek(start)
        data = file.read(min(end - start, MAX_TILE_BYTES))
        for what, stray in _piece_strays(directory, data):
            yield f"{where}: {what}", describe_bytes(stray)


def _piece_strays(directory: TiffDirectory, data: bytes) -> Found:
    compression = directory.number(COMPRESSION_TAG, 1)
    height = directory.number(_HEIGHT, 0)
    rows = min(directory.number(_ROWS, height), height)
    size = directory.number(_WIDTH, 0) * rows * 3
    if compression == _JPEG:
        yield from jpeg_strays(data)
    elif compression in _DEFLATE:
        yield from deflate_strays(data, size)
    elif compression != _NONE:
        yield f"compression {compression}, of which nobody looks for texts", data
    elif len(data) > size:
        yield "more samples than its picture has", data[size:]
