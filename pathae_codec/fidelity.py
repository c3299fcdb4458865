"""How near decoded pixels are to the original ones."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def psnr(original: Pixels, decoded: Pixels) -> float:
    """Give the peak signal-to-noise ratio in dB, peak 255; infinite for equal pixels."""
    error = float(np.square(original.astype(np.float32) - decoded).mean(dtype=np.float64))
    return float(10 * np.log10(255**2 / error)) if error else float("inf")
