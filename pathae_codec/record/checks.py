"""What any container is checked for: JSON, sides, levels. Spec: v1, sections 6 and 9."""

import json
import re
from collections.abc import Iterable
from typing import Any

from pathae_codec.bitstream.limits import (
    MAX_LEDGER_BYTES,
    MAX_LEVEL_SIDE,
    MAX_LEVEL_TILES,
    MAX_LEVELS,
    MAX_RECORD_VALUES,
)
from pathae_codec.errors import ContainerError, NotPathAEError
from pathae_codec.geometry import Level, grid_downsample, grid_shape
from pathae_codec.record.ledger import LedgerLayout
from pathae_codec.record.slide_record import SlideRecord

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def parse_json(text: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ContainerError: It is none, has too many values, or says a member twice: some readers take
            the first, some the last.
    """
    _check_values(text, what)
    try:
        value = json.loads(text.decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ContainerError(f"{what}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise ContainerError(f"{what}: expected a JSON object, got {value!r:.40}")
    return value


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise ValueError("a member is there twice")
    return value


def _check_values(text: bytes, what: str) -> None:
    """Refuse what would take long to read, before it is read."""
    # With what is in texts: most of what is read ends here.
    if _values(text) <= MAX_RECORD_VALUES:
        return
    # A key and a value a comma. Without this, leaving out millions of texts would take as long.
    texts = (text.count(b'"') - text.count(b'\\"')) // 2
    if texts > 2 * MAX_RECORD_VALUES or _values(_TEXT.sub(b"", text)) > MAX_RECORD_VALUES:
        raise ContainerError(f"{what}: expected {MAX_RECORD_VALUES} values at most, got more")


def _values(text: bytes) -> int:
    return sum(text.count(sign) for sign in (b",", b"[", b"{"))


def not_pathae(location: str) -> NotPathAEError:
    """Return the error for a file that is none of ours."""
    return NotPathAEError(
        f"file {location}: expected a PathAE slide record, found none; "
        "pathae convert makes such files from slides"
    )


def check_side(value: object, limit: int, what: str) -> int:
    """Return a side in pixels, 1 to `limit`.

    Raises:
        ContainerError: It is none.
    """
    if type(value) is not int or not 1 <= value <= limit:
        raise ContainerError(f"{what}: expected 1 to {limit}, got {value!r:.20}")
    return value


def check_levels(sizes: Iterable[tuple[int, int]], record: SlideRecord) -> tuple[Level, ...]:
    """Return the levels of (width, height), within the limits and as the record states them.

    Raises:
        ContainerError: None, too many, too large, or others than the record states.
    """
    sizes = tuple(sizes)
    if not 1 <= len(sizes) <= MAX_LEVELS:
        raise ContainerError(f"levels: expected 1 to {MAX_LEVELS}, got {len(sizes)}")
    levels = []
    for index, (width, height) in enumerate(sizes):
        for side in (width, height):
            check_side(side, MAX_LEVEL_SIDE, f"level {index} side")
        downsample = grid_downsample(sizes[0], (width, height))
        levels.append(Level(index, width, height, downsample))
        rows, columns = grid_shape(levels[-1], record.tile)
        if rows * columns > MAX_LEVEL_TILES:
            raise ContainerError(
                f"level {index} tiles: expected {MAX_LEVEL_TILES} at most, got {rows * columns}"
            )
    ledger = LedgerLayout.of_levels(levels, record.tile).size
    if ledger > MAX_LEDGER_BYTES:
        raise ContainerError(f"ledger: expected {MAX_LEDGER_BYTES} bytes at most, got {ledger}")
    if record.levels not in (None, sizes):
        raise ContainerError(
            f"levels: expected {record.levels!r:.80} as the record states, got {sizes}"
        )
    return tuple(levels)
