"""OME-TIFF and plain TIFF pyramids, read through tifffile."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.geometry import Level
from pathae_codec.slide import Pixels, SlideProperties
from pathae_codec.slide.region import check_region
from pathae_codec.slide.tiff_level import TiffLevel
from pathae_codec.slide.tiff_resolution import OmeImage, tag_mpp

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

_ICC_PROFILE = 34675
_ASSOCIATED = ("label", "macro", "thumbnail")
_LARGEST_ASSOCIATED = 64 << 20
_COMPRESSIONS = {
    1: "none", 5: "LZW", 6: "JPEG", 7: "JPEG", 8: "deflate", 32946: "deflate", 33003: "JPEG 2000",
    33005: "JPEG 2000", 34712: "JPEG 2000", 34933: "PNG", 50000: "zstd", 50001: "WebP",
    34927: "WebP", 50002: "JPEG XL", 52546: "JPEG XL", 22610: "JPEG XR", 34934: "JPEG XR",
}  # fmt: skip


class TifffileReader:
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
            self._parts = [TiffLevel(self._series, n) for n in range(len(self._series.levels))]
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
        check_region(self._levels, level, x, y, width, height)
        return self._parts[level].read(x, y, width, height)

    def associated_images(self) -> Mapping[str, Pixels]:
        """Give the other images of the file that are named label, macro or thumbnail."""
        images: dict[str, Pixels] = {}
        for series in self._tiff.series:
            name = next((name for name in _ASSOCIATED if name in series.name.lower()), None)
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _describe_levels(self) -> Iterator[Level]:
        finest = self._parts[0]
        for index, part in enumerate(self._parts):
            downsample = (finest.width / part.width + finest.height / part.height) / 2
            yield Level(index, part.width, part.height, downsample)

    def _describe(self) -> SlideProperties:
        page = self._series.keyframe
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
            compression=_COMPRESSIONS.get(int(page.compression)),
        )


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
