"""Fallback tiles: pixels <-> a standard image codec's bytes. Spec: v1, section 3.5."""

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.header import ImageCoding, Mode, TileHeader
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.errors import BackendUnavailableError, PayloadError
from pathae_codec.fidelity import Floor, compare

Pixels = NDArray[np.uint8]
LOSSY_DISTANCES = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0)
"""Butteraugli distances of lossy fallback tiles: 1 is about visually lossless, more is less."""
EFFORT = 5
DRAWN_SHARE = 0.5
"""Share of pixels equal to their left neighbour from which lossless is tried beside lossy."""


def encode_fallback(
    pixels: Pixels, floor: Floor | None = None, visible: tuple[int, int] | None = None
) -> bytes:
    """Encode uint8 (H, W, C) as JPEG XL: the fewest bytes found that hold a floor.

    Args:
        pixels: Of the whole tile.
        floor: What the decoded pixels must hold; None asks for a lossless tile.
        visible: Height and width of the part that counts; all of it by default.
    """
    height, width = visible or pixels.shape[:2]
    lossy = None if floor is None else _encode_lossy(pixels, floor, height, width)
    if lossy is None:
        return pack_tile(*_pack(pixels, 0.0))
    # Charts, text and pen on white take fewer bytes without any loss.
    if (pixels[:, 1:] == pixels[:, :-1]).all(axis=2).mean() >= DRAWN_SHARE:
        return min(lossy, pack_tile(*_pack(pixels, 0.0)), key=len)
    return lossy


def _encode_lossy(pixels: Pixels, floor: Floor, height: int, width: int) -> bytes | None:
    """Return the tile of the largest distance that holds the floor; None where none does."""
    if floor.max_error == 0:
        return None
    found, low, high = None, 0, len(LOSSY_DISTANCES)
    while low < high:
        middle = (low + high) // 2
        tile = _pack(pixels, LOSSY_DISTANCES[middle])
        decoded = decode_fallback(*tile)
        if floor.is_held(compare(pixels[:height, :width], decoded[:height, :width])):
            found, low = tile, middle + 1
        else:
            high = middle
    return None if found is None else pack_tile(*found)


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


def _pack(pixels: Pixels, distance: float) -> tuple[TileHeader, bytes]:
    image = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    payload = bytes(
        _imagecodecs().jpegxl_encode(
            image, distance=distance, lossless=distance == 0, effort=EFFORT
        )
    )
    height, width, channels = pixels.shape
    return TileHeader(
        Mode.FALLBACK, height, width, channels, 0, 0, ImageCoding.JPEG_XL, len(payload)
    ), payload


def _imagecodecs() -> ModuleType:
    try:
        import imagecodecs
    except ImportError as error:
        raise BackendUnavailableError("JPEG XL tile: pip install imagecodecs") from error
    module: ModuleType = imagecodecs
    return module
