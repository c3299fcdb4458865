"""What a stream says beside its picture: told apart by markers, wherever they stand."""

import pytest

from format_spec.v1.vectors.exact_streams import KINDS, draw_streams
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import with_tables
from pathae_codec.bitstream.stream_texts import says_more

YCBCR = StreamCoding.YCBCR_JPEG


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2) + content


@pytest.mark.parametrize("name", [name for name in KINDS if name != "absent"])
def test_pictures_say_nothing_else(name: str) -> None:
    source = draw_streams(KINDS[name])
    for stream in source.streams:
        if stream is not None:
            assert not says_more(with_tables(stream, source.tables), source.coding)
            assert not says_more(with_tables(stream + b"\0", source.tables), source.coding)


@pytest.mark.parametrize(
    "text",
    [
        segment(0xFE, b"Mustermann, 1970-01-01"),
        segment(0xE1, b"Exif\0\0..."),
        segment(0xE2, b"ICC_PROFILE\0..."),
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1abc"),
        segment(0xE0, b"Mustermann1970"),
        segment(0xEE, b"Mustermann70"),
    ],
)
def test_texts_are_seen_at_the_beginning_and_between_scans(text: bytes) -> None:
    """Covers R-6.2-streams."""
    jpeg = draw_streams(KINDS["progressive"]).streams[0] or b""
    assert says_more(jpeg[:2] + text + jpeg[2:], YCBCR)
    second = jpeg.rindex(b"\xff\xda")
    assert says_more(jpeg[:second] + text + jpeg[second:], YCBCR)


def test_texts_behind_the_end_are_seen() -> None:
    """Covers R-6.2-streams."""
    jpeg = draw_streams(KINDS["ycbcr-444"]).streams[0] or b""
    assert says_more(jpeg + b"Mustermann", YCBCR)
    assert says_more(jpeg[:-2], YCBCR)
    assert not says_more(jpeg + b"\0", YCBCR)


def test_comments_of_jpeg_2000_are_those_of_libraries() -> None:
    """Covers R-6.2-streams."""
    stream = draw_streams(KINDS["jpeg-2000"]).streams[0] or b""
    place = stream.index(b"\xff\x5c")
    for text, more in [
        (b"Kakadu-v7.2", False),
        (b"Mustermann", True),
        (b"Kakadu-v7.2 for M", True),
    ]:
        comment = b"\xff\x64" + (len(text) + 4).to_bytes(2) + b"\0\1" + text
        assert says_more(stream[:place] + comment + stream[place:], StreamCoding.JPEG_2000) is more
