"""A damaged source, read with white where it gives no pixels."""

import threading
from collections.abc import Iterator, Mapping

import numpy as np

from pathae_codec.closing import Closing
from pathae_codec.errors import SlideReadError
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import Pixels, SlideProperties, SlideReader
from pathae_codec.slide.region import check_region

BLOCK = 256
"""Side of what is blanked at least: about a source's own tile."""
WHITE = 255


class Blanks:
    """Where white stood in for pixels; each thread is told of its own reads only."""

    def __init__(self) -> None:
        self._local = threading.local()

    def wrap(self, reader: SlideReader) -> SlideReader:
        """Return a reader that blanks what `reader` cannot give, and notes it here."""
        return _BlankingReader(reader, self)

    def note(self) -> None:
        """Note that a read of this thread was blanked, in part or in whole."""
        self._local.noted = True

    def take(self) -> bool:
        """Say whether a read of this thread was blanked since it was last asked."""
        noted = bool(getattr(self._local, "noted", False))
        self._local.noted = False
        return noted


class _BlankingReader(Closing):
    def __init__(self, source: SlideReader, blanks: Blanks) -> None:
        self._source = source
        self._blanks = blanks

    @property
    def levels(self) -> tuple[Level, ...]:
        return self._source.levels

    @property
    def properties(self) -> SlideProperties:
        return self._source.properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        level, x, y, width, height = check_region(self.levels, level, x, y, width, height)
        try:
            return self._source.read_region(level, x, y, width, height)
        except SlideReadError:
            self._blanks.note()
        pixels = np.full((height, width, 3), WHITE, np.uint8)
        for top, bottom in _blocks(y, height):
            for left, right in _blocks(x, width):
                try:
                    block = self._source.read_region(level, left, top, right - left, bottom - top)
                except SlideReadError:
                    continue
                pixels[top - y : bottom - y, left - x : right - x] = block
        return pixels

    def associated_images(self) -> Mapping[str, Pixels]:
        return self._source.associated_images()

    def close(self) -> None:
        self._source.close()


def _blocks(start: int, length: int) -> Iterator[tuple[int, int]]:
    """Cut [start, start + length) at multiples of `BLOCK`."""
    for index in range(start // BLOCK, -(-(start + length) // BLOCK)):
        yield max(start, index * BLOCK), min(start + length, (index + 1) * BLOCK)
