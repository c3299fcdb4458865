"""Streams as sources store them, and parameters with what their JPEGs share.

Encoders of JPEG and JPEG XL need not give the same bytes in their next versions: what is stored is
an input, and only the first run draws it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np

from format_spec.v1.vectors.edge_model import sets_model
from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.exact import JpegSet, SourceStreams
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import EOI, SOI, with_tables
from pathae_codec.bitstream.recompressed_jpeg import recompress_jpeg
from pathae_codec.model.artifact import ModelArtifact

SIDE = 16
"""Of a stream, in pixels."""
_TABLES, _SOF, _SOS, _ADOBE = (0xDB, 0xC4), 0xC0, 0xDA, 0xEE
Streams = Mapping[str, SourceStreams]
"""By the name of the vector."""


@dataclass(frozen=True)
class Kind:
    """What a vector's streams are, and how they are drawn: by the number of the part."""

    tests: str
    coding: StreamCoding
    draw: Callable[[int], bytes | None]
    grid: tuple[int, int] = (1, 1)
    apart: bool = False
    side: int = SIDE


KINDS: Mapping[str, Kind] = {
    "ycbcr-420": Kind(
        "chroma at half the sides", StreamCoding.YCBCR_JPEG, lambda n: _jpeg(n, subsampling="420")
    ),
    "ycbcr-444": Kind(
        "chroma as fine as luma", StreamCoding.YCBCR_JPEG, lambda n: _jpeg(n, subsampling="444")
    ),
    "rgb-apart": Kind(
        "red, green and blue with no marker that says so, tables in the JPEG set",
        StreamCoding.RGB_JPEG,
        lambda n: _jpeg(n, outcolorspace="RGB"),
        apart=True,
    ),
    "grey": Kind("one component", StreamCoding.GREY_JPEG, lambda n: _jpeg(n, grey=True)),
    "own-codes": Kind(
        "Huffman codes of its own, in the tile", StreamCoding.YCBCR_JPEG,
        lambda n: _jpeg(n, optimize=True),
    ),
    "progressive": Kind(
        "progressive", StreamCoding.YCBCR_JPEG, lambda n: _pillow(n, progressive=True)
    ),
    "restarts": Kind(
        "restart markers", StreamCoding.YCBCR_JPEG, lambda n: _pillow(n, restart_marker_blocks=1)
    ),
    "parts": Kind(
        "four parts, one of them without a stream",
        StreamCoding.RGB_JPEG,
        lambda n: None if n == 2 else _jpeg(n, outcolorspace="RGB"),
        grid=(2, 2),
        apart=True,
        side=2 * SIDE,
    ),
    "absent": Kind(
        "no stream at all: the source has no tile here",
        StreamCoding.RGB_JPEG,
        lambda n: None,
        apart=True,
    ),
    "rectangles": Kind(
        "two parts, each twice as wide as high",
        StreamCoding.YCBCR_JPEG,
        lambda n: _jpeg(n, high=SIDE, wide=2 * SIDE),
        grid=(2, 1),
        side=2 * SIDE,
    ),
    "jpeg-2000": Kind("JPEG 2000", StreamCoding.JPEG_2000, lambda n: _jpeg2000(n)),
}  # fmt: skip


def draw_streams(kind: Kind) -> SourceStreams:
    """Return the streams of a vector, drawn anew."""
    rows, columns = kind.grid
    drawn = [kind.draw(number) for number in range(rows * columns)]
    if not kind.apart:
        return SourceStreams(kind.coding, kind.grid, tuple(drawn))
    split = [_split_tables(one) if one else (b"", None) for one in drawn]
    # What has no stream has the tables of its neighbours.
    tables = split[0][0] or draw_streams(KINDS["rgb-apart"]).tables
    return SourceStreams(kind.coding, kind.grid, tuple(s for _, s in split), tables)


def exact_model(streams: Streams) -> ModelArtifact:
    """Return parameters with three JPEG sets: tables apart, and two without."""
    sets = []
    for name in ("rgb-apart", "ycbcr-420", "grey"):
        source = streams[name]
        first = next(filter(None, source.streams))
        recompressed = recompress_jpeg(with_tables(first, source.tables))
        assert recompressed is not None
        sets.append(JpegSet(source.tables, recompressed.reconstruction))
    return replace(sets_model(), jpeg_sets=tuple(sets))


def _picture(number: int, high: int, wide: int) -> Pixels:
    rows, columns = np.mgrid[:high, :wide]
    planes = [160 + 5 * columns - 20 * number, 90 + 3 * rows + 9 * number, 200 - 2 * rows - columns]
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def _jpeg(
    number: int,
    *,
    grey: bool = False,
    outcolorspace: str = "YCBCR",
    subsampling: str = "444",
    optimize: bool = False,
    high: int = SIDE,
    wide: int = SIDE,
) -> bytes:
    import imagecodecs

    pixels = _picture(number, high, wide)
    if grey:
        return bytes(imagecodecs.jpeg8_encode(np.ascontiguousarray(pixels[..., 0]), 75))
    return bytes(
        imagecodecs.jpeg8_encode(
            pixels,
            75,
            colorspace="RGB",
            outcolorspace=outcolorspace,
            subsampling=subsampling,
            optimize=optimize,
        )
    )


def _pillow(number: int, **options: bool | int) -> bytes:
    from PIL import Image

    stream = BytesIO()
    Image.fromarray(_picture(number, SIDE, SIDE)).save(stream, "JPEG", quality=75, **options)
    return stream.getvalue()


def _jpeg2000(number: int) -> bytes:
    import imagecodecs

    return bytes(
        imagecodecs.jpeg2k_encode(
            _picture(number, SIDE, SIDE), codecformat="J2K", resolutions=2, reversible=True
        )
    )


def _split_tables(jpeg: bytes) -> tuple[bytes, bytes]:
    """Return the tables of a JPEG, SOI to EOI, and the stream without them.

    The stream says nothing of its colours, as scanners write it: components are numbered, not named
    R, G and B, and there is no marker of Adobe's.
    """
    tables, rest, place = b"", b"", len(SOI)
    while (marker := jpeg[place + 1]) != _SOS:
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4])
        if marker in _TABLES:
            tables += jpeg[place:end]
        elif marker == _SOF:
            rest += _numbered(jpeg[place:end], 10, 3)
        elif marker != _ADOBE:
            rest += jpeg[place:end]
        place = end
    return SOI + tables + EOI, SOI + rest + _numbered(jpeg[place:], 5, 2)


def _numbered(segment: bytes, first: int, step: int) -> bytes:
    """Number the three components of a frame or scan header, from 0."""
    changed = bytearray(segment)
    changed[first : first + 3 * step : step] = bytes(range(3))
    return bytes(changed)
