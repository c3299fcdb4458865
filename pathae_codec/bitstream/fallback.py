"""Fallback tiles: pixels <-> a standard image codec's bytes. Spec: v1, section 3.5."""

from types import ModuleType

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.header import ImageCoding, Mode, TileHeader
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.errors import BackendUnavailableError, PayloadError

EFFORT = 5


def encode_fallback(pixels: Pixels, distance: float = 0.0) -> bytes:
    """Encode uint8 (H, W, C) as JPEG XL at a Butteraugli distance; 0 is lossless.

    Returns:
        A fallback tile.

    Raises:
        BackendUnavailableError: imagecodecs is not installed.
    """
    image = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    payload = bytes(
        _imagecodecs().jpegxl_encode(
            image, distance=distance, lossless=distance == 0, effort=EFFORT
        )
    )
    height, width, channels = pixels.shape
    header = TileHeader(
        Mode.FALLBACK, height, width, channels, 0, 0, ImageCoding.JPEG_XL, len(payload)
    )
    return pack_tile(header, payload)


def decode_fallback(header: TileHeader, payload: bytes) -> Pixels:
    """Decode a JPEG XL payload to uint8 (H, W, C).

    Raises:
        PayloadError: Not JPEG XL, or not of the size that the header states.
        BackendUnavailableError: imagecodecs is not installed.
    """
    imagecodecs = _imagecodecs()
    shape = (header.height, header.width, header.channels)
    # An array to decode into: an image of another size is refused before it is allocated.
    out = np.empty(shape if header.channels > 1 else shape[:2], np.uint8)
    try:
        image: Pixels = imagecodecs.jpegxl_decode(payload, out=out)
    except (RuntimeError, ValueError) as error:
        raise PayloadError(
            f"fallback payload: expected a JPEG XL image of uint8 {shape}: {error}"
        ) from None
    return image.reshape(shape)


def _imagecodecs() -> ModuleType:
    try:
        import imagecodecs
    except ImportError as error:
        raise BackendUnavailableError("JPEG XL tile: pip install imagecodecs") from error
    module: ModuleType = imagecodecs
    return module
