"""Which dyes an image holds: directions in optical density, after Macenko et al. 2009."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

Floats = NDArray[np.float32]

SAMPLES = 20_000
GLASS_DENSITY = 0.12
"""Mean optical density below which a pixel holds no dye to speak of."""
LESS_THAN_NONE = 0.15
"""What stays of a negative amount: all would be iridescent in other dyes, nothing would be flat."""
LEAST_ANGLE = 0.45
"""Radians between haematoxylin and eosin: nearer, and unmixing would blow up the noise."""
RUIFROK = np.array([[0.650, 0.704, 0.286], [0.093, 0.954, 0.283]])
"""Haematoxylin and eosin of Ruifrok and Johnston 2001."""


@dataclass(frozen=True)
class Unmixing:
    """Glass and dyes of one image.

    `glass` is its level in red, green and blue; `dyes` float64 (2, 3), haematoxylin and eosin, each
    of length 1.
    """

    glass: tuple[float, float, float]
    dyes: NDArray[np.float64]

    def amounts(self, pixels: Pixels) -> Floats:
        """Return the amounts of both dyes, and of what neither explains, in uint8 (H, W, 3).

        float32 (3, H, W); what is lighter than glass, or more of one dye than there is, makes
        amounts below 0, and these are made small.
        """
        planes = [np.take(table, pixels[..., c]) for c, table in enumerate(self._tables)]
        amounts = mix(np.stack(planes), np.linalg.inv(with_remainder(self.dyes, 1.0)))
        np.maximum(amounts[:2], LESS_THAN_NONE * amounts[:2], out=amounts[:2])
        return amounts

    @cached_property
    def _tables(self) -> Floats:
        # Half a level: black has a density too.
        levels = np.log(np.maximum(np.arange(256), 0.5))
        tables: Floats = (np.log(self.glass)[:, None] - levels).astype(np.float32)
        return tables


def estimate_unmixing(pixels: Pixels) -> Unmixing:
    """Estimate glass and dyes of uint8 (H, W, 3), an image of a few cells or more.

    The dyes are the borders, all but the outermost hundredth of the pixels, of the fan that the
    densities make in the plane of their two main directions. Where they lie too near to each other
    to be told apart, they are drawn apart within that plane.
    """
    flat = pixels.reshape(-1, 3)
    flat = flat[:: max(1, len(flat) // SAMPLES)].astype(np.float64)
    glass = np.clip(np.percentile(flat, 99.7, axis=0), 220, 255)
    densities = np.log(glass) - np.log(np.maximum(flat, 0.5))
    tissue = densities[densities.mean(1) > GLASS_DENSITY]
    found = _fan_borders(tissue) if len(tissue) > 100 else RUIFROK
    red, green, blue = (float(level) for level in glass)
    return Unmixing((red, green, blue), found)


def _fan_borders(tissue: NDArray[np.float64]) -> NDArray[np.float64]:
    _, directions = np.linalg.eigh(np.cov(tissue.T))
    plane = directions[:, :0:-1].copy()
    plane *= np.where(plane.sum(0) < 0, -1, 1)
    across = tissue @ plane
    angles = np.arctan2(across[:, 1], across[:, 0])
    low, high = np.percentile(angles, (1, 99))
    lacking = max(0.0, LEAST_ANGLE - (high - low)) / 2
    low, high = low - lacking, high + lacking
    borders = np.array([[np.cos(a), np.sin(a)] for a in (low, high)]) @ plane.T
    # Haematoxylin takes more of the red.
    ordered: NDArray[np.float64] = borders[np.argsort(-borders[:, 0])]
    return ordered


def with_remainder(dyes: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return dyes (2, 3) and a third direction across both, of length `weight`: (3, 3)."""
    across = np.cross(dyes[0] / np.linalg.norm(dyes[0]), dyes[1] / np.linalg.norm(dyes[1]))
    length = np.linalg.norm(across)
    # Two doses of one dye span no plane; any direction across it will do then.
    across = across / length if length > 1e-3 else np.array([1.0, -1.0, 0.0]) / np.sqrt(2)
    return np.vstack([dyes, weight * across])


def mix(planes: Floats, matrix: NDArray[np.floating[Any]]) -> Floats:
    """Return planes (3, H, W) times a matrix (3, 3); no BLAS, whose threads only wait here."""
    weights = matrix.astype(np.float32)
    mixed: Floats = np.empty_like(planes)
    for channel in range(3):
        one = mixed[channel]
        np.multiply(planes[0], weights[0, channel], out=one)
        one += planes[1] * weights[1, channel]
        one += planes[2] * weights[2, channel]
    return mixed
