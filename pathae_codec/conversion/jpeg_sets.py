"""What the JPEG streams of a slide share, found before the first tile is encoded.

A conversion that goes on finds the same sets in the same source, so that it gives the same bytes.
"""

from collections import Counter

from pathae_codec.bitstream.exact import JpegSet
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import with_tables
from pathae_codec.bitstream.limits import MAX_JPEG_SET_BYTES, MAX_JPEG_SETS
from pathae_codec.bitstream.recompressed_jpeg import recompress_jpeg
from pathae_codec.slide.streams import SlideStreams, StreamLevel

_PROBED = 16
"""Streams of a level that are looked at, spread evenly."""
_SETS_A_LEVEL = 4


def find_jpeg_sets(streams: SlideStreams) -> tuple[JpegSet, ...]:
    """Return the JPEG sets of a slide, those of the finest level first."""
    found: dict[JpegSet, None] = {}
    for number in sorted(streams.levels):
        level = streams.levels[number]
        if level.coding is not StreamCoding.JPEG_2000:
            found |= dict.fromkeys(_sets(level))
    return tuple(found)[:MAX_JPEG_SETS]


def _sets(level: StreamLevel) -> list[JpegSet]:
    """Return the reconstruction data that several streams have; one without any if none do."""
    if len(level.tables) > MAX_JPEG_SET_BYTES:
        return []
    counts = Counter(filter(None, (_reconstruction(level, place) for place in _places(level))))
    shared = [data for data, count in counts.most_common(_SETS_A_LEVEL) if count > 1]
    return [
        JpegSet(level.tables, data if len(data) <= MAX_JPEG_SET_BYTES else b"")
        for data in shared or [b""]
    ]


def _places(level: StreamLevel) -> list[int]:
    total = level.rows * level.columns
    count = min(total, _PROBED)
    return [number * (total - 1) // max(1, count - 1) for number in range(count)]


def _reconstruction(level: StreamLevel, number: int) -> bytes | None:
    stream = level.read(number)
    recompressed = recompress_jpeg(with_tables(stream, level.tables)) if stream else None
    return recompressed.reconstruction if recompressed else None
