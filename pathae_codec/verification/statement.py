"""What a file states of its tiles, taken from the slide record with nothing on trust."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pathae_codec.fidelity import Floor
from pathae_codec.geometry import TileIndex
from pathae_codec.record.tally import TilePlace

MODES = ("constant", "latent", "lossy", "lossless")


@dataclass(frozen=True)
class Statement:
    """The slide record's `tiles`. Spec: v1, section 6.

    Attributes:
        floor: That every tile holds, as the file states.
        modes: Tiles by mode; None where the file does not say.
        kept: Tiles that are lossless because a region asked for it.
        blanked: Tiles in which white stands for pixels that the source could not give.
        worst_psnr: In dB; None where it is not known or nothing was lost.
        problems: What of it cannot be read, a line each.
    """

    floor: Floor = field(default_factory=Floor)
    modes: Mapping[str, int] | None = None
    kept: int = 0
    blanked: frozenset[TilePlace] = frozenset()
    worst_psnr: float | None = None
    problems: tuple[str, ...] = ()


def read_statement(record: Mapping[str, Any]) -> Statement:
    """Read what a slide record states of the tiles; a file may state nothing."""
    tiles = record.get("tiles")
    if tiles is None:
        return Statement()
    if not isinstance(tiles, dict):
        return Statement(problems=(_wrong("tiles", tiles),))
    problems: list[str] = []

    def number(name: str, value: object, *, whole: bool) -> Any:  # noqa: ANN401
        if value is None or type(value) is int or (type(value) is float and not whole):
            return value
        problems.append(_wrong(name, value))
        return None

    modes, blanked = tiles.get("modes"), tiles.get("blanked", [])
    if modes is not None and not _is_modes(modes):
        problems.append(_wrong("modes", modes))
        modes = None
    if not (isinstance(blanked, list) and all(map(_is_place, blanked))):
        problems.append(_wrong("blanked", blanked))
        blanked = []
    worst = tiles.get("worst_psnr")
    return Statement(
        Floor(
            number("min_psnr", tiles.get("min_psnr"), whole=False),
            number("max_error", tiles.get("max_error"), whole=True),
        ),
        modes,
        number("kept", tiles.get("kept"), whole=True) or 0,
        frozenset(_places(blanked)),
        number("worst_psnr", worst.get("psnr"), whole=False) if isinstance(worst, dict) else None,
        tuple(problems),
    )


def describe_floor(floor: Floor) -> str:
    """Return a floor in words; empty where nothing is asked for."""
    asked = [f"{floor.min_psnr:g} dB or more" if floor.min_psnr is not None else ""]
    if floor.max_error is not None:
        asked.append(
            f"errors of {floor.max_error} at most" if floor.max_error else "no error at all"
        )
    return " and ".join(filter(None, asked))


def _places(blanked: list[dict[str, int]]) -> Iterator[TilePlace]:
    for place in blanked:
        yield TilePlace(place["level"], TileIndex(place["row"], place["column"]))


def _is_modes(value: object) -> bool:
    return isinstance(value, dict) and all(type(value.get(mode)) is int for mode in MODES)


def _is_place(value: object) -> bool:
    names = ("level", "row", "column")
    return isinstance(value, dict) and all(type(value.get(name)) is int for name in names)


def _wrong(name: str, value: object) -> str:
    return f"slide record tiles: {name} is not as the schema says: {value!r:.40}"
