"""What a reader checks before it reads."""

from collections.abc import Sequence

from pathae_codec.entry_numbers import whole
from pathae_codec.errors import SlideReadError
from pathae_codec.geometry import Level


def describe_region(level: int, x: int, y: int, width: int, height: int) -> str:
    """Return the words by which error messages name a region."""
    return f"level {level}, x {x}, y {y}, {width} x {height} pixels"


def check_region(
    levels: Sequence[Level], level: int, x: int, y: int, width: int, height: int
) -> tuple[int, int, int, int, int]:
    """Return the numbers of a region as `int`, where it lies inside its level and is not empty.

    Raises:
        SettingError: One is no whole number.
        SlideReadError: There is no such level, or the region leaves it.
    """
    level, x, y, width, height = (
        whole(value, "slide region") for value in (level, x, y, width, height)
    )
    if not 0 <= level < len(levels):
        raise SlideReadError(f"slide level: expected 0 to {len(levels) - 1}, got {level}")
    bounds = levels[level]
    inside = 0 <= x < x + width <= bounds.width and 0 <= y < y + height <= bounds.height
    if not inside:
        raise SlideReadError(
            f"slide region {describe_region(level, x, y, width, height)}: expected one inside the "
            f"level, which has {bounds.width} x {bounds.height} pixels"
        )
    return level, x, y, width, height
