"""Bytes at equal similarity, and how much of the range the comparison covers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

LEAST_DISTANCE = 1e-9
LEAST_OVERLAP = 0.05


@dataclass(frozen=True)
class Comparison:
    """One codec against another at equal fidelity.

    Attributes:
        percent: Mean difference in bytes, negative where the first needs fewer; nan where the two
            share less than a twentieth of the first's range.
        overlap: Share of the first's range of fidelity that the other reaches too, 0 to 1.
    """

    percent: float
    overlap: float


def compare_at_equal(
    rates: Sequence[float],
    fidelity: Sequence[float],
    other_rates: Sequence[float],
    other_fidelity: Sequence[float],
) -> Comparison:
    """Return the mean difference of log rate over the fidelity that both reach.

    Bjontegaard's difference with monotone cubic interpolation (PCHIP), integrated exactly.

    Args:
        rates: Bits a pixel of the first codec.
        fidelity: PSNR in dB, or a similarity by way of `decibels`.
        other_rates: Of the other codec.
        other_fidelity: Likewise.
    """
    first, other = _curve(rates, fidelity), _curve(other_rates, other_fidelity)
    if first is None or other is None:
        return Comparison(float("nan"), 0.0)
    (x, a), (y, b) = first, other
    low, high = max(x[0], y[0]), min(x[-1], y[-1])
    overlap = max(0.0, float((high - low) / (x[-1] - x[0])))
    if overlap < LEAST_OVERLAP:
        return Comparison(float("nan"), overlap)
    areas = [float(PchipInterpolator(*curve).integrate(low, high)) for curve in ((x, a), (y, b))]
    return Comparison(100 * (np.exp((areas[0] - areas[1]) / (high - low)) - 1), overlap)


def decibels(similarity: Sequence[float]) -> list[float]:
    """Return the distance of similarities from 1 in dB: higher is nearer."""
    distance = np.maximum(1 - np.asarray(similarity, np.float64), LEAST_DISTANCE)
    return [float(value) for value in -10 * np.log10(distance)]


def _curve(
    rates: Sequence[float], fidelity: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return fidelity, ascending, and log rate; None for fewer than two points.

    Settings that take more bytes than another and are no better are left out: nobody would use
    them, and no function of fidelity goes through them.
    """
    best, kept = -np.inf, []
    for rate, value in sorted(zip(rates, fidelity, strict=True)):
        if np.isfinite(value) and value > best:
            best = value
            kept.append((value, np.log(rate)))
    if len(kept) < 2:
        return None
    values, logarithms = np.array(kept).T
    return values, logarithms
