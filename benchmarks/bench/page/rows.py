"""Cells -> what a line of a table says of a codec at a setting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bench.cells import Cell
from benchmarks.bench.codec_setting import ORIGINAL
from benchmarks.bench.statistics import (
    Interval,
    bootstrap,
    limits_of_agreement,
    resampled,
    stratified_bootstrap,
)

Key = tuple[str, str]
"""Codec and setting."""


@dataclass(frozen=True)
class Row:
    """A codec at a setting in one task: bits a pixel, bytes a tile, and intervals by column."""

    codec: str
    setting: str
    bpp: float
    size: float
    values: dict[str, Interval]


def cells_of(cells: Sequence[Cell], task: str) -> dict[Key, list[Cell]]:
    """Return the cells of a task by codec and setting, seeds in order."""
    found: dict[Key, list[Cell]] = {}
    for cell in sorted((c for c in cells if c.task == task), key=lambda c: c.seed):
        found.setdefault((cell.codec, cell.setting), []).append(cell)
    return found


def similarity_rows(cells: Sequence[Cell], only: str | None = None) -> list[Row]:
    """Return the lines of feature similarity: sets weigh the same; of one set where it is named."""
    rows = []
    for (codec, setting), (cell, *_) in cells_of(cells, "feature_similarity").items():
        sets = [
            cell.measured["sets"][name] for name in cell.measured["tiles"] if only in (None, name)
        ]
        if not sets:
            continue
        names = [name for name in sets[0] if name not in ("pixels", "bytes")]
        values = {name: stratified_bootstrap([s[name] for s in sets]) for name in names}
        sizes = [np.mean(s["bytes"]) for s in sets]
        bpp = np.mean([8 * size / s["pixels"] for size, s in zip(sizes, sets, strict=True)])
        rows.append(Row(codec, setting, float(bpp), float(np.mean(sizes)), values))
    return rows


def set_names(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the tile sets."""
    for found in cells_of(cells, "feature_similarity").values():
        return list(found[0].measured["tiles"])
    return []


def extractor_names(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the extractors."""
    for found in cells_of(cells, "feature_similarity").values():
        return list(found[0].measured["extractors"])
    return []


def split_rows(cells: Sequence[Cell], task: str, measure: str, share: float) -> list[Row]:
    """Return the lines of a task whose seeds are splits: each column and its change in points.

    The change is against the original of the same split, trained on originals: `+ NAME`.

    Args:
        cells: All of them.
        task: `classification` or `multiple_instance`.
        measure: Where a cell holds its columns.
        share: Tiles that test by tiles that train.
    """
    found = cells_of(cells, task)
    whole = {cell.seed: cell.measured[measure] for cell in found.get((ORIGINAL, "raw"), [])}
    rows = []
    for (codec, setting), group in found.items():
        first = group[0].measured
        values: dict[str, Interval] = {}
        for name in first[measure]:
            kind = name.split(",")[0] if "," in name else ""
            base = f"{kind}, trained on originals" if kind else "trained on originals"
            here = {c.seed: c.measured[measure][name] for c in group if name in c.measured[measure]}
            values[name] = resampled([100 * v for v in here.values()], 1, share)  # type: ignore[arg-type]
            pairs = [
                100 * (value - whole[seed][base])
                for seed, value in here.items()
                if seed in whole and base in whole[seed]
            ]
            if pairs and codec != ORIGINAL:
                values[f"+ {name}"] = resampled(pairs, 1, share)  # type: ignore[arg-type]
        bpp = 8 * first["bytes"] / first["pixels"]
        rows.append(Row(codec, setting, bpp, first["bytes"], values))
    return rows


def segmentation_rows(cells: Sequence[Cell]) -> list[Row]:
    """Return the lines of segmentation in percent; intervals over crops, seeds averaged."""
    found = cells_of(cells, "segmentation")
    whole = {cell.seed: cell.measured for cell in found.get((ORIGINAL, "raw"), [])}
    rows = []
    for (codec, setting), group in found.items():
        values = {}
        for name in ("dice", "f1", "iou"):
            values[name] = bootstrap(100 * np.mean([c.measured[name] for c in group], axis=0))
            pairs = [
                np.subtract(c.measured[name], whole[c.seed][name]) for c in group if c.seed in whole
            ]
            if pairs and codec != ORIGINAL:
                values[f"+ {name}"] = bootstrap(100 * np.mean(pairs, axis=0))
        first = group[0].measured
        size = float(np.mean(first["bytes"]))
        rows.append(Row(codec, setting, 8 * size / first["pixels"], size, values))
    return rows


def nuclei_rows(cells: Sequence[Cell]) -> list[Row]:
    """Return the lines of nuclei: bias and limits of agreement of each quarter, and shares.

    `lost` is the share of the original's nuclei that the reconstruction has not, `invented` the
    share of the reconstruction's that the original has not, in percent of all quarters together.
    """
    rows = []
    for (codec, setting), (cell, *_) in cells_of(cells, "nuclei_fidelity").items():
        quarters = cell.measured["quarters"]
        values = {"count": limits_of_agreement([q["decoded"] - q["original"] for q in quarters])}
        for name in ("area", "haematoxylin"):
            pairs = [(q[f"original_{name}"], q[f"decoded_{name}"]) for q in quarters]
            values[name] = limits_of_agreement(
                [100 * (b / a - 1) for a, b in pairs if a and b is not None]
            )
        for name, side in (("lost", "original"), ("invented", "decoded")):
            total = max(sum(q[side] for q in quarters), 1)
            share = 100 * (1 - sum(q["both"] for q in quarters) / total)
            values[name] = Interval(share, float("nan"), float("nan"))
        size = float(np.mean(cell.measured["bytes"]))
        rows.append(Row(codec, setting, 8 * size / cell.measured["pixels"], size, values))
    return rows
