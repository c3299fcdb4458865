"""Pictures that lie in the page itself, without any loss: they are not coded again."""

from base64 import b64encode

import imagecodecs
import numpy as np

from pathae_codec.arrays import Pixels

GAIN = 4
GREY = 128
_LEVEL = 9


def png_url(pixels: Pixels) -> str:
    """Return uint8 (H, W, 3), or (H, W, 4) with opacity, as a PNG in a URL."""
    data = imagecodecs.png_encode(np.ascontiguousarray(pixels), level=_LEVEL)
    return f"data:image/png;base64,{b64encode(data).decode()}"


def difference(original: Pixels, decoded: Pixels) -> Pixels:
    """Return decoded less original, amplified around a middle grey: uint8 of the same shape."""
    off = np.subtract(decoded, original, dtype=np.int16) * GAIN + GREY
    amplified: Pixels = np.clip(off, 0, 255).astype(np.uint8)
    return amplified
