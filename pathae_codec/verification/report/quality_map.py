"""Where on the slide the pixels are near the source and where they are not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pathae_codec.geometry import Level, TileIndex
from pathae_codec.verification.figures import LevelFigures, State, count_state
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.colours import colour_map

Rectangle = tuple[float, ...]
"""x, y, width, height in tiles."""
_MARKS = 34
"""Radii of a mark along the longer side of a map."""


@dataclass(frozen=True)
class QualityMap:
    """A level, one colour a tile. Lengths are in tiles, of which the last may be cut.

    Attributes:
        level: Which.
        width, height: Of the level.
        colours: uint8 (rows, columns, 4).
        percent: Width and height of `colours` in those of the level.
        below: The tiles below the floor.
        worst: Rank, x and y of the worst tiles.
        mark: Radius of a mark.
        compared: Tiles.
    """

    level: Level
    width: float
    height: float
    colours: NDArray[np.uint8]
    percent: tuple[float, float]
    below: tuple[Rectangle, ...]
    worst: tuple[tuple[int, float, float], ...]
    mark: float
    compared: int


def draw_maps(found: Verification) -> list[QualityMap]:
    """Return a map of PSNR of each level."""
    return [_map(found, figures) for figures in found.levels]


def _map(found: Verification, figures: LevelFigures) -> QualityMap:
    level, (rows, columns) = figures.level, figures.state.shape
    width, height = level.width / figures.tile, level.height / figures.tile
    shown = np.where(figures.state == State.COMPARED, figures.psnr, np.nan)

    def visible(index: TileIndex) -> Rectangle:
        return tuple(side / figures.tile for side in figures.visible(index))

    ranked = [
        (rank, visible(tile.place.index))
        for rank, tile in enumerate(found.worst, 1)
        if tile.place.level == level.index
    ]
    return QualityMap(
        level,
        width,
        height,
        colour_map(shown.astype(np.float32)),
        (100 * columns / width, 100 * rows / height),
        tuple(visible(b.place.index) for b in found.below if b.place.level == level.index),
        tuple((rank, x + wide / 2, y + high / 2) for rank, (x, y, wide, high) in ranked),
        max(width, height) / _MARKS,
        count_state((figures,), State.COMPARED),
    )
