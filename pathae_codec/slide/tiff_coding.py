"""How a TIFF codes its pixels, and whether that has lost anything."""

from math import prod
from typing import TYPE_CHECKING

from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.slide.source_coding import (
    LOSSLESS_WEBP,
    is_lossless_jpeg,
    is_reversible_jpeg2000,
    jpeg_quality,
)

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

COMPRESSION_NAMES = {
    1: "none", 5: "LZW", 6: "JPEG", 7: "JPEG", 8: "deflate", 32946: "deflate", 33003: "JPEG 2000",
    33005: "JPEG 2000", 34712: "JPEG 2000", 34933: "PNG", 50000: "zstd", 50001: "WebP",
    34927: "WebP", 50002: "JPEG XL", 52546: "JPEG XL", 22610: "JPEG XR", 34934: "JPEG XR",
}  # fmt: skip
_LOSSLESS = {"none", "LZW", "deflate", "PNG", "zstd"}
_FIRST_BYTES = 1 << 16


def lossy_coding(page: "TiffPage") -> LossyStep | None:
    """Return the lossy step that a page's coding was; None where it lost nothing, or is not known.

    A coding that can be both counts as lossy unless the bytes say otherwise.
    """
    method = COMPRESSION_NAMES.get(int(page.compression))
    if method is None or method in _LOSSLESS:
        return None
    start = _first_bytes(page)
    if is_lossless_jpeg(start) or is_reversible_jpeg2000(start) or LOSSLESS_WEBP in start[8:16]:
        return None
    stored = sum(page.databytecounts)
    ratio = page.imagewidth * page.imagelength * page.samplesperpixel / stored if stored else None
    found = jpeg_quality(page.jpegtables or start) if method == "JPEG" else None
    if found is None:
        return LossyStep(method, ratio)
    quality, equal = found
    basis = "quantization tables" if equal else "the nearest quantization tables"
    return LossyStep(method, ratio, quality, parameters={"quality_from": basis})


def finest_page(tiff: "TiffFile", size: tuple[int, int]) -> "TiffPage":
    """Return the page of level 0: of its width and height, or else the largest that is tiled.

    Some vendors' pages overlap or are cut, so that no page has the size of the level.
    """
    pages = [page.aspage() for page in tiff.pages]
    same = (page for page in pages if (page.imagewidth, page.imagelength) == size)
    return next(same, None) or max(pages, key=lambda page: (page.is_tiled, prod(page.shape)))


def _first_bytes(page: "TiffPage") -> bytes:
    """Read the begin of the first tile or strip that has bytes."""
    places = zip(page.dataoffsets, page.databytecounts, strict=False)
    offset, count = next(((o, c) for o, c in places if c), (0, 0))
    file = page.parent.filehandle
    file.seek(offset)
    return bytes(file.read(min(count, _FIRST_BYTES)))
