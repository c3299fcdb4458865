"""TIFF's Orientation (tag 274), as the pages of a pyramid state it."""

from typing import TYPE_CHECKING

from pathae_codec.errors import UnsupportedSlideError
from pathae_codec.slide.interface import UPRIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tifffile import TiffPage

_TAG = 274
_LAST = 8


def page_orientation(page: "TiffPage") -> int | None:
    """Return the Orientation that a page states, 1 to 8; None where it states none of these."""
    value = page.tags.valueof(_TAG)
    return int(value) if value in range(UPRIGHT, _LAST + 1) else None


def one_orientation(levels: "Iterable[TiffPage]") -> int:
    """Return the Orientation of a pyramid; a level that states none has that of level 0.

    Raises:
        UnsupportedSlideError: Levels state different ones.
    """
    finest, *others = map(page_orientation, levels)
    for number, stated in enumerate(others, 1):
        if stated not in (None, finest or UPRIGHT):
            raise UnsupportedSlideError(
                f"expected one Orientation (tag 274) of all levels, found {finest or UPRIGHT} at "
                f"level 0 and {stated} at level {number}"
            )
    return finest or UPRIGHT
