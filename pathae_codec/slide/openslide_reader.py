"""The slides of scanner vendors, read through OpenSlide."""

import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.errors import SlideReadError, UnsupportedSlideError
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import LossyStep, appended
from pathae_codec.slide.interface import (
    SOURCE_NAME,
    UPRIGHT,
    Rectangle,
    SlideProperties,
)
from pathae_codec.slide.region import check_region, describe_region
from pathae_codec.slide.tiff_orientation import page_orientation
from pathae_codec.slide.tiff_resolution import positive
from pathae_codec.slide.tiff_samples import over_white
from pathae_codec.slide.vendor_history import aperio_history, dicom_history, for_research

if TYPE_CHECKING:
    from openslide import OpenSlide

    from pathae_codec.slide.tiff_level import TiffLevel

# Holds the source tiles of a row of 512 x 512 tiles across a slide of 50,000 pixels (RGBA).
CACHE_BYTES = 128 << 20
_ASSOCIATED = ("label", "macro", "thumbnail")
_APERIO_COMPRESSION = re.compile(r"\b(JPEG|J2K|LZW)\b(?=/|\s|$)")
_APERIO_NAMES = {"JPEG": "JPEG", "J2K": "JPEG 2000", "LZW": "LZW"}
_DICOM_NAMES = {
    "1.2.840.10008.1.2.1": "none",
    "1.2.840.10008.1.2.4.50": "JPEG",
    "1.2.840.10008.1.2.4.90": "JPEG 2000",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
}
# Compressions and colours that tifffile and OpenSlide decode to the same pixels.
_EXACT_COMPRESSIONS = {7, 33005}


def can_be_asked() -> bool:
    """Say whether OpenSlide can be imported."""
    try:
        import openslide  # noqa: F401
    except ImportError:
        return False
    return True


def knows(path: Path) -> bool:
    """Say whether OpenSlide takes a file for a vendor's slide; plain TIFF is tifffile's."""
    if not can_be_asked():
        return False
    from openslide import OpenSlide

    return OpenSlide.detect_format(path) not in (None, "generic-tiff")


class OpenSlideReader(Closing):
    """A slide that OpenSlide opens; see `SlideReader`.

    OpenSlide takes regions in whole pixels of level 0. Where a level's downsample is no integer,
    most of its pixels begin between two of those, and OpenSlide interpolates: neighbouring regions
    would not fit together. Such levels of Aperio files are read by tifffile instead, with exact
    pixels; in other vendors' files the shift is at most half a pixel of level 0, and never adds up.

    Args:
        path: A file that is there; of a DICOM slide, any of the files in its folder.

    Raises:
        UnsupportedSlideError: OpenSlide does not open it.
    """

    def __init__(self, path: Path) -> None:
        import openslide

        self._path = path
        self._reopening = threading.Lock()
        try:
            self._slide = openslide.OpenSlide(path)
            self._slide.set_cache(openslide.OpenSlideCache(CACHE_BYTES))
            self._levels = _describe_levels(self._slide)
            self._properties = _describe(self._slide, path)
        except openslide.OpenSlideError as error:
            raise UnsupportedSlideError(
                f"slide {path}: OpenSlide does not open it ({_first_line(error)})"
            ) from error
        self._tiff: Any = None
        self._exact: dict[int, TiffLevel] = {}
        if self._properties.format == "aperio":
            self._open_exact(path)

    def _open_exact(self, path: Path) -> None:
        wanted = {(v.height, v.width): v.index for v in self._levels if v.downsample % 1}
        if not wanted:
            return
        import tifffile

        from pathae_codec.slide.tiff_level import TiffLevel

        self._tiff = tifffile.TiffFile(path)
        series = self._tiff.series[0]
        for index, part in enumerate(series.levels):
            level = wanted.get(part.shape[:2])
            if level is None or int(part.keyframe.compression) not in _EXACT_COMPRESSIONS:
                continue
            with suppress(UnsupportedSlideError):
                exact = TiffLevel(series, index)
                # OpenSlide fills tiles that a scanner left out from other levels.
                if exact.complete:
                    self._exact[level] = exact

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first, with OpenSlide's downsamples."""
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        """What the slide says of itself."""
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`.

        Raises:
            SlideReadError: The region leaves its level, or the file is damaged there.
        """
        import openslide

        level, x, y, width, height = check_region(self._levels, level, x, y, width, height)
        if level in self._exact:
            return self._exact[level].read(x, y, width, height)
        downsample = self._levels[level].downsample
        corner = (round(x * downsample), round(y * downsample))
        slide = self._slide
        try:
            pixels = np.asarray(slide.read_region(corner, level, (width, height)))
        except openslide.OpenSlideError:
            pixels = self._read_anew(corner, level, x, y, width, height)
        return over_white(pixels)

    def _read_anew(
        self, corner: tuple[int, int], level: int, x: int, y: int, width: int, height: int
    ) -> Pixels:
        """Read with a fresh handle: after one error OpenSlide refuses every other read.

        Which of the threads met the damage is not known: each tries again, alone.
        """
        import openslide

        with self._reopening:
            fresh = openslide.OpenSlide(self._path)
            try:
                pixels = np.asarray(fresh.read_region(corner, level, (width, height)))
            except openslide.OpenSlideError as error:
                fresh.close()
                fresh = openslide.OpenSlide(self._path)
                raise self._unreadable(level, x, y, width, height, error) from error
            finally:
                fresh.set_cache(openslide.OpenSlideCache(CACHE_BYTES))
                self._slide = fresh
        return pixels

    @staticmethod
    def _unreadable(
        level: int, x: int, y: int, width: int, height: int, error: Exception
    ) -> SlideReadError:
        region = describe_region(level, x, y, width, height)
        return SlideReadError(
            f"slide region {region}: OpenSlide does not read it ({_first_line(error)})"
        )

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return label, macro and thumbnail as far as they are there, uint8 (H, W, 3).

        Raises:
            SlideReadError: One is there and does not decode.
        """
        import openslide

        images = self._slide.associated_images
        try:
            return {
                name: over_white(np.asarray(images[name])) for name in _ASSOCIATED if name in images
            }
        except openslide.OpenSlideError as error:
            raise SlideReadError(
                f"slide images label, macro, thumbnail: do not decode ({_first_line(error)})"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._slide.close()
        if self._tiff is not None:
            self._tiff.close()


def _describe_levels(slide: "OpenSlide") -> tuple[Level, ...]:
    sizes = zip(slide.level_dimensions, slide.level_downsamples, strict=True)
    return tuple(Level(n, w, h, float(down)) for n, ((w, h), down) in enumerate(sizes))


def _describe(slide: "OpenSlide", path: Path) -> SlideProperties:
    stated = slide.properties
    x, y = (positive(stated.get(f"openslide.mpp-{axis}")) for axis in "xy")
    # An empty region carries the profile's raw bytes; `color_profile` is parsed and written anew.
    icc = slide.read_region((0, 0), 0, (0, 0)).info.get("icc_profile")
    coding, orientation = _stored_as(path, slide.dimensions)
    history = _history(stated, coding)
    return SlideProperties(
        format=stated["openslide.vendor"],
        mpp=None if x is None or y is None else (x, y),
        magnification=positive(stated.get("openslide.objective-power")),
        icc_profile=icc,
        compression=_compression(stated),
        history=appended((), *history),
        metadata={
            SOURCE_NAME: path.name,
            **{name: stated[name] for name in stated if not name.startswith("openslide.")},
        },
        research_only=for_research(history),
        orientation=orientation,
        bounds=_bounds(slide),
    )


def _bounds(slide: "OpenSlide") -> Rectangle | None:
    """Return the part of level 0 that was scanned, on the canvas; None where that is all of it."""
    try:
        x, y, width, height = (
            int(slide.properties[f"openslide.bounds-{name}"])
            for name in ("x", "y", "width", "height")
        )
    except (KeyError, ValueError):
        return None
    wide, high = slide.dimensions
    left, top = max(0, x), max(0, y)
    right, bottom = min(wide, x + width), min(high, y + height)
    empty, whole = left >= right or top >= bottom, (0, 0, wide, high)
    return (
        None
        if empty or (left, top, right, bottom) == whole
        else (
            left,
            top,
            right - left,
            bottom - top,
        )
    )


def _history(stated: Mapping[str, str], coding: LossyStep | None) -> tuple[LossyStep, ...]:
    if stated["openslide.vendor"] == "dicom":
        return dicom_history(stated)
    if stated["openslide.vendor"] == "aperio":
        return aperio_history(stated.get("openslide.comment", ""), coding)
    return (coding,) if coding else ()


def _stored_as(path: Path, size: tuple[int, int]) -> tuple[LossyStep | None, int]:
    """Return coding and Orientation of level 0 where the vendor's format is a TIFF."""
    import tifffile

    from pathae_codec.slide.tiff_coding import finest_page, lossy_coding

    # Vendors' formats that are none give every kind of error.
    with suppress(Exception), tifffile.TiffFile(path) as tiff:
        page = finest_page(tiff, size)
        return lossy_coding(page), page_orientation(page) or UPRIGHT
    return None, UPRIGHT


def _compression(stated: Mapping[str, str]) -> str | None:
    if stated["openslide.vendor"] == "dicom":
        return _DICOM_NAMES.get(stated.get("dicom.TransferSyntaxUID", ""))
    if stated["openslide.vendor"] == "aperio":
        found = _APERIO_COMPRESSION.search(stated.get("openslide.comment", ""))
        return _APERIO_NAMES[found[1]] if found else None
    return None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
