"""Rows -> the short table: a line a codec over all tasks. README.md shows it too."""

from collections.abc import Sequence

from benchmarks.bench.cells import Cell
from benchmarks.bench.page.rows import (
    Key,
    Row,
    extractor_names,
    nuclei_rows,
    segmentation_rows,
    similarity_rows,
    split_rows,
)
from benchmarks.bench.page.tables import MISSING, interval, markdown, number, title

COMMAND = "python -m benchmarks.bench"


def summary_table(cells: Sequence[Cell], shown: Sequence[Key], share: float) -> str:
    """Return a line for each codec and setting: bytes and what is left in every task.

    Args:
        cells: All of them.
        shown: The lines, in their order.
        share: Tiles that test by tiles that train.
    """
    extractors = extractor_names(cells)
    similar = _by_key(similarity_rows(cells))
    classes = _by_key(split_rows(cells, "classification", "accuracy", share))
    bags = _by_key(split_rows(cells, "multiple_instance", "auc", share))
    crops, nuclei = _by_key(segmentation_rows(cells)), _by_key(nuclei_rows(cells))
    head = ["codec", "tiles: bpp", *(f"features: {name}" for name in extractors)]
    head += ["classes: bpp", "probe", "probe, retrained", "ABMIL, retrained"]
    head += ["nuclei: bpp", "Dice", "lost, %", "invented, %"]
    lines = []
    for key in shown:
        line = [title(*key), _rate(similar.get(key))]
        line += [_mean(similar.get(key), name, 3) for name in extractors]
        line += [_rate(classes.get(key))]
        line += [
            _change(classes.get(key), "+ probe, trained on originals"),
            _change(classes.get(key), "+ probe, on reconstructions"),
            _change(bags.get(key), "+ on reconstructions"),
        ]
        line += [_rate(crops.get(key)), _change(crops.get(key), "+ dice")]
        line += [_mean(nuclei.get(key), name, 0) for name in ("lost", "invented")]
        lines.append(line)
    return markdown(head, lines)


def _by_key(rows: Sequence[Row]) -> dict[Key, Row]:
    return {(row.codec, row.setting): row for row in rows}


def _rate(row: Row | None) -> str:
    return MISSING if row is None else f"{row.bpp:.2f}"


def _mean(row: Row | None, name: str, digits: int) -> str:
    return MISSING if row is None else number(row.values.get(name), digits)


def _change(row: Row | None, name: str) -> str:
    return MISSING if row is None else interval(row.values.get(name), 1, sign=True)
