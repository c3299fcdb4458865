"""A pyramid for a source that has none: 4 x 4 box means, computed when they are asked for."""

from collections.abc import Mapping

import numpy as np

from pathae_codec.closing import Closing
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import Pixels, SlideProperties, SlideReader
from pathae_codec.slide.region import check_region

FACTOR = 4
LARGEST_TOP = 1024
# Side of what one step computes: it reads a block of 2048 x 2048 pixels (12 MiB) from below.
BLOCK = 512


def with_pyramid(reader: SlideReader) -> SlideReader:
    """Return `reader` more levels if it has only one, until the longer side is 1024 or less.

    Each level is a quarter of the one below per side, `max(1, side // 4)`. A source with several
    levels, or with one that is small enough, is returned as it is.
    """
    if len(reader.levels) != 1 or _longer_side(reader.levels[0]) <= LARGEST_TOP:
        return reader
    return DownsampledReader(reader)


class DownsampledReader(Closing):
    """A slide of one level with levels on top, each the 4 x 4 box means of the one below.

    The means are integers, rounded half up, so that a region has the same pixels however a caller
    splits it. Memory is bounded by one block a level.
    """

    def __init__(self, source: SlideReader) -> None:
        self._source = source
        self._levels = _pyramid(source.levels[0])

    @property
    def levels(self) -> tuple[Level, ...]:
        """The source's level and those on top of it, finest first."""
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        """What the source says of itself."""
        return self._source.properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`.

        Raises:
            SlideReadError: The region leaves its level, or the source cannot give the pixels.
        """
        level, x, y, width, height = check_region(self._levels, level, x, y, width, height)
        if level == 0:
            return self._source.read_region(0, x, y, width, height)
        pixels = np.empty((height, width, 3), np.uint8)
        for top in range(0, height, BLOCK):
            for left in range(0, width, BLOCK):
                part = pixels[top : top + BLOCK, left : left + BLOCK]
                part[...] = self._means(level, x + left, y + top, part.shape[1], part.shape[0])
        return pixels

    def _means(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        below = self._levels[level - 1]
        # A side of 1 to 3 pixels has no whole box: its mean is that of the pixels there are.
        wide = min(width * FACTOR, below.width - x * FACTOR)
        high = min(height * FACTOR, below.height - y * FACTOR)
        source = self.read_region(level - 1, x * FACTOR, y * FACTOR, wide, high)
        boxes = source.reshape(height, high // height, width, wide // width, 3)
        count = boxes.shape[1] * boxes.shape[3]
        sums = boxes.sum(axis=(1, 3), dtype=np.uint16)
        means: Pixels = ((2 * sums + count) // (2 * count)).astype(np.uint8)
        return means

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return the source's label, macro and thumbnail."""
        return self._source.associated_images()

    def close(self) -> None:
        """Close the source."""
        self._source.close()


def _longer_side(level: Level) -> int:
    return max(level.width, level.height)


def _pyramid(finest: Level) -> tuple[Level, ...]:
    levels = [finest]
    while _longer_side(levels[-1]) > LARGEST_TOP:
        width = max(1, levels[-1].width // FACTOR)
        height = max(1, levels[-1].height // FACTOR)
        # Exactly a power of 4, whatever the sides lose to whole pixels: boxes start at 0.
        levels.append(Level(len(levels), width, height, float(FACTOR ** len(levels))))
    return tuple(levels)
