"""How a source was read, as the slide record's `source` states it. Spec: v1, section 6.

`series`: the image of a file of several. `crop`: left, top, width and height of the part of level 0
that was taken. `supplied`: what a user supplied since the source does not state it.
"""

from collections.abc import Mapping
from typing import Any

SUPPLIABLE = ("mpp", "magnification")


def supplied_by_user(source: object) -> tuple[str, ...]:
    """Return which of `SUPPLIABLE` a user supplied; nothing is taken on trust."""
    stated = _object(source).get("supplied")
    return tuple(name for name in SUPPLIABLE if isinstance(stated, list) and name in stated)


def series_taken(source: object) -> int | None:
    """Return the image that was taken; None where none was asked for."""
    stated = _object(source).get("series")
    return stated if type(stated) is int and stated >= 0 else None


def was_cropped(source: object) -> bool:
    """Say whether only a part of the canvas was taken."""
    return _object(source).get("crop") is not None


def _object(source: object) -> Mapping[str, Any]:
    return source if isinstance(source, dict) else {}
