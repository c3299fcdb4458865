"""Rate-distortion curves and their mean distance: Bjontegaard's delta rate.

As of JVET (document T2010, with its spreadsheet): the logarithm of the rate over the fidelity,
interpolated by piecewise cubic Hermite polynomials (PCHIP), which unlike the one cubic of 2001
(VCEG-M33) do not swing between points. The package bjontegaard 1.3.0 has the same figures by its
method `pchip`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator


@dataclass(frozen=True)
class Point:
    """A codec at one setting: bits per pixel, means of the measures, MPix/s both ways."""

    setting: float
    bpp: float
    measured: Mapping[str, float]
    encode: float
    decode: float

    @property
    def psnr(self) -> float:
        """Mean PSNR of the tiles in dB."""
        return self.measured["psnr"]


def bd_rate(ours: Sequence[Point], other: Sequence[Point], measure: str = "psnr") -> float:
    """Return the mean difference in bytes at equal fidelity, in percent; negative is fewer for us.

    The mean is taken over the range that both reach, along PSNR or along the similarity's distance
    from 1 in dB; nan where they share less than 0.5 dB.
    """
    (x, a), (y, b) = _curve(ours, measure), _curve(other, measure)
    low, high = max(x[0], y[0]), min(x[-1], y[-1])
    if high - low < 0.5:
        return float("nan")
    areas = [PchipInterpolator(*curve).integrate(low, high) for curve in ((x, a), (y, b))]
    return float(100 * np.expm1((areas[0] - areas[1]) / (high - low)))


def _curve(
    points: Sequence[Point], measure: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return fidelity in dB, ascending, and the logarithm of the rate."""
    values = np.array([p.measured[measure] for p in points])
    if measure == "ciede2000":
        values = -20 * np.log10(values)
    elif measure != "psnr":
        values = -10 * np.log10(np.maximum(1 - values, 1e-12))
    # A tile that was once JPEG of the very same quality comes back exactly: no point of a curve.
    finite = np.isfinite(values)
    values, rates = values[finite], np.log([p.bpp for p in points])[finite]
    order = np.lexsort((rates, values))
    # Of two settings that are equally good, the cheaper is the curve's.
    values, first = np.unique(values[order], return_index=True)
    return values, rates[order][first]
