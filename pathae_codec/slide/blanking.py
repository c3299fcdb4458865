"""A damaged source, read with white where it gives no pixels."""

from collections.abc import Iterator

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SlideReadError
from pathae_codec.slide.downsampled import DownsampledSlide
from pathae_codec.slide.interface import SlideReader
from pathae_codec.slide.view import SlideView

BLOCK = 256
"""Side of what is blanked at least: about a source's own tile."""
WHITE = 255


def read_or_blank(
    slide: SlideReader, level: int, x: int, y: int, width: int, height: int
) -> tuple[Pixels, bool]:
    """Read a region as `SlideReader.read_region` does, with white for what the slide cannot give.

    Returns:
        uint8 (height, width, 3), and whether any of it was blanked.

    Raises:
        SlideReadError: The region leaves its level.
    """
    try:
        return slide.read_region(level, x, y, width, height), False
    except SlideReadError:
        return with_blanks(slide).read_region(level, x, y, width, height), True


def with_blanks(slide: SlideReader) -> SlideReader:
    """Return the same slide, with white where it gives no pixels.

    Levels that are computed on top of the source's are computed from its blanked ones.
    """
    if isinstance(slide, DownsampledSlide):
        return DownsampledSlide(_BlankedSlide(slide.source))
    if type(slide) is SlideView:
        return SlideView(with_blanks(slide.source), slide.levels, slide.properties)
    return _BlankedSlide(slide)


class _BlankedSlide(SlideView):
    def _read(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        try:
            return self.source.read_region(level, x, y, width, height)
        except SlideReadError:
            return self._read_blocks(level, x, y, width, height)

    def _read_blocks(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        pixels = np.full((height, width, 3), WHITE, np.uint8)
        for top, bottom in _blocks(y, height):
            for left, right in _blocks(x, width):
                try:
                    block = self.source.read_region(level, left, top, right - left, bottom - top)
                except SlideReadError:
                    continue
                pixels[top - y : bottom - y, left - x : right - x] = block
        return pixels


def _blocks(start: int, length: int) -> Iterator[tuple[int, int]]:
    """Cut [start, start + length) at multiples of `BLOCK`."""
    for index in range(start // BLOCK, -(-(start + length) // BLOCK)):
        yield max(start, index * BLOCK), min(start + length, (index + 1) * BLOCK)
