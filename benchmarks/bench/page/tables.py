"""Rows -> Markdown tables."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.bench.cells import Cell
from benchmarks.bench.codec_setting import ORIGINAL
from benchmarks.bench.page.rows import (
    Key,
    Row,
    cells_of,
    extractor_names,
    nuclei_rows,
    segmentation_rows,
    similarity_rows,
    split_rows,
)
from benchmarks.bench.statistics import Interval

MISSING = ""


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def similarity_table(cells: Sequence[Cell], order: Sequence[Key], only: str | None = None) -> str:
    """Return Table 1: mean of all sets, or one set."""
    rows = _ordered(similarity_rows(cells, only), order)
    extractors = extractor_names(cells)
    names = [*extractors, "ssim", "psnr"]
    head = ["codec", "bpp", "bytes a tile", *extractors, "SSIM", "PSNR, dB"]
    digits = dict.fromkeys(names, 3) | {"psnr": 2}
    return markdown(
        head,
        [
            _start(row) + [interval(row.values.get(name), digits[name]) for name in names]
            for row in rows
            if row.codec != ORIGINAL
        ],
    )


def downstream_table(cells: Sequence[Cell], order: Sequence[Key], share: float) -> str:
    """Return Table 2: classification and multiple-instance learning, in percent and points."""
    classes = split_rows(cells, "classification", "accuracy", share)
    bags = {(r.codec, r.setting): r for r in split_rows(cells, "multiple_instance", "auc", share)}
    head = ["codec", "bpp", "bytes a tile"]
    columns = (
        ("probe", "probe, trained on originals", "probe, on reconstructions"),
        ("network", "network, trained on originals", "network, on reconstructions"),
    )
    for name, _, _ in columns:
        head += [f"{name}: accuracy", f"{name}: change", f"{name}, retrained: change"]
    head += ["ABMIL: AUC", "ABMIL: change", "ABMIL, retrained: change"]
    lines = []
    for row in _ordered(classes, order):
        line = _start(row)
        values = dict(row.values)
        other = bags.get((row.codec, row.setting))
        groups = [(values, first, second) for _, first, second in columns]
        groups.append((other.values if other else {}, "trained on originals", "on reconstructions"))
        for found, first, second in groups:
            line.append(number(found.get(first), 1))
            line += [interval(found.get(f"+ {name}"), 1, sign=True) for name in (first, second)]
        lines.append(line)
    return markdown(head, lines)


def segmentation_table(cells: Sequence[Cell], order: Sequence[Key]) -> str:
    """Return Table 3: a U-Net on nuclei, in percent."""
    head = ["codec", "bpp", "kB a crop", "Dice", "F1", "IoU"]
    head += ["Dice: change", "F1: change", "IoU: change"]
    lines = []
    for row in _ordered(segmentation_rows(cells), order):
        name, bpp, _ = _start(row)
        line = [name, bpp, f"{row.size / 1000:.1f}"]
        line += [interval(row.values[n], 1) for n in ("dice", "f1", "iou")]
        line += [interval(row.values.get(f"+ {n}"), 1, sign=True) for n in ("dice", "f1", "iou")]
        lines.append(line)
    return markdown(head, lines)


def nuclei_table(cells: Sequence[Cell], order: Sequence[Key]) -> str:
    """Return bias and limits of agreement, lost and invented nuclei."""
    head = ["codec", "bpp", "kB a crop", "count", "area, %", "haematoxylin, %"]
    head += ["lost, %", "invented, %"]
    lines = []
    for row in _ordered(nuclei_rows(cells), order):
        if row.codec == ORIGINAL:
            continue
        name, bpp, _ = _start(row)
        line = [name, bpp, f"{row.size / 1000:.1f}"]
        line += [interval(row.values[n], 1, sign=True) for n in ("count", "area", "haematoxylin")]
        line += [number(row.values[n], 1) for n in ("lost", "invented")]
        lines.append(line)
    return markdown(head, lines)


def worst_table(cells: Sequence[Cell], order: Sequence[Key]) -> str:
    """Name the quarters whose nuclei agree least."""
    found = cells_of(cells, "nuclei_fidelity")
    lines = []
    for key in order:
        if key not in found or key[0] == ORIGINAL:
            continue
        measured = found[key][0].measured
        by_place = {f"{q['crop']} at {q['left']}, {q['top']}": q for q in measured["quarters"]}
        quarters = [
            f"{place}: {q['original']} and {q['decoded']}, {q['both']} the same"
            for place in measured["worst"]
            for q in [by_place[place]]
        ]
        lines.append([title(*key), "; ".join(quarters)])
    return markdown(["codec", "the worst quarters: nuclei of original and reconstruction"], lines)


def repeated_table(cells: Sequence[Cell], order: Sequence[Key]) -> str:
    """Return PSNR and similarity after rounds."""
    found = cells_of(cells, "repeated_coding")
    if not found:
        return ""
    first = next(iter(found.values()))[0].measured
    numbers = sorted(first["rounds"], key=int)
    names = ["psnr", *first["networks"]]
    head = ["codec", f"bpp, round {numbers[0]}"]
    head += [f"{'PSNR' if name == 'psnr' else name}, {n}" for name in names for n in numbers]
    lines = []
    for key in order:
        if key not in found or key[0] == ORIGINAL:
            continue
        measured = found[key][0].measured
        rounds = [measured["rounds"][number] for number in numbers]
        bpp = 8 * rounds[0]["bytes"] / measured["pixels"]
        line = [title(*key), f"{bpp:.2f}"]
        for name in names:
            digits = 2 if name == "psnr" else 3
            line += [f"{values[name]:.{digits}f}" for values in rounds]
        lines.append(line)
    return markdown(head, lines)


def slides_table(cells: Sequence[Cell], order: Sequence[Key]) -> str:
    """Return bytes of whole slides."""
    found = cells_of(cells, "whole_slides")
    head = ["slide", "codec", "MB", "source / this", "tiles, MB", "tissue tiles alone, MB"]
    head += ["glass tiles", "PSNR of level 0, dB"]
    by_slide: dict[str, list[list[str]]] = {}
    for key in order:
        if key not in found:
            continue
        for slide, one in found[key][0].measured["slides"].items():
            source = [slide, "source", f"{one['source_bytes'] / 1e6:.3f}", "1.00", *[MISSING] * 4]
            lines = by_slide.setdefault(slide, [source])
            lines.append(
                [
                    slide,
                    title(*key),
                    f"{one['bytes'] / 1e6:.3f}",
                    f"{one['source_bytes'] / one['bytes']:.2f}",
                    f"{one['tile_bytes'] / 1e6:.3f}",
                    f"{one['tissue_bytes'] / 1e6:.3f}",
                    f"{one['glass_tiles']} of {one['tiles']}",
                    f"{one['psnr']:.2f}",
                ]
            )
    return markdown(head, [line for lines in by_slide.values() for line in lines])


def _ordered(rows: Sequence[Row], order: Sequence[Key]) -> list[Row]:
    places: Mapping[Key, int] = {key: place for place, key in enumerate(order)}
    known = [row for row in rows if (row.codec, row.setting) in places]
    return sorted(known, key=lambda row: places[row.codec, row.setting])


def _start(row: Row) -> list[str]:
    return [title(row.codec, row.setting), f"{row.bpp:.2f}", f"{row.size:.0f}"]


def title(codec: str, setting: str) -> str:
    """Name a line."""
    return ORIGINAL if codec == ORIGINAL else f"{codec} {setting}"


def number(value: Interval | None, digits: int) -> str:
    """Return the mean."""
    return MISSING if value is None else f"{value.mean:.{digits}f}"


def interval(value: Interval | None, digits: int, *, sign: bool = False) -> str:
    """Return the mean and the ends of the interval, or the mean alone where there is none."""
    if value is None:
        return MISSING
    form = f"{'+' if sign else ''}.{digits}f"
    if np.isnan(value.low):
        return f"{value.mean:{form}}"
    return f"{value.mean:{form}} ({value.low:{form}} to {value.high:{form}})"
