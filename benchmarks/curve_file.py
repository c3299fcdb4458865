"""Measured curves on disk: a JSON file, by set of tiles and codec."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.curve import Point


@dataclass(frozen=True)
class Measured:
    """The curves of a set of tiles.

    Attributes:
        tiles: Their number.
        side: Theirs in pixels.
        curves: By codec; ours is `PathAE`.
    """

    tiles: int
    side: int
    curves: Mapping[str, Sequence[Point]]


def write_curves(path: Path, sets: Mapping[str, Measured]) -> None:
    """Write the curves of each set, by title."""
    plain = {title: asdict(measured) for title, measured in sets.items()}
    path.write_text(json.dumps(plain, indent=1) + "\n", "utf-8")


def read_curves(path: Path) -> dict[str, Measured]:
    """Return the curves of each set, by title."""
    return {
        title: Measured(
            plain["tiles"],
            plain["side"],
            {codec: [Point(**point) for point in c] for codec, c in plain["curves"].items()},
        )
        for title, plain in json.loads(path.read_text("utf-8")).items()
    }
