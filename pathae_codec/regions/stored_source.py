"""A PathAE file as the source of a conversion, beside all that `slide.open_slide` opens."""

from collections.abc import Mapping
from pathlib import Path

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.container import open_container
from pathae_codec.errors import FormatError, NotPathAEError, SettingError, SlideReadError
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import PATHAE
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.stored_slide import StoredSlide
from pathae_codec.slide import WHOLE, Part, open_slide
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.slide.region import check_region, describe_region


def open_source(path: Path, part: Part = WHOLE) -> SlideReader:
    """Open a slide to be converted: a PathAE file, or what `slide.open_slide` opens.

    Args:
        path: Of a file, or of a PathAE OME-Zarr.
        part: What of a slide is read; of a PathAE file all is.

    Raises:
        SlideError: As `open_slide`.
        FormatError: A PathAE file that is damaged.
        SettingError: It holds no such series.
    """
    try:
        stored = StoredSource(path) if path.exists() else None
    except NotPathAEError:
        stored = None
    if stored is None:
        return open_slide(path, part)
    if part.series:
        raise SettingError(
            f"series: expected 0, since a PathAE file is one slide, got {part.series}"
        )
    return stored


class StoredSource(Closing):
    """A PathAE file; see `SlideReader`. What its record says of its own source comes along."""

    def __init__(self, path: Path) -> None:
        container = open_container(path)
        self._slide = StoredSlide(container, container.parameters, TileCache())
        self._levels = container.levels
        self._properties = _describe(container.record.sound(), container.icc_profile)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first."""
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        """What the file says of itself and of the slide that it was made from."""
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`.

        Raises:
            SlideReadError: The region leaves its level, or a tile of it is damaged.
            ModelError: The decoder that the file names is not here.
        """
        level, x, y, width, height = check_region(self._levels, level, x, y, width, height)
        try:
            return self._slide.read_level(level, x, y, width, height)
        except FormatError as error:
            region = describe_region(level, x, y, width, height)
            raise SlideReadError(f"slide region {region}: does not decode ({error})") from error

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return label, macro and thumbnail as far as they are there, uint8 (H, W, 3).

        Raises:
            SlideReadError: One is there and does not decode.
        """
        container = self._slide.container
        try:
            return {name: container.associated_image(name) for name in container.associated}
        except FormatError as error:
            raise SlideReadError(f"slide images: do not decode ({error})") from error

    def close(self) -> None:
        """Let go of decoded tiles; no file is open between reads."""
        self._slide.cache = TileCache()


def _describe(record: SlideRecord, icc_profile: bytes | None) -> SlideProperties:
    return SlideProperties(
        format="pathae",
        mpp=record.mpp,
        magnification=record.magnification,
        icc_profile=icc_profile,
        compression=PATHAE,
        history=record.lossy_history,
        metadata=record.source.metadata or {},
        # A file that does not say is of a version whose files were all for research only.
        research_only=record.research_only is not False,
        supplied=record.source.supplied or (),
    )
