"""Masks -> nuclei: separate ones, their area and dye, and which of two masks' nuclei are the same.

Nuclei that touch count as one, in the masks of the data as in those of the network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels

Mask = NDArray[np.bool_]
DYES = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
"""Densities of haematoxylin, eosin, DAB in red, green, blue (Ruifrok and Johnston 2001)."""
SAME = 0.5
"""Least intersection over union of two nuclei that are one: more than half leaves no choice."""


@dataclass(frozen=True)
class Nuclei:
    """The nuclei of one picture.

    Attributes:
        labels: int (H, W): 0 for none, i for nucleus i - 1.
        areas: Pixels of each.
        haematoxylin: Mean optical density of haematoxylin of each.
    """

    labels: NDArray[np.int32]
    areas: NDArray[np.int64]
    haematoxylin: NDArray[np.float64]


def find_nuclei(mask: Mask, pixels: Pixels, least_area: int) -> Nuclei:
    """Separate the nuclei of a mask; specks below `least_area` pixels are none."""
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    kept = np.flatnonzero(areas >= least_area)
    kept = kept[kept > 0]
    renamed = np.zeros(count + 1, np.int32)
    renamed[kept] = np.arange(1, len(kept) + 1)
    labels = renamed[labels]
    density = haematoxylin_density(pixels)
    sums = np.bincount(labels.ravel(), density.ravel(), minlength=len(kept) + 1)[1:]
    return Nuclei(labels, areas[kept], sums / areas[kept])


def haematoxylin_density(pixels: Pixels) -> NDArray[np.float64]:
    """Return the optical density of haematoxylin, (H, W), by colour deconvolution."""
    dyes = DYES / np.linalg.norm(DYES, axis=1, keepdims=True)
    density = -np.log10(np.maximum(pixels.astype(np.float64), 1) / 255)
    unmixed: NDArray[np.float64] = density @ np.linalg.inv(dyes)
    return np.maximum(unmixed[..., 0], 0)


def same_nuclei(a: Nuclei, b: Nuclei) -> int:
    """Count the nuclei that both pictures have: pairs of `SAME` intersection over union or more."""
    pairs = np.bincount(
        a.labels.ravel().astype(np.int64) * (len(b.areas) + 1) + b.labels.ravel(),
        minlength=(len(a.areas) + 1) * (len(b.areas) + 1),
    ).reshape(len(a.areas) + 1, len(b.areas) + 1)[1:, 1:]
    unions = a.areas[:, None] + b.areas[None] - pairs
    return int((pairs > SAME * unions).sum())


def object_f1(wanted: Nuclei, found: Nuclei) -> float:
    """Return the F1 of nuclei as objects, 0 to 1; 1 where there is none in either."""
    total = len(wanted.areas) + len(found.areas)
    return 2 * same_nuclei(wanted, found) / total if total else 1.0


def overlap(wanted: Mask, found: Mask) -> tuple[float, float]:
    """Return Dice and intersection over union of pixels, 0 to 1."""
    both, either = int((wanted & found).sum()), int((wanted | found).sum())
    if not either:
        return 1.0, 1.0
    return 2 * both / (both + either), both / either
