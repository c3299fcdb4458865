"""Fallback tiles whose JPEG XL is of another kind: lossy ones, deeper ones, several frames."""

from collections.abc import Iterator

import imagecodecs
import numpy as np

from format_spec.v1.vectors.vector import MODEL, Vector, case_file, npy_file
from pathae_codec.bitstream.fallback import decode_fallback, encode_fallback
from pathae_codec.bitstream.header import ImageCoding, Mode, TileHeader
from pathae_codec.bitstream.tile import pack_tile, unpack_tile

SIDE = 16
BOXED = "valid/fallback-boxed"
LOSSY_PEAK, LOSSY_RMS = 2, 0.5


def image_cases() -> Iterator[Vector]:
    """Return a valid vector for each kind of JPEG XL that a reader takes, and invalid ones."""
    ramp = np.linspace(0, 200, SIDE).astype(np.uint8)
    pixels = np.stack(
        [ramp + ramp[:, None] // 8, ramp[::-1] + 0 * ramp[:, None], 255 - ramp + 0 * ramp[:, None]],
        -1,
    )
    tile = encode_fallback(pixels, distance=2.0)
    decoded = decode_fallback(*unpack_tile(tile))
    yield Vector(
        "valid/fallback-lossy",
        {
            "tile.pae": tile,
            "pixels.npy": npy_file(decoded),
            "case.json": case_file(
                tests="lossy JPEG XL: decoders may differ by rounding",
                rules=["R-3.5-image", "R-7.2-peak"],
                rms_error=LOSSY_RMS,
                peak_error=LOSSY_PEAK,
            ),
        },
        free=True,
    )
    boxed = imagecodecs.jpegxl_encode(pixels, lossless=True, usecontainer=True)
    yield Vector(
        BOXED,
        {
            "tile.pae": _fallback(bytes(boxed)),
            "pixels.npy": npy_file(pixels),
            "case.json": case_file(
                tests="lossless JPEG XL in its file format, boxes around the codestream",
                rules=["R-3.5-image", "R-8-within"],
                rms_error=0,
                peak_error=0,
            ),
        },
        free=True,
    )
    deep = pixels.astype(np.uint16) * 257
    bad = {
        "16-bits": imagecodecs.jpegxl_encode(deep, lossless=True),
        "10-bits": imagecodecs.jpegxl_encode(deep >> 6, bitspersample=10, lossless=True),
        "float": imagecodecs.jpegxl_encode(pixels.astype(np.float32) / 255),
        "two-frames": imagecodecs.jpegxl_encode(np.stack([pixels, pixels[::-1]]), lossless=True),
    }
    for name, image in bad.items():
        case = case_file(
            tests=f"JPEG XL: {name}", rules=["R-3.5-image"], error="invalid_payload", model=MODEL
        )
        files = {"tile.pae": _fallback(bytes(image)), "case.json": case}
        yield Vector(f"invalid/image-{name}", files, free=True)


def _fallback(image: bytes) -> bytes:
    header = TileHeader(Mode.FALLBACK, SIDE, SIDE, 3, 0, 0, ImageCoding.JPEG_XL, len(image))
    return pack_tile(header, image)
