"""Where a region of slide coordinates lies on a level, and its pixels there, as OpenSlide has it.

OpenSlide takes positions in pixels of level 0. On a level whose downsample does not divide them the
region begins between two pixels: OpenSlide interpolates (bilinearly, weights in steps of 1/128) and
lets the border fade. Before the slide's left and upper border it moves by whole pixels instead.
"""

from dataclasses import dataclass

import numpy as np

from pathae_codec.arrays import Pixels

_WEIGHT_STEPS = 128
_EXACT_STEPS = 256
"""A shift of less than half of 1/256 pixel is none."""


@dataclass(frozen=True)
class Span:
    """One axis of a region on its level.

    Attributes:
        start: First pixel of the level that counts.
        shift: From there to the right, 0 <= shift < 1, in pixels.
        skip: Pixels of the region that lie before the level.
        count: Pixels of the region behind these.
    """

    start: int
    shift: float
    skip: int
    count: int


def place_span(position: int, downsample: float, size: int) -> Span:
    """Return where an axis of a region lies.

    Args:
        position: In pixels of level 0, negative too.
        downsample: Of the level.
        size: In pixels of the level.
    """
    if position < 0:
        skip = min(size, int(-position / downsample))
        return Span(0, 0.0, skip, size - skip)
    exact = position / downsample
    whole, rest = int(exact), exact - int(exact)
    if round(rest * _EXACT_STEPS) == _EXACT_STEPS:
        return Span(whole + 1, 0.0, 0, size)
    shift = 0.0 if round(rest * _EXACT_STEPS) == 0 else int(rest * _WEIGHT_STEPS) / _WEIGHT_STEPS
    return Span(whole, shift, 0, size)


def interpolate(pixels: Pixels, across: Span, down: Span) -> Pixels:
    """Shift pixels by parts of a pixel.

    Args:
        pixels: uint8 (h, w, 3) from the spans' starts on: one more row and column than the spans
            count, or fewer where the level ends.
        across: The x axis.
        down: The y axis.

    Returns:
        uint8 (down.count, across.count, 4), colours not multiplied by alpha.
    """
    height, width = pixels.shape[:2]
    weighed = np.zeros((down.count + 1, across.count + 1, 4), np.float32)
    weighed[:height, :width, :3] = pixels
    weighed[:height, :width, 3] = 1
    weighed = weighed[:-1] * (1 - down.shift) + weighed[1:] * down.shift
    weighed = weighed[:, :-1] * (1 - across.shift) + weighed[:, 1:] * across.shift
    alpha = weighed[..., 3:]
    weighed[..., :3] /= np.where(alpha > 0, alpha, 1)
    weighed[..., 3] *= 255
    return np.rint(weighed).astype(np.uint8)
