"""OME-TIFF and plain TIFF pyramids, read through tifffile."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pathae_codec.closing import Closing
from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.geometry import Level
from pathae_codec.record.lossy_history import appended
from pathae_codec.slide.interface import SOURCE_NAME, Pixels, SlideProperties
from pathae_codec.slide.region import check_region
from pathae_codec.slide.tiff_coding import COMPRESSION_NAMES, lossy_coding
from pathae_codec.slide.tiff_level import TiffLevel
from pathae_codec.slide.tiff_resolution import OmeImage, tag_mpp
from pathae_codec.slide.tiff_texts import tag_texts

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

_ICC_PROFILE = 34675
_ASSOCIATED = ("label", "macro", "thumbnail")
_LARGEST_ASSOCIATED = 64 << 20
_REDUCED, _MACRO = 1, 9


class TifffileReader(Closing):
    """A pyramid of 8-bit gray or RGB(A) pixels in a TIFF, the largest image of the file.

    See `SlideReader`; of one image, tifffile takes SubIFDs or the following pages as its levels.

    Args:
        path: A file that is there.

    Raises:
        UnsupportedSlideError: It is no TIFF, cut off, or has pixels of another kind.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tiff = _open_tiff(path)
        try:
            self._series = max(self._tiff.series, key=_area)
            self._parts = [TiffLevel(self._series, n) for n in _pyramid(self._series)]
            self._levels = tuple(self._describe_levels())
            self._properties = self._describe()
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
            images.setdefault(name, image.read(0, 0, image.width, image.height))
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
        coding = lossy_coding(page)
        icc = page.tags.valueof(_ICC_PROFILE)
        mpp, magnification = None, None
        if self._tiff.is_ome:
            image = OmeImage(self._tiff.ome_metadata or "", self._tiff.series.index(self._series))
            mpp, magnification = image.mpp(), image.magnification()
        return SlideProperties(
            format="ome-tiff" if self._tiff.is_ome else "tiff",
            mpp=mpp or tag_mpp(page),
            magnification=magnification,
            icc_profile=None if icc is None else bytes(icc),
            compression=COMPRESSION_NAMES.get(int(page.compression)),
            history=() if coding is None else appended((), coding),
            metadata={SOURCE_NAME: self._path.name, **tag_texts(page)},
        )


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
