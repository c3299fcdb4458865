"""What a scanner's file did to the pixels before anybody read them: JPEG or JPEG 2000, or nothing.

The tiles of a slide begin at multiples of 8 or 16 of its JPEG grid, and so do those of this codec.
A crop that is compressed here has the grid at its own phase 0, which is the phase in use.
"""

from dataclasses import dataclass
from typing import Literal

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError

Kind = Literal["none", "jpeg420", "jpeg422", "jpeg444", "jpeg_rgb", "jpeg2000"]
KINDS: tuple[Kind, ...] = ("none", "jpeg420", "jpeg422", "jpeg444", "jpeg_rgb", "jpeg2000")


@dataclass(frozen=True)
class HistoryTable:
    """How often each history is drawn, and how strong it is.

    The shares need not sum to 1. `quality` is JPEG's, lowest and highest, drawn evenly; `psnr` that
    of JPEG 2000 in dB, likewise. From 34 to 42 dB the training tiles take 1.1 to 3 bits a pixel in
    the median; TCGA-CR-7395 has 1.4.
    """

    none: float = 0.0
    jpeg420: float = 0.0
    jpeg422: float = 0.0
    jpeg444: float = 0.0
    jpeg_rgb: float = 0.0
    jpeg2000: float = 0.0
    quality: tuple[int, int] = (25, 95)
    psnr: tuple[int, int] = (34, 42)

    def __post_init__(self) -> None:
        """Check the ranges."""
        shares = [getattr(self, kind) for kind in KINDS]
        if min(shares) < 0 or sum(shares) <= 0:
            raise SettingError(f"history: expected shares of 0 or more, one above, got {shares}")
        low, high = self.quality
        if not 1 <= low <= high <= 100:
            raise SettingError(
                f"history: expected 1 <= low <= high <= 100, got quality {low, high}"
            )
        if not 0 < self.psnr[0] <= self.psnr[1]:
            raise SettingError(f"history: expected 0 < low <= high in dB, got psnr {self.psnr}")

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each of `KINDS`, of all drawn."""
        given = np.array([getattr(self, kind) for kind in KINDS], np.float64)
        shares: NDArray[np.float64] = given / given.sum()
        return shares


def draw_history(pixels: Pixels, table: HistoryTable, random: np.random.Generator) -> Pixels:
    """Return what a reader gets of uint8 (H, W, 3) once a scanner has stored it, uint8 alike."""
    kind = KINDS[int(random.choice(len(KINDS), p=table.shares))]
    if kind == "none":
        return pixels
    if kind == "jpeg2000":
        return through_jpeg2000(pixels, _draw_between(table.psnr, random))
    return through_jpeg(pixels, kind, _draw_between(table.quality, random))


def through_jpeg(pixels: Pixels, kind: Kind, quality: int) -> Pixels:
    """Return uint8 (H, W, 3) after JPEG of libjpeg's tables at a quality, the grid at 0.

    `jpeg_rgb` stores red, green and blue as they are, each by the table that is otherwise luma's:
    so does Aperio's software, and CMU-1 (quality 30) holds that very table. libjpeg marks such
    files as RGB where Aperio leaves the mark out, which makes no difference to the pixels.
    """
    crop = np.ascontiguousarray(pixels)
    if kind == "jpeg_rgb":
        stored = imagecodecs.jpeg8_encode(
            crop, level=quality, colorspace="RGB", outcolorspace="RGB"
        )
        return imagecodecs.jpeg8_decode(stored, colorspace="RGB", outcolorspace="RGB")
    stored = imagecodecs.jpeg8_encode(crop, level=quality, subsampling=kind.removeprefix("jpeg"))
    # Chroma is interpolated, as libjpeg does by default and so OpenSlide and tifffile.
    return imagecodecs.jpeg8_decode(stored)


def through_jpeg2000(pixels: Pixels, psnr: int) -> Pixels:
    """Return uint8 (H, W, 3) after JPEG 2000: wavelet 9/7, decorrelated colours, as Aperio's."""
    crop = np.ascontiguousarray(pixels)
    stored = imagecodecs.jpeg2k_encode(crop, level=psnr, reversible=False, codecformat="j2k")
    return imagecodecs.jpeg2k_decode(stored)


def _draw_between(bounds: tuple[int, int], random: np.random.Generator) -> int:
    return int(random.integers(bounds[0], bounds[1] + 1))
