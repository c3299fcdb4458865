"""A pyramid for a source that has none: 4 x 4 box means, computed when they are asked for."""

from dataclasses import replace

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level, grid_downsample
from pathae_codec.slide.interface import SlideReader
from pathae_codec.slide.view import SlideView

FACTOR = 4
LARGEST_TOP = 1024
# Side of what one step computes: it reads a block of 2048 x 2048 pixels (12 MiB) from below.
BLOCK = 512


MISPLACED_PIXELS, MISPLACED_SHARE = 2.0, 2e-4
"""How far a level's sizes may put its far end from where it is: pixels of it, or a share of it."""


def with_pyramid(reader: SlideReader) -> SlideReader:
    """Return `reader` with more levels if it has one, until the longer side is 1024 or less.

    Each level is a quarter of the one below per side, `side // 4`. A source with several levels, or
    with one that is small enough, is returned as it is.

    A level has one downsample for both axes, and readers take it from the sizes: the mean of both
    ratios. Where a side is so short that whole pixels make that wrong, as a side of 5 pixels for
    23, there is no such level and none above it, whether it is the source's or ours.
    """
    count = _placed(reader.levels)
    if count < len(reader.levels):
        reader = _shortened(reader, count)
    levels = _pyramid(reader.levels[0])
    if len(reader.levels) != 1 or len(levels) == 1:
        return reader
    return DownsampledSlide(reader)


def _shortened(source: SlideReader, count: int) -> SlideReader:
    """Return a slide without its coarsest levels."""
    left_out = ", ".join(f"{v.width} x {v.height}" for v in source.levels[count:])
    note = (
        f"levels of {left_out} pixels were left out: their sides are too short to have one "
        "downsample"
    )
    stated = source.properties
    return SlideView(source, source.levels[:count], replace(stated, notes=(*stated.notes, note)))


class DownsampledSlide(SlideView):
    """A slide of one level with levels on top, each the 4 x 4 box means of the one below.

    The means are integers, rounded half up, so that a region has the same pixels however a caller
    splits it. Memory is bounded by one block a level.

    Args:
        source: The slide of one level.
    """

    def __init__(self, source: SlideReader) -> None:
        super().__init__(source, _pyramid(source.levels[0]))

    def _read(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        if level == 0:
            return self.source.read_region(0, x, y, width, height)
        pixels = np.empty((height, width, 3), np.uint8)
        for top in range(0, height, BLOCK):
            for left in range(0, width, BLOCK):
                part = pixels[top : top + BLOCK, left : left + BLOCK]
                part[...] = self._means(level, x + left, y + top, part.shape[1], part.shape[0])
        return pixels

    def _means(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        wide, high = width * FACTOR, height * FACTOR
        source = self._read(level - 1, x * FACTOR, y * FACTOR, wide, high)
        boxes = source.reshape(height, FACTOR, width, FACTOR, 3)
        count = FACTOR * FACTOR
        sums = boxes.sum(axis=(1, 3), dtype=np.uint16)
        means: Pixels = ((2 * sums + count) // (2 * count)).astype(np.uint8)
        return means


def _longer_side(level: Level) -> int:
    return max(level.width, level.height)


def _pyramid(finest: Level) -> tuple[Level, ...]:
    levels = [finest]
    while _longer_side(levels[-1]) > LARGEST_TOP:
        width, height = levels[-1].width // FACTOR, levels[-1].height // FACTOR
        # Exactly a power of 4, whatever the sides lose to whole pixels: boxes start at 0.
        level = Level(len(levels), width, height, float(FACTOR ** len(levels)))
        if not _is_placed(finest, level, level.downsample):
            break
        levels.append(level)
    return tuple(levels)


def _placed(levels: tuple[Level, ...]) -> int:
    """Return how many levels, from the finest on, are where their sizes say."""
    finest = levels[0]
    for count, level in enumerate(levels):
        # Whole pixels spoil the ratio of the longer side least.
        sides = zip((finest.width, finest.height), (level.width, level.height), strict=True)
        longer, reduced = max(sides)
        if not _is_placed(finest, level, longer / reduced):
            return count
    return len(levels)


def _is_placed(finest: Level, level: Level, downsample: float) -> bool:
    """Say whether what readers make of a level's sizes puts its pixels where they are.

    Args:
        finest: Level 0.
        level: Another.
        downsample: What it truly is.
    """
    if not (level.width and level.height):
        return False
    told = grid_downsample((finest.width, finest.height), (level.width, level.height))
    share = abs(told / downsample - 1)
    return share <= MISPLACED_SHARE or share * _longer_side(level) <= MISPLACED_PIXELS
