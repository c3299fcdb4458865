"""The slide record, read with nothing taken on trust. Spec: v1, section 6."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from pathae_codec.bitstream.limits import (
    MAX_LEVEL_SIDE,
    MAX_LEVEL_TILES,
    MAX_LEVELS,
    MAX_QUALITY,
    MAX_TILE_SIDE,
)
from pathae_codec.errors import ContainerError, NotPathAEError, UnsupportedVersionError
from pathae_codec.geometry import Level, grid_downsample, grid_shape
from pathae_codec.record.description import FORMAT_VERSION

_MOST = 1e300
"""Of a number: JSON's can be longer than a float, and infinite."""
_TEXTS = ("software", "install", "intended_use")


def parse_json(text: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ContainerError: It is none.
    """
    try:
        value = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise ContainerError(f"{what}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise ContainerError(f"{what}: expected a JSON object, got {value!r:.40}")
    return value


def check_record(record: object) -> dict[str, Any]:
    """Return a slide record once what readers need of it is sound: format, version, tile.

    Raises:
        NotPathAEError: It is none.
        UnsupportedVersionError: A later version.
        ContainerError: No tile side within the limit.
    """
    if not isinstance(record, dict) or record.get("format") != "pathae":
        raise NotPathAEError(f"slide record: expected format pathae, got {record!r:.40}")
    version = record.get("version")
    if type(version) is not int or version != FORMAT_VERSION:
        raise UnsupportedVersionError(
            f"slide record version: expected {FORMAT_VERSION}, got {version!r:.20}; "
            "a newer pathae may read it"
        )
    check_side(record.get("tile"), MAX_TILE_SIDE, "slide record tile")
    return record


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


def check_levels(
    sizes: Iterable[tuple[int, int]], tile: int, record: Mapping[str, Any]
) -> tuple[Level, ...]:
    """Return the levels of (width, height), within the limits and as the record states them.

    Raises:
        ContainerError: None, too many, too large, or others than the record states.
    """
    sizes = list(sizes)
    if not 1 <= len(sizes) <= MAX_LEVELS:
        raise ContainerError(f"levels: expected 1 to {MAX_LEVELS}, got {len(sizes)}")
    levels = []
    for index, (width, height) in enumerate(sizes):
        for side in (width, height):
            check_side(side, MAX_LEVEL_SIDE, f"level {index} side")
        downsample = grid_downsample(sizes[0], (width, height))
        levels.append(Level(index, width, height, downsample))
        rows, columns = grid_shape(levels[-1], tile)
        if rows * columns > MAX_LEVEL_TILES:
            raise ContainerError(
                f"level {index} tiles: expected {MAX_LEVEL_TILES} at most, got {rows * columns}"
            )
    stated = record.get("levels")
    if stated is not None and stated != [list(size) for size in sizes]:
        raise ContainerError(f"levels: expected {stated!r:.80} as the record states, got {sizes}")
    return tuple(levels)


def record_problems(record: Mapping[str, Any]) -> Iterator[str]:
    """Return what the schema of the slide record does not allow, a line a problem."""
    checks = {
        "quality": _is_number(record.get("quality"), whole=True)
        and 0 <= record["quality"] <= MAX_QUALITY,
        "mpp": "mpp" in record and (record["mpp"] is None or is_mpp(record["mpp"])),
        "magnification": "magnification" in record
        and (record["magnification"] is None or _is_positive(record["magnification"])),
        "model": _has_texts(record.get("model"), "name", "decoder", "encoder"),
        "source": _has_texts(record.get("source"), "format")
        and is_metadata(record["source"].get("metadata", {})),
        "lossy_history": isinstance(record.get("lossy_history"), list)
        and all(map(_is_step, record["lossy_history"])),
        "research_only": type(record.get("research_only", True)) is bool,
        **{name: isinstance(record.get(name), str) for name in _TEXTS},
    }
    for name, sound in checks.items():
        if not sound:
            found = repr(record.get(name, "nothing"))[:40]
            yield f"slide record {name}: not as the schema says: {found}"


def refuse_problems(record: Mapping[str, Any]) -> None:
    """Refuse a record that its schema does not allow: what follows may take it at its word.

    Raises:
        ContainerError: There is a problem; the first is told.
    """
    for problem in record_problems(record):
        raise ContainerError(f"{problem}; pathae validate lists all that is wrong")


def is_metadata(value: object) -> TypeGuard[dict[str, str]]:
    """Say whether a value of JSON is metadata of a source: texts by name."""
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_step(step: object) -> bool:
    """Say whether a step of the history is one; all keys but the method may be missing."""
    if not _has_texts(step, "method") or not isinstance(step, dict):
        return False
    return (
        _is_term(step.get("dicom_method", "NONE"))
        and _is_positive(step.get("ratio", 1))
        and (_is_number(step.get("quality", 0)) or isinstance(step["quality"], str))
        and isinstance(step.get("software", ""), str)
        and isinstance(step.get("parameters", {}), dict)
        and all(map(_is_parameter, step.get("parameters", {}).values()))
    )


def _is_parameter(value: object) -> bool:
    return value is None or type(value) in (str, int, float)


def _is_term(value: object) -> bool:
    """Say whether a value is a code string of DICOM (PS3.5, 6.2, CS)."""
    return isinstance(value, str) and re.fullmatch(r"[A-Z0-9_ ]{1,16}", value) is not None


def _is_number(value: object, *, whole: bool = False) -> bool:
    return type(value) is int or (not whole and type(value) is float)


def _is_positive(value: Any) -> bool:  # noqa: ANN401
    return _is_number(value) and 0 < value < _MOST


def is_mpp(value: object) -> TypeGuard[list[float]]:
    """Say whether a value of JSON is microns per pixel, x and y."""
    return isinstance(value, list) and len(value) == 2 and all(map(_is_positive, value))


def _has_texts(value: object, *names: str) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)
