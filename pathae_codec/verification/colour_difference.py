"""CIEDE2000 in numpy: a plain install can verify."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

Samples = NDArray[np.floating[Any]]

STEP = 2
"""Every second pixel both ways: a quarter of the time, and the same mean to two digits."""
_XYZ_OF_RGB = np.array(
    [
        [0.412453, 0.357580, 0.180423],
        [0.212671, 0.715160, 0.072169],
        [0.019334, 0.119193, 0.950227],
    ]
)
"""Linear sRGB to XYZ, ITU-R BT.709 primaries."""
_WHITE_D65 = np.array([0.95047, 1.0, 1.08883])
_MATRIX = (_XYZ_OF_RGB / _WHITE_D65[:, None]).T.astype(np.float32)
_25_TO_7 = np.float32(25.0**7)


def _linear() -> Samples:
    encoded = np.arange(256) / 255
    curved = ((encoded + 0.055) / 1.055) ** 2.4
    return np.where(encoded > 0.04045, curved, encoded / 12.92).astype(np.float32)


_LINEAR = _linear()


def mean_ciede2000(original: Pixels, decoded: Pixels) -> float:
    """Return the mean CIEDE2000 difference of uint8 (H, W, 3), taken for sRGB under D65.

    Of every second pixel both ways; 0 for equal pixels, about 1 is just visible.
    """
    a, b = (lab(pixels[::STEP, ::STEP]) for pixels in (original, decoded))
    return float(ciede2000(a, b).mean(dtype=np.float64))


def lab(pixels: Pixels) -> Samples:
    """Return CIE 1976 L*, a*, b* of sRGB pixels under D65: float32 (..., 3)."""
    xyz = _LINEAR[pixels] @ _MATRIX
    # The cube root, made a straight line near black.
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + np.float32(16 / 116))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def ciede2000(a: Samples, b: Samples) -> Samples:
    """Return the CIEDE2000 difference of L*, a*, b* (..., 3): float32 (...).

    Sharma, Wu, Dalal: The CIEDE2000 color-difference formula, 2005, with kL = kC = kH = 1; the
    names are theirs.
    """
    chroma = (np.hypot(a[..., 1], a[..., 2]) + np.hypot(b[..., 1], b[..., 2])) / 2
    grey = 1.5 - 0.5 * _saturation(chroma)
    a1, a2 = a[..., 1] * grey, b[..., 1] * grey
    c1, c2 = np.hypot(a1, a[..., 2]), np.hypot(a2, b[..., 2])
    h1 = np.arctan2(a[..., 2], a1) % np.float32(2 * np.pi)
    h2 = np.arctan2(b[..., 2], a2) % np.float32(2 * np.pi)

    coloured = c1 * c2 > 0
    turn = h2 - h1
    turn = turn - 2 * np.pi * (turn > np.pi) + 2 * np.pi * (turn < -np.pi)
    hue_step = np.where(coloured, 2 * np.sqrt(c1 * c2) * np.sin(turn / 2), 0)
    apart = np.abs(h1 - h2) > np.pi
    both = (
        h1
        + h2
        + 2 * np.pi * (apart & (h1 + h2 < 2 * np.pi))
        - 2 * np.pi * (apart & (h1 + h2 >= 2 * np.pi))
    )
    hue = np.where(coloured, both / 2, h1 + h2)

    lightness = (a[..., 0] + b[..., 0]) / 2 - 50
    mean_chroma = (c1 + c2) / 2
    s_l = 1 + 0.015 * lightness**2 / np.sqrt(20 + lightness**2)
    s_c = 1 + 0.045 * mean_chroma
    s_h = 1 + 0.015 * mean_chroma * _hue_weight(hue)
    degrees = np.rad2deg(hue)
    rotation = np.deg2rad(60 * np.exp(-(((degrees - 275) / 25) ** 2)))
    r_t = -2 * _saturation(mean_chroma) * np.sin(rotation)

    l_part = (b[..., 0] - a[..., 0]) / s_l
    c_part, h_part = (c2 - c1) / s_c, hue_step / s_h
    squares = l_part**2 + c_part**2 + h_part**2 + r_t * c_part * h_part
    difference: Samples = np.sqrt(np.maximum(squares, 0)).astype(np.float32)
    return difference


def _saturation(chroma: Samples) -> Samples:
    power = chroma**7
    result: Samples = np.sqrt(power / (power + _25_TO_7))
    return result


def _hue_weight(hue: Samples) -> Samples:
    weight: Samples = (
        1
        - 0.17 * np.cos(hue - np.deg2rad(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.deg2rad(6))
        - 0.20 * np.cos(4 * hue - np.deg2rad(63))
    )
    return weight
