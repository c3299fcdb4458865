"""The order in which the tiles of a slide are encoded: level by level, row by row, in batches."""

from collections.abc import Iterator
from itertools import islice

from pathae_codec.geometry import Level, TileIndex, grid_shape, tile_grid
from pathae_codec.record.tally import TilePlace

BATCH_TILES = 16


class TilePlan:
    """All tiles of a slide, numbered."""

    def __init__(self, levels: tuple[Level, ...], tile: int) -> None:
        self._levels = levels
        self.tile = tile
        counts = [rows * columns for rows, columns in (grid_shape(v, tile) for v in levels)]
        self._firsts = [sum(counts[:n]) for n in range(len(counts))]
        self.total = sum(counts)

    def places(self) -> Iterator[TilePlace]:
        """Return all tiles in order."""
        for level in self._levels:
            for index in tile_grid(level, self.tile):
                yield TilePlace(level.index, index.row, index.column)

    def number(self, level: Level, index: TileIndex) -> int:
        """Return the place of a tile in the order."""
        return (
            self._firsts[level.index] + index.row * grid_shape(level, self.tile)[1] + index.column
        )

    def whole_batches(self, done: int) -> int:
        """Return how many of the first `done` tiles are whole batches.

        Batches fall at the same places in every run, so that a resumed one gives the same bytes
        even where a backend would not give equal bits in batches of other sizes.
        """
        done = min(done, self.total)
        first = max((first for first in self._firsts if first <= done), default=0)
        return done if done == self.total else first + (done - first) // BATCH_TILES * BATCH_TILES

    def batches(self, done: int) -> Iterator[tuple[Level, list[TileIndex]]]:
        """Return the batches behind the first `done` tiles."""
        for level, first in zip(self._levels, self._firsts, strict=True):
            indices = islice(tile_grid(level, self.tile), max(0, done - first), None)
            while batch := list(islice(indices, BATCH_TILES)):
                yield level, batch
