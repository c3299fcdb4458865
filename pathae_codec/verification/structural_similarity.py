"""SSIM of the luma in numpy: a plain install can verify."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

Plane = NDArray[np.float32]

RADIUS, SIGMA = 5, 1.5
K1, K2, PEAK = 0.01, 0.03, 255
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _gaussian() -> Plane:
    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    normed: Plane = (weights / weights.sum()).astype(np.float32)
    return normed


WINDOW = _gaussian()


def luma_ssim(original: Pixels, decoded: Pixels) -> float:
    """Return the mean structural similarity of the luma (ITU-R BT.601) of uint8 (H, W, 3).

    A Gaussian window of 11 x 11 pixels, sigma 1.5, at every place where it fits whole; of pixels
    too few for one, all together. 1 for equal pixels, down to -1. Wang et al. 2004.
    """
    a, b = (pixels.astype(np.float32) @ _LUMA for pixels in (original, decoded))
    mean_a, mean_b = _smooth(a), _smooth(b)
    # Sums of squares less squares of means: small differences of large numbers, clipped at zero.
    var_a = np.maximum(_smooth(a * a) - mean_a * mean_a, 0)
    var_b = np.maximum(_smooth(b * b) - mean_b * mean_b, 0)
    covariance = _smooth(a * b) - mean_a * mean_b
    c1, c2 = (K1 * PEAK) ** 2, (K2 * PEAK) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a * mean_a + mean_b * mean_b + c1)
    structure = (2 * covariance + c2) / (var_a + var_b + c2)
    return float((luminance * structure).mean(dtype=np.float64))


def _smooth(plane: Plane) -> Plane:
    if min(plane.shape) < len(WINDOW):
        return np.array([plane.mean(dtype=np.float64)], np.float64).astype(np.float32)
    return _smooth_rows(_smooth_rows(plane).T).T


def _smooth_rows(plane: Plane) -> Plane:
    height = len(plane) - 2 * RADIUS
    out: Plane = WINDOW[RADIUS] * plane[RADIUS : RADIUS + height]
    for offset in range(RADIUS):
        pair = plane[offset : offset + height] + plane[2 * RADIUS - offset :][:height]
        out += WINDOW[offset] * pair
    return out
