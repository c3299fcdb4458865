"""How a TIFF stores its samples, and how they become RGB."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.errors import UnsupportedSlideError

if TYPE_CHECKING:
    from tifffile import TiffPageSeries

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR = 0, 1, 2, 6
# Of these, tifffile gives luma and chroma as they are; image codecs give RGB.
_KEEP_YCBCR = {1, 5, 8, 32773, 32946, 33003, 34925, 50000}
_PREMULTIPLIED, _STRAIGHT = 1, 2


@dataclass(frozen=True)
class SampleLayout:
    """How a series stores its samples.

    Attributes:
        planar: (S, H, W) and not (H, W, S).
        samples: 1, 3 or 4.
        alpha: TIFF's ExtraSamples value of the fourth sample: 1 premultiplied, 2 straight, else it
            is no alpha.
        inverted: 0 is white.
    """

    planar: bool
    samples: int
    alpha: int
    inverted: bool

    @property
    def white(self) -> int:
        """The sample that is shown as white."""
        return 0 if self.inverted else 255

    def to_rgb(self, stored: NDArray[np.uint8]) -> Pixels:
        """Turn stored samples into uint8 (H, W, 3), over white where they have alpha."""
        pixels = np.moveaxis(stored, 0, -1) if self.planar else stored
        if self.samples == 1:
            gray = pixels.reshape(*pixels.shape[:2], 1)
            return np.repeat(255 - gray if self.inverted else gray, 3, axis=2)
        if self.samples == 4 and self.alpha in (_PREMULTIPLIED, _STRAIGHT):
            return over_white(pixels, premultiplied=self.alpha == _PREMULTIPLIED)
        return pixels[..., :3]


def over_white(pixels: Pixels, *, premultiplied: bool = False) -> Pixels:
    """Composite uint8 (H, W, 4) RGBA over white, rounded to nearest: uint8 (H, W, 3)."""
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    if alpha.min() == 255:
        return np.ascontiguousarray(colour)
    blended: Pixels
    wide, clear = colour.astype(np.uint16), 255 - alpha.astype(np.uint16)
    if premultiplied:
        blended = np.minimum(wide + clear, 255).astype(np.uint8)
    else:
        blended = ((wide * alpha + 255 * clear + 127) // 255).astype(np.uint8)
    return blended


def sample_layout(series: "TiffPageSeries") -> SampleLayout:
    """Say how a series stores 8-bit gray or RGB(A) pixels of one plane.

    Raises:
        UnsupportedSlideError: It stores something else.
    """
    page = series.keyframe
    # OME-XML calls the samples of an RGB pixel channels; separate channels have a page each.
    channels_are_samples = page.samplesperpixel > 1
    axes = series.axes.replace("C", "S") if channels_are_samples else series.axes
    samples = series.shape[axes.index("S")] if "S" in axes else 1
    if series.dtype != np.uint8 or axes not in ("YX", "YXS", "SYX") or samples not in (1, 3, 4):
        found = f"{series.dtype} with axes {series.axes} and shape {series.shape}"
        raise UnsupportedSlideError(f"expected one plane of 8-bit gray or RGB(A), found {found}")
    expected = (_WHITE_IS_ZERO, _BLACK_IS_ZERO) if samples == 1 else (_RGB, _YCBCR)
    raw_ycbcr = page.photometric == _YCBCR and int(page.compression) in _KEEP_YCBCR
    if page.photometric not in expected or raw_ycbcr:
        kind = getattr(page.photometric, "name", page.photometric)
        colours = f"colours of kind {kind} in {samples} samples"
        raise UnsupportedSlideError(f"expected gray or RGB(A) pixels, found {colours}")
    alpha = int(page.extrasamples[0]) if samples == 4 and page.extrasamples else 0
    return SampleLayout(axes == "SYX", samples, alpha, page.photometric == _WHITE_IS_ZERO)
