"""The colours of the quality map: orange for far, blue for near; apart for the colour-blind too."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

LEAST, MOST = 20.0, 45.0
"""PSNR in dB at the ends of the scale: the same in every report, so that they can be compared."""
_ANCHORS = np.array(
    [[140, 28, 19], [224, 122, 63], [244, 213, 141], [127, 183, 190], [47, 102, 144]], float
)
EXACT = np.array([221, 223, 230, 255], np.uint8)


def colour_map(psnr: NDArray[np.float32]) -> Pixels:
    """Colour a map of PSNR: uint8 (rows, columns, 4); clear where there is none (NaN)."""
    place = (np.clip(np.where(np.isfinite(psnr), psnr, LEAST), LEAST, MOST) - LEAST) / (
        MOST - LEAST
    )
    at = np.linspace(0, 1, len(_ANCHORS))
    colours = np.empty((*psnr.shape, 4), np.uint8)
    for channel in range(3):
        colours[..., channel] = np.rint(np.interp(place, at, _ANCHORS[:, channel]))
    colours[..., 3] = 255
    colours[np.isposinf(psnr)] = EXACT
    colours[np.isnan(psnr)] = 0
    return colours


def gradient() -> str:
    """Return the scale as a CSS gradient."""
    stops = ", ".join(f"rgb({r:.0f} {g:.0f} {b:.0f})" for r, g, b in _ANCHORS)
    return f"linear-gradient(to right, {stops})"
