"""OME-TIFF and plain TIFF pyramids, read through tifffile."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.errors import SettingError, UnsupportedSlideError
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import appended
from pathae_codec.slide.interface import SOURCE_NAME, UPRIGHT, SlideProperties
from pathae_codec.slide.region import check_region
from pathae_codec.slide.tiff_coding import COMPRESSION_NAMES, lossy_coding
from pathae_codec.slide.tiff_level import TiffLevel
from pathae_codec.slide.tiff_ome_images import image_of_series
from pathae_codec.slide.tiff_orientation import one_orientation, page_orientation
from pathae_codec.slide.tiff_resolution import OmeImage, tag_mpp
from pathae_codec.slide.tiff_texts import tag_texts
from pathae_codec.slide.upright import turn_upright
from pathae_codec.slide.vendor_history import exported_history, for_research, with_coding

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

_ICC_PROFILE = 34675
_ASSOCIATED = ("label", "macro", "thumbnail")
_LARGEST_ASSOCIATED = 64 << 20
_REDUCED, _MACRO = 1, 9
_SMALLEST = 16
"""Shorter side of what may be a slide of its own."""


class TifffileReader(Closing):
    """A pyramid of 8-bit gray or RGB(A) pixels in a TIFF, as they are stored.

    See `SlideReader`; of one image, tifffile takes SubIFDs or the following pages as its levels.

    Args:
        path: A file that is there.
        series: Which image of the file, counted from 0 as tifffile does; None for the largest.

    Raises:
        UnsupportedSlideError: It is no TIFF, cut off, or has pixels of another kind.
        SettingError: It has fewer images.
    """

    def __init__(self, path: Path, series: int | None = None) -> None:
        self._path = path
        self._tiff = _open_tiff(path)
        try:
            self._series, notes = _choose(self._tiff.series, series)
            pyramid = _pyramid(self._series)
            self._parts = [TiffLevel(self._series, n) for n in pyramid]
            self._levels = tuple(self._describe_levels())
            orientation = one_orientation(self._series.levels[n].keyframe for n in pyramid)
            self._properties = replace(
                self._describe(), orientation=orientation, series=series, notes=notes
            )
        except SettingError:
            self._tiff.close()
            raise
        # A damaged directory fails wherever tifffile first uses it, with whatever error that gives.
        except Exception as error:
            self._tiff.close()
            raise _unsupported(path, error) from error

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, finest first; a downsample is the mean of both sides' ratios."""
        return self._levels

    @property
    def properties(self) -> SlideProperties:
        """What the file says of itself."""
        return self._properties

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3); see `SlideReader.read_region`.

        Raises:
            SlideReadError: The region leaves its level, or a tile of it does not decode.
        """
        level, x, y, width, height = check_region(self._levels, level, x, y, width, height)
        return self._parts[level].read(x, y, width, height)

    def associated_images(self) -> Mapping[str, Pixels]:
        """Return the other images of the file that are a label, a macro or a thumbnail.

        By their name, or as Aperio's GT450 marks them: a macro has NewSubfileType 9, a label 1.
        """
        images: dict[str, Pixels] = {}
        for series in self._tiff.series:
            name = _associated_name(series)
            if name is None or series is self._series or _area(series) > _LARGEST_ASSOCIATED:
                continue
            try:
                image = TiffLevel(series, 0)
            except UnsupportedSlideError:
                continue
            pixels = image.read(0, 0, image.width, image.height)
            turned = turn_upright(pixels, page_orientation(series.keyframe) or UPRIGHT)
            images.setdefault(name, turned)
        return images

    def close(self) -> None:
        """Close the file."""
        self._tiff.close()

    def _describe_levels(self) -> Iterator[Level]:
        finest = self._parts[0]
        for index, part in enumerate(self._parts):
            downsample = (finest.width / part.width + finest.height / part.height) / 2
            yield Level(index, part.width, part.height, downsample)

    def _describe(self) -> SlideProperties:
        page = self._series.keyframe.aspage()
        icc = page.tags.valueof(_ICC_PROFILE)
        mpp, magnification, description = None, None, page.description
        if self._tiff.is_ome:
            number = image_of_series(self._tiff, self._series)
            image = OmeImage(self._tiff.ome_metadata or "", number)
            mpp, magnification = image.mpp(), image.magnification()
            description = image.export_description()
        history = with_coding(exported_history(description), lossy_coding(page))
        return SlideProperties(
            format="ome-tiff" if self._tiff.is_ome else "tiff",
            mpp=mpp or tag_mpp(page),
            magnification=magnification,
            icc_profile=None if icc is None else bytes(icc),
            compression=COMPRESSION_NAMES.get(int(page.compression)),
            history=appended((), *history),
            metadata={SOURCE_NAME: self._path.name, **tag_texts(page)},
            research_only=for_research(history),
        )


def is_tiff(path: Path) -> bool:
    """Say whether a file begins as a TIFF does."""
    with path.open("rb") as file:
        return file.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _choose(
    images: "list[TiffPageSeries]", number: int | None
) -> "tuple[TiffPageSeries, tuple[str, ...]]":
    """Return the image that is asked for, and what a user should know of the choice."""
    if number is not None:
        if not 0 <= number < len(images):
            raise SettingError(
                f"series: expected 0 to {len(images) - 1}, the images of the file, got {number}"
            )
        return images[number], ()
    chosen = max(images, key=_area)
    others = [series for series in images if series is not chosen and _may_be_a_slide(series)]
    if chosen.keyframe.is_tiled:
        # Beside tiles, an image in strips is a label, macro or thumbnail without a name.
        others = [series for series in others if series.keyframe.is_tiled]
    if not others:
        return chosen, ()
    sizes = ", ".join(
        f"{n}: {series.keyframe.imagewidth} x {series.keyframe.imagelength} pixels"
        for n, series in enumerate(images)
        if series is chosen or series in others
    )
    return chosen, (
        f"the file holds {1 + len(others)} images that may be slides; {images.index(chosen)}, the "
        f"largest, was taken ({sizes}); --series N takes another",
    )


def _may_be_a_slide(series: "TiffPageSeries") -> bool:
    """Say whether an image is no label, macro or thumbnail, and no reduced copy of another."""
    page = series.keyframe
    reduced = int(page.subfiletype) & _REDUCED
    return _associated_name(series) is None and not reduced and min(page.shape[:2]) >= _SMALLEST


def _pyramid(series: "TiffPageSeries") -> list[int]:
    """Return the levels of a series.

    tifffile goes by shapes alone: a label or macro that has the shape of a level would be taken for
    one. Those are stored in strips where levels have tiles.
    """
    tiled = series.keyframe.is_tiled
    return [n for n, part in enumerate(series.levels) if part.keyframe.is_tiled or not tiled]


def _associated_name(series: "TiffPageSeries") -> str | None:
    name = series.name.lower()
    for known in _ASSOCIATED:
        if known in name:
            return known
    page = series.keyframe
    if name or page.is_tiled:
        return None
    return {_REDUCED: "label", _MACRO: "macro"}.get(int(page.subfiletype))


def _open_tiff(path: Path) -> "TiffFile":
    import tifffile

    try:
        return tifffile.TiffFile(path)
    # A cut or damaged header gives struct, index and memory errors as well as tifffile's own.
    except Exception as error:
        raise _unsupported(path, error) from error


def _area(series: "TiffPageSeries") -> int:
    return int(np.prod(series.shape, dtype=np.int64))


def _unsupported(path: Path, error: Exception) -> UnsupportedSlideError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return UnsupportedSlideError(f"slide {path}: tifffile does not open it ({reason})")
