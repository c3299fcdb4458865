"""How lossily a source is coded, read from its first bytes: JPEG's tables, JPEG 2000's wavelet."""

from collections.abc import Iterator
from struct import unpack_from

from pathae_codec.bitstream.jpeg_segments import jpeg_segments

# ITU-T T.81, table K.1 (luminance), in the zigzag order in which JPEG stores it.
_LUMINANCE = (
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
    26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
    56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
    95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
)  # fmt: skip
_DQT, _SOF_LOSSLESS = 0xDB, (0xC3, 0xC7, 0xCB, 0xCF)
_CODESTREAM, _COD, _SOT = b"\xff\x4f\xff\x51", 0xFF52, 0xFF90


def jpeg_quality(data: bytes) -> tuple[int, bool] | None:
    """Estimate the quality that the quantization tables of a JPEG stand for.

    The scale is that of the Independent JPEG Group's library, 1 to 100, which Aperio's Q follows.

    Args:
        data: A JPEG, or the tables that a TIFF shares between its tiles.

    Returns:
        The quality whose table of luminance is nearest, and whether it is equal; None where there
        is no table.
    """
    table = next(_quantization_tables(data), None)
    if table is None:
        return None
    distances = {quality: _distance(table, quality) for quality in range(100, 0, -1)}
    nearest = min(distances, key=lambda quality: distances[quality])
    return nearest, distances[nearest] == 0


def is_lossless_jpeg(data: bytes) -> bool:
    """Say whether a JPEG has one of the lossless processes of ITU-T T.81."""
    return any(marker in _SOF_LOSSLESS for marker, _ in jpeg_segments(data))


def is_reversible_jpeg2000(data: bytes) -> bool:
    """Say whether a JPEG 2000 codestream uses the reversible 5-3 wavelet, by its COD segment."""
    start = data.find(_CODESTREAM)
    if start < 0:
        return False
    place = start + 2
    while place + 4 <= len(data):
        marker, length = unpack_from(">HH", data, place)
        if marker == _SOT or marker < 0xFF00:
            return False
        if marker == _COD and place + 14 <= len(data):
            return data[place + 13] == 1
        place += 2 + length
    return False


def is_lossless_webp(data: bytes) -> bool:
    """Say whether a WebP holds a lossless image; alone, or behind what its extended form adds."""
    place = 12 if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else len(data)
    while place + 8 <= len(data):
        name, length = data[place : place + 4], unpack_from("<I", data, place + 4)[0]
        if name in (b"VP8L", b"VP8 "):
            return name == b"VP8L"
        place += 8 + length + length % 2
    return False


def _distance(table: tuple[int, ...], quality: int) -> int:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    expected = (max(1, min(255, (base * scale + 50) // 100)) for base in _LUMINANCE)
    return sum(abs(found - wanted) for found, wanted in zip(table, expected, strict=True))


def _quantization_tables(data: bytes) -> Iterator[tuple[int, ...]]:
    for marker, content in jpeg_segments(data):
        if marker == _DQT and content:
            wide = content[0] >> 4
            form, size = (">64H", 128) if wide else (">64B", 64)
            if len(content) > size:
                yield unpack_from(form, content, 1)
