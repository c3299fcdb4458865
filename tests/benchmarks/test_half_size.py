"""Classification at half size: the same tiles, shrunk, beside those at full size."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("scipy", reason="needs the benchmarks extra")

from benchmarks.bench.cells import Cell
from benchmarks.bench.page.half_size import PROBE, half_size_table
from benchmarks.bench.tasks.classification_half import halved
from benchmarks.bench.tile_sets import LabelledTiles, TileSet


def test_tiles_are_the_means_of_two_by_two() -> None:
    pixels = np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3)
    labelled = LabelledTiles(TileSet("c", "id", pixels), np.array([0, 1]), ("a", "b"))
    half = halved(labelled)
    assert half.tiles.pixels.shape == (2, 4, 4, 3)
    assert half.tiles.pixels[1, 2, 3, 1] == round(pixels[1, 4:6, 6:8, 1].mean())
    assert half.tiles.identity != labelled.tiles.identity
    assert half.labels is labelled.labels


def cell(task: str, codec: str, setting: str, size: float, accuracy: float) -> Cell:
    measured = {"bytes": size, "pixels": 800, "accuracy": {PROBE: accuracy}}
    return Cell(task, codec, setting, 0, "d", 1.0, measured)


def test_both_sizes_stand_in_one_line() -> None:
    cells = [
        cell("classification", "original", "raw", 2400, 0.8),
        cell("classification", "JPEG", "10", 50, 0.6),
        cell("classification", "JPEG", "20", 90, 0.7),
        cell("classification_half", "original", "raw", 2400, 0.7),
        cell("classification_half", "JPEG", "10", 100, 0.65),
    ]
    order = [("original", "raw"), ("JPEG", "10"), ("JPEG", "20")]
    lines = half_size_table(cells, order, 0.5).splitlines()[2:]
    assert lines == [
        "| original | 24.00 | 80.0 |  | 24.00 | 70.0 |  |",
        "| JPEG 10 | 0.50 | 60.0 | -20.0 | 1.00 | 65.0 | -5.0 |",
    ]
