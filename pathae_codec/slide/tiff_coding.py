"""How a TIFF codes its pixels, and whether that has lost anything."""

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING

from pathae_codec.record.lossy_history import LossyStep
from pathae_codec.slide.jpegxl_header import is_lossless_jpegxl
from pathae_codec.slide.jpegxr_header import is_lossless_jpegxr
from pathae_codec.slide.lerc_header import lerc_error
from pathae_codec.slide.source_coding import (
    is_lossless_jpeg,
    is_lossless_webp,
    is_reversible_jpeg2000,
    jpeg_quality,
)

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

COMPRESSION_NAMES = {
    1: "none", 5: "LZW", 6: "JPEG", 7: "JPEG", 8: "deflate", 22610: "JPEG XR", 32773: "PackBits",
    32946: "deflate", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000", 33007: "JPEG",
    34712: "JPEG 2000", 34887: "LERC", 34892: "JPEG", 34925: "LZMA", 34927: "WebP", 34933: "PNG",
    34934: "JPEG XR", 50000: "zstd", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_LOSSLESS = {"none", "LZW", "deflate", "PackBits", "LZMA", "PNG", "zstd"}
_SHOWS_LOSSLESS = {
    "JPEG": is_lossless_jpeg,
    "JPEG 2000": is_reversible_jpeg2000,
    "WebP": is_lossless_webp,
    "JPEG XL": is_lossless_jpegxl,
    "JPEG XR": is_lossless_jpegxr,
}
_FIRST_BYTES = 1 << 16
_PROBED = 9
"""Tiles or strips that are looked at, spread evenly: a writer may choose for each."""
_LERC_PARAMETERS, _LERC_STORED = 50674, {0: "none", 1: "deflate", 2: "zstd"}


def lossy_coding(page: "TiffPage") -> LossyStep | None:
    """Return the lossy step that a page's coding was; None where it lost nothing, or is not known.

    A coding that can be both counts as lossy unless the bytes say otherwise.
    """
    method = COMPRESSION_NAMES.get(int(page.compression))
    if method is None or method in _LOSSLESS:
        return None
    stored = sum(page.databytecounts)
    ratio = page.imagewidth * page.imagelength * page.samplesperpixel / stored if stored else None
    if method == "LERC":
        return _lerc_step(page, ratio)
    starts = list(_starts(page, _FIRST_BYTES))
    if starts and all(map(_SHOWS_LOSSLESS[method], starts)):
        return None
    start = starts[0] if starts else b""
    found = jpeg_quality(page.jpegtables or start) if method == "JPEG" else None
    if found is None:
        return LossyStep(method, ratio)
    quality, equal = found
    basis = "quantization tables" if equal else "the nearest quantization tables"
    return LossyStep(method, ratio, quality, parameters={"quality_from": basis})


def _lerc_step(page: "TiffPage", ratio: float | None) -> LossyStep | None:
    """Return the step that LERC was, with the largest error that it allowed."""
    parameters = page.tags.valueof(_LERC_PARAMETERS) or (0, 0)
    around = _LERC_STORED.get(int(parameters[1]), "none")
    errors = [lerc_error(data, around) for data in _starts(page, None)]
    largest = None if None in errors else max((e for e in errors if e is not None), default=None)
    if largest == 0:
        return None
    allowed = None if largest is None else {"max_error": largest}
    return LossyStep("LERC", ratio, parameters=allowed)


def finest_page(tiff: "TiffFile", size: tuple[int, int]) -> "TiffPage":
    """Return the page of level 0: of its width and height, or else the largest that is tiled.

    Some vendors' pages overlap or are cut, so that no page has the size of the level.
    """
    pages = [page.aspage() for page in tiff.pages]
    same = (page for page in pages if (page.imagewidth, page.imagelength) == size)
    return next(same, None) or max(pages, key=lambda page: (page.is_tiled, prod(page.shape)))


def _starts(page: "TiffPage", limit: int | None) -> Iterator[bytes]:
    """Read the begin of some tiles or strips that have bytes; all of each without a limit."""
    places = [(o, c) for o, c in zip(page.dataoffsets, page.databytecounts, strict=False) if c]
    count = min(len(places), _PROBED)
    file = page.parent.filehandle
    for number in range(count):
        offset, size = places[number * (len(places) - 1) // max(1, count - 1)]
        file.seek(offset)
        yield bytes(file.read(size if limit is None else min(size, limit)))
