"""A slide shown otherwise than its reader gives it: what is said of it, its levels, its pixels."""

from collections.abc import Mapping

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.geometry import Level
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.slide.region import check_region


class SlideView(Closing):
    """A slide as another reader gives it, but for its levels and properties; see `SlideReader`.

    Kinds of view that change pixels have a `_read` of their own.

    Args:
        source: The slide. It is closed with its view.
        levels: What is shown of its levels, finest first; None shows them as they are.
        properties: What is said of it; None says what the source says.
    """

    def __init__(
        self,
        source: SlideReader,
        levels: tuple[Level, ...] | None = None,
        properties: SlideProperties | None = None,
    ) -> None:
        self.source = source
        self._levels = source.levels if levels is None else levels
        self._properties = source.properties if properties is None else properties

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first."""
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        """What is said of the slide."""
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`.

        Raises:
            SlideReadError: The region leaves its level, or the source cannot give the pixels.
        """
        return self._read(*check_region(self._levels, level, x, y, width, height))

    def _read(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read a region that lies inside its level."""
        return self.source.read_region(level, x, y, width, height)

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return label, macro and thumbnail as far as they are there, uint8 (H, W, 3)."""
        return self.source.associated_images()

    def close(self) -> None:
        """Close the source."""
        self.source.close()
