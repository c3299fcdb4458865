"""TIFF's Orientation (tag 274): pixels as they are stored -> pixels as they are to be seen."""

from dataclasses import replace

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.slide.view import SlideView

# Of the stored pixels: rows turned round, columns turned round, then both axes exchanged.
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (True, True, False),
    4: (True, False, False),
    5: (False, False, True),
    6: (True, False, True),
    7: (True, True, True),
    8: (False, True, True),
}


def turn_upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn stored pixels (H, W, 3) upright."""
    rows, columns, exchanged = _TURNS[orientation]
    turned = pixels[:: -1 if rows else 1, :: -1 if columns else 1]
    return np.ascontiguousarray(turned.swapaxes(0, 1) if exchanged else turned)


class UprightSlide(SlideView):
    """A slide whose pixels are stored turned or mirrored.

    Args:
        source: Gives them as they are stored, and says how they are to be seen.
    """

    def __init__(self, source: SlideReader) -> None:
        self._turn = _TURNS[source.properties.orientation]
        exchanged = self._turn[2]
        levels = tuple(
            replace(level, width=level.height, height=level.width) if exchanged else level
            for level in source.levels
        )
        super().__init__(source, levels, self._restate(source.properties, source.levels[0]))

    def _read(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        area = self._stored(self.source.levels[level], x, y, width, height)
        pixels = self.source.read_region(level, *area)
        return turn_upright(pixels, self._properties.orientation)

    def _stored(
        self, stored: Level, x: int, y: int, width: int, height: int
    ) -> tuple[int, int, int, int]:
        rows, columns, exchanged = self._turn
        if exchanged:
            x, y, width, height = y, x, height, width
        return (
            stored.width - x - width if columns else x,
            stored.height - y - height if rows else y,
            width,
            height,
        )

    def _restate(self, stated: SlideProperties, finest: Level) -> SlideProperties:
        """Return microns per pixel and bounds, which the file states of its stored pixels."""
        rows, columns, exchanged = self._turn
        mpp, bounds = stated.mpp, stated.bounds
        if bounds is not None:
            x, y, width, height = bounds
            x = finest.width - x - width if columns else x
            y = finest.height - y - height if rows else y
            bounds = (y, x, height, width) if exchanged else (x, y, width, height)
        if mpp is not None and exchanged:
            mpp = (mpp[1], mpp[0])
        return replace(stated, mpp=mpp, bounds=bounds)
