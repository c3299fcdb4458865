"""How figures are worded in a report."""

from math import isinf


def decibels(value: float) -> str:
    """Return a PSNR: `31.42 dB`, or that nothing differs."""
    return "exact" if isinf(value) else f"{value:.2f} dB"


def size(value: int) -> str:
    """Return bytes in a unit of which there are few, powers of 1000."""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= step:
            return f"{value / step:.2f} {unit}"
    return f"{value} bytes"


def number(value: int) -> str:
    """Return an integer with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def tiles(value: int) -> str:
    """Return `1 tile`, `2 tiles`."""
    return f"{number(value)} tile{'' if value == 1 else 's'}"


def share(part: float, whole: float) -> str:
    """Return a part in percent."""
    return f"{100 * part / whole:.1f} %" if whole else "0 %"
