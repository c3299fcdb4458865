"""A slide cut to the part of its canvas that was scanned."""

from collections.abc import Mapping
from dataclasses import replace

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import Rectangle, SlideProperties, SlideReader
from pathae_codec.slide.region import check_region


def cropped_to_bounds(reader: SlideReader) -> SlideReader:
    """Return a slide cut to its bounds; a slide that states none is returned as it is."""
    bounds = reader.properties.bounds
    return reader if bounds is None else _CroppedReader(reader, bounds)


class _CroppedReader(Closing):
    """A rectangle of a slide; see `SlideReader`.

    On level 0 it is cut exactly; on the others at the nearest whole pixel, half a pixel of the
    level off at most.
    """

    def __init__(self, source: SlideReader, bounds: Rectangle) -> None:
        self._source = source
        left, top, width, height = bounds
        self._corners: list[tuple[int, int]] = []
        levels: list[Level] = []
        for level in source.levels:
            down = level.downsample
            x, wide = _cut(left, width, down, level.width)
            y, high = _cut(top, height, down, level.height)
            self._corners.append((x, y))
            levels.append(replace(level, width=wide, height=high))
        self._levels = tuple(levels)
        self._properties = replace(source.properties, crop=bounds, bounds=None)

    @property
    def levels(self) -> tuple[Level, ...]:
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        check_region(self._levels, level, x, y, width, height)
        left, top = self._corners[level]
        return self._source.read_region(level, left + x, top + y, width, height)

    def associated_images(self) -> Mapping[str, Pixels]:
        return self._source.associated_images()

    def close(self) -> None:
        self._source.close()


def _cut(start: int, length: int, downsample: float, side: int) -> tuple[int, int]:
    """Return where a part of level 0 begins on a level, and how long it is there."""
    first = min(round(start / downsample), side - 1)
    return first, max(1, min(round(length / downsample), side - first))
