"""A slide cut to the part of its canvas that was scanned."""

from dataclasses import replace

from pathae_codec.arrays import Pixels
from pathae_codec.slide.interface import Rectangle, SlideReader
from pathae_codec.slide.view import SlideView


class CroppedSlide(SlideView):
    """A rectangle of a slide.

    On level 0 it is cut exactly; on the others at the nearest whole pixel, half a pixel of the
    level off at most.

    Args:
        source: The slide.
        bounds: Of the rectangle on level 0.
    """

    def __init__(self, source: SlideReader, bounds: Rectangle) -> None:
        left, top, width, height = bounds
        self._corners: list[tuple[int, int]] = []
        levels = []
        for level in source.levels:
            down = level.downsample
            x, wide = _cut(left, width, down, level.width)
            y, high = _cut(top, height, down, level.height)
            self._corners.append((x, y))
            levels.append(replace(level, width=wide, height=high))
        properties = replace(source.properties, crop=bounds, bounds=None)
        super().__init__(source, tuple(levels), properties)

    def _read(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        left, top = self._corners[level]
        return self.source.read_region(level, left + x, top + y, width, height)


def _cut(start: int, length: int, downsample: float, side: int) -> tuple[int, int]:
    """Return where a part of level 0 begins on a level, and how long it is there."""
    first = min(round(start / downsample), side - 1)
    return first, max(1, min(round(length / downsample), side - first))
