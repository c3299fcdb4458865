"""Fallback tiles: pixels <-> a standard image codec's bytes. Spec: v1, section 3.5."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.header import TileHeader
from pathae_codec.errors import BackendUnavailableError, PayloadError

Pixels = NDArray[np.uint8]


def encode_jpeg_xl(pixels: Pixels, distance: float = 0.0) -> bytes:
    """Encode uint8 (H, W, C) as JPEG XL.

    Args:
        distance: Butteraugli distance; 0 is lossless, 1 is about visually lossless.
    """
    imagecodecs = _imagecodecs()
    image = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    return bytes(
        imagecodecs.jpegxl_encode(image, distance=distance, lossless=distance == 0, effort=5)
    )


def decode_jpeg_xl(payload: bytes, header: TileHeader) -> Pixels:
    """Decode a JPEG XL payload to uint8 (H, W, C).

    Raises:
        PayloadError: Not JPEG XL, or not of the size that the header states.
    """
    imagecodecs = _imagecodecs()
    try:
        image = np.asarray(imagecodecs.jpegxl_decode(payload))
    except imagecodecs.JpegxlError as error:
        raise PayloadError(f"fallback payload: not a JPEG XL image: {error}") from None
    shape = (header.height, header.width, header.channels)
    if image.dtype != np.uint8 or image.size != np.prod(shape) or image.shape[:2] != shape[:2]:
        raise PayloadError(f"fallback payload: expected {shape}, got {image.dtype} {image.shape}")
    return image.reshape(shape)


def _imagecodecs():  # type: ignore[no-untyped-def]  # noqa: ANN202
    try:
        import imagecodecs
    except ImportError as error:
        raise BackendUnavailableError("JPEG XL tile: pip install imagecodecs") from error
    return imagecodecs
