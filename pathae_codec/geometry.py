"""Levels and the grid of tiles on them. Spec: v1, section 2."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError


@dataclass(frozen=True)
class Level:
    """One resolution of the pyramid.

    Attributes:
        index: 0 is the finest.
        width, height: Pixels.
        downsample: Pixels of level 0 per pixel of this level, per side, 1.0 or more.
    """

    index: int
    width: int
    height: int
    downsample: float


@dataclass(frozen=True, order=True)
class TileIndex:
    """A tile's place on the grid of its level."""

    row: int
    column: int


def grid_shape(level: Level, tile: int) -> tuple[int, int]:
    """Return rows and columns of the grid of `tile` x `tile` tiles that covers a level."""
    return -(-level.height // tile), -(-level.width // tile)


def tile_grid(level: Level, tile: int) -> Iterator[TileIndex]:
    """Return every tile of a level, row by row."""
    rows, columns = grid_shape(level, tile)
    return (TileIndex(row, column) for row in range(rows) for column in range(columns))


def check_on_grid(level: Level, tile: int, index: TileIndex) -> None:
    """Refuse a place that is not on a level's grid of `tile` x `tile` tiles.

    Raises:
        SettingError: It is not.
    """
    rows, columns = grid_shape(level, tile)
    if not (0 <= index.row < rows and 0 <= index.column < columns):
        raise SettingError(
            f"level {level.index} tile: expected one of {rows} x {columns}, got {index}"
        )


def pad_to_tile(pixels: Pixels, tile: int) -> Pixels:
    """Extend uint8 (h, w, C) right and down to (tile, tile, C) by repeating its last pixels.

    What lies outside the slide is never shown; repeated pixels cost the fewest bytes.
    """
    height, width = pixels.shape[:2]
    if (height, width) == (tile, tile):
        return pixels
    return np.pad(pixels, ((0, tile - height), (0, tile - width), (0, 0)), mode="edge")


def grid_downsample(finest: tuple[int, int], size: tuple[int, int]) -> float:
    """Return a level's downsample from its size, the mean of both sides' ratios, as OpenSlide does.

    Args:
        finest: Width and height of level 0.
        size: Width and height of the level.
    """
    return (finest[0] / size[0] + finest[1] / size[1]) / 2


def settle_downsample(level: Level, stated: float) -> Level:
    """Return a level with its stated downsample, without the rounding of a rational or decimal.

    Args:
        level: With the downsample that its size tells.
        stated: By the container.
    """
    exact = (level.downsample, round(stated))
    near = (value for value in exact if abs(stated - value) < 1e-5 * stated)
    return replace(level, downsample=float(next(near, stated)))
