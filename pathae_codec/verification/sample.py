"""Which tiles are compared: all, or a random sample that a seed names."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape, tile_grid


@dataclass(frozen=True)
class Sample:
    """A random sample: one tile of each level, the others drawn evenly from all tiles.

    Attributes:
        tiles: How many; a slide with fewer is compared whole.
        seed: The same seed takes the same tiles.
    """

    tiles: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.tiles < 1:
            raise SettingError(f"sample: expected 1 tile or more, got {self.tiles}")


def choose_tiles(
    levels: tuple[Level, ...], tile: int, sample: Sample | None
) -> list[tuple[Level, int, Iterator[TileIndex]]]:
    """Return for each level how many tiles are compared, and which, row by row.

    Args:
        levels: Those that can be compared.
        tile: Side of a tile.
        sample: None for all tiles.
    """
    shapes = [grid_shape(level, tile) for level in levels]
    counts = [rows * columns for rows, columns in shapes]
    if sample is None or sample.tiles >= sum(counts):
        return [
            (level, count, tile_grid(level, tile))
            for level, count in zip(levels, counts, strict=True)
        ]
    drawn = _draw(counts, sample)
    return [
        (level, len(numbers), iter([TileIndex(*divmod(n, columns)) for n in numbers]))
        for level, (_, columns), numbers in zip(levels, shapes, drawn, strict=True)
    ]


def _draw(counts: list[int], sample: Sample) -> list[list[int]]:
    """Return the numbers of the tiles drawn of each level, ascending."""
    source = random.Random(sample.seed)
    firsts = [sum(counts[:n]) for n in range(len(counts))]
    drawn = {first + source.randrange(count) for first, count in zip(firsts, counts, strict=True)}
    for number in source.sample(range(sum(counts)), sample.tiles):
        if len(drawn) >= sample.tiles:
            break
        drawn.add(number)
    return [
        sorted(number - first for number in drawn if first <= number < first + count)
        for first, count in zip(firsts, counts, strict=True)
    ]
