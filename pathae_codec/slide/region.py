"""What a reader checks before it reads."""

from collections.abc import Sequence

from pathae_codec.errors import SlideReadError
from pathae_codec.geometry import Level


def describe_region(level: int, x: int, y: int, width: int, height: int) -> str:
    """Return the words by which error messages name a region."""
    return f"level {level}, x {x}, y {y}, {width} x {height} pixels"


def check_region(
    levels: Sequence[Level], level: int, x: int, y: int, width: int, height: int
) -> None:
    """Refuse a region that is empty or not all of it inside its level.

    Raises:
        SlideReadError: There is no such level, or the region leaves it.
    """
    if not 0 <= level < len(levels):
        raise SlideReadError(f"slide level: expected 0 to {len(levels) - 1}, got {level}")
    bounds = levels[level]
    inside = 0 <= x < x + width <= bounds.width and 0 <= y < y + height <= bounds.height
    if not inside:
        raise SlideReadError(
            f"slide region {describe_region(level, x, y, width, height)}: expected one inside the "
            f"level, which has {bounds.width} x {bounds.height} pixels"
        )
