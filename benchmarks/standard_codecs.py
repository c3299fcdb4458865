"""The codecs to compare with, each at its usual settings and on one thread.

AVIF is here as its users get it (libavif tunes still pictures for looks) and at its best by PSNR
(libaom's `tune=psnr`, 4:4:4, which imagecodecs has no argument for and Pillow has); all AVIF files
are decoded by the same library. `peers` says which of them to take for which comparison.
"""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import NamedTuple

import imagecodecs
from PIL import Image

from pathae_codec.arrays import Pixels

JPEG_QUALITIES = (10, 20, 30, 45, 60, 75, 85, 92)
AVIF_QUALITIES = (25, 35, 45, 55, 65, 75, 85)
JPEG_XL_DISTANCES = (6.0, 4.0, 3.0, 2.2, 1.6, 1.1, 0.7)


class StandardCodec(NamedTuple):
    """A codec that takes one tile a call.

    Attributes:
        settings: From few bytes to many.
        encode: uint8 (H, W, 3) and a setting -> bytes.
        decode: Bytes -> uint8 (H, W, 3).
    """

    settings: Sequence[float]
    encode: Callable[..., bytes]
    decode: Callable[..., Pixels]


def standard_codecs() -> dict[str, StandardCodec]:
    """Return the codecs by the name that tables call them."""
    return {
        "JPEG 4:2:0": StandardCodec(
            JPEG_QUALITIES,
            lambda p, q: imagecodecs.jpeg8_encode(p, level=q, subsampling="420", optimize=True),
            imagecodecs.jpeg8_decode,
        ),
        # The Huffman tables of the standard, which scanners write, not those that suit the tile.
        "JPEG 4:2:0 standard tables": StandardCodec(
            JPEG_QUALITIES,
            lambda p, q: imagecodecs.jpeg8_encode(p, level=q, subsampling="420", optimize=False),
            imagecodecs.jpeg8_decode,
        ),
        "JPEG 4:4:4": StandardCodec(
            JPEG_QUALITIES,
            lambda p, q: imagecodecs.jpeg8_encode(p, level=q, subsampling="444", optimize=True),
            imagecodecs.jpeg8_decode,
        ),
        "JPEG 2000": StandardCodec(
            (24, 26, 28, 30, 32, 34, 37, 40),
            lambda p, q: imagecodecs.jpeg2k_encode(p, level=q, codecformat="j2k", numthreads=1),
            lambda data: imagecodecs.jpeg2k_decode(data, numthreads=1),
        ),
        "WebP": StandardCodec(
            (5, 20, 40, 60, 75, 85, 92),
            lambda p, q: imagecodecs.webp_encode(p, level=q, lossless=False),
            imagecodecs.webp_decode,
        ),
        "JPEG XL e7": _jpeg_xl(7),
        "JPEG XL e9": _jpeg_xl(9),
        "AVIF s6": StandardCodec(
            AVIF_QUALITIES,
            lambda p, q: imagecodecs.avif_encode(p, level=q, speed=6, numthreads=1),
            _decode_avif,
        ),
        "AVIF s6 psnr": _avif_by_psnr(6),
        "AVIF s2 psnr": _avif_by_psnr(2),
    }


def _jpeg_xl(effort: int) -> StandardCodec:
    return StandardCodec(
        JPEG_XL_DISTANCES,
        lambda p, d: imagecodecs.jpegxl_encode(p, distance=d, effort=effort, numthreads=1),
        lambda data: imagecodecs.jpegxl_decode(data, numthreads=1),
    )


def _avif_by_psnr(speed: int) -> StandardCodec:
    def encode(tile: Pixels, quality: float) -> bytes:
        file = BytesIO()
        Image.fromarray(tile).save(
            file,
            "AVIF",
            quality=int(quality),
            speed=speed,
            subsampling="4:4:4",
            max_threads=1,
            advanced={"tune": "psnr"},
        )
        return file.getvalue()

    return StandardCodec(AVIF_QUALITIES, encode, _decode_avif)


def _decode_avif(data: bytes) -> Pixels:
    decoded: Pixels = imagecodecs.avif_decode(data, numthreads=1)
    return decoded
