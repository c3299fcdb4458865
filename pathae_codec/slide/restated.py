"""A slide with other properties than it states itself: what a user supplied."""

from collections.abc import Mapping

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import SlideProperties, SlideReader


class RestatedReader(Closing):
    """A slide as its reader gives it, but for its properties; see `SlideReader`.

    Attributes:
        source: The slide as its reader gives it.
    """

    def __init__(self, source: SlideReader, properties: SlideProperties) -> None:
        self.source = source
        self._properties = properties

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first."""
        return self.source.levels

    @property
    def properties(self) -> SlideProperties:
        """What is said of the slide."""
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`."""
        return self.source.read_region(level, x, y, width, height)

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return label, macro and thumbnail as far as they are there, uint8 (H, W, 3)."""
        return self.source.associated_images()

    def close(self) -> None:
        """Close the slide."""
        self.source.close()
