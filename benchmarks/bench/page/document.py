"""Cells -> the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench.cells import Cell
from benchmarks.bench.page import claims, half_size, prose, tables
from benchmarks.bench.page.plots import draw_plots
from benchmarks.bench.page.rows import Key, cells_of, set_names
from benchmarks.bench.page.summary import COMMAND, summary_table
from benchmarks.bench.same_networks import check_networks
from benchmarks.readme import marked

PAGE = "README.md"
TEST_SHARE = claims.TEST_SHARE


@dataclass(frozen=True)
class Planned:
    """What a config asks for.

    Attributes:
        config: Its name.
        model: Whose the rows of PathAE are.
        order: Codecs and settings in the order of the tables.
        summed_up: Those of them that the summary has.
        cells: Task, codec, setting and seed of each cell.
    """

    config: str
    model: str | None
    order: Sequence[Key]
    summed_up: Sequence[Key]
    cells: frozenset[tuple[str, str, str, int]]


def write_page(folder: Path, cells: Sequence[Cell], planned: Planned) -> Path:
    """Write `README.md` and its plots to a folder, from the cells that are there and planned.

    Raises:
        SettingError: Cells that would stand beside each other saw networks of other weights.
    """
    shown = [c for c in cells if (c.task, c.codec, c.setting, c.seed) in planned.cells]
    check_networks(shown)
    order = planned.order
    folder.mkdir(parents=True, exist_ok=True)
    plots = draw_plots(folder, shown, TEST_SHARE)
    parts = ["# What is left for those who look at tiles", _opening(len(shown), planned)]
    parts += _claims(shown, planned.model)
    summary = summary_table(shown, planned.summed_up, TEST_SHARE)
    parts += ["## In short", prose.SUMMARY, marked(COMMAND, summary)]
    parts += [f"![{caption}]({name})\n\n{caption}" for name, caption in plots]
    for task, title, words, *content in _sections(shown, order):
        if cells_of(shown, task):
            parts += [f"## {title}", words, *content]
    parts += ["## How it was measured", prose.LIMITS, _times(shown)]
    path = folder / PAGE
    path.write_text("\n\n".join(parts) + "\n", "utf-8")
    return path


def _opening(shown: int, planned: Planned) -> str:
    name, count = planned.config, len(planned.cells)
    text = f"Written by `{COMMAND} page {name}` from {shown} of {count} cells."
    if shown == count:
        return text
    return (
        f"{text} Rows and columns that are empty or missing are not measured yet: "
        f"`{COMMAND} run {name}` measures them, and what is there stays."
    )


def _claims(cells: Sequence[Cell], model: str | None) -> list[str]:
    comparisons, falls = claims.compare_similarity(cells), claims.find_falls(cells)
    if not comparisons and not falls:
        return []
    lines = ["## What may be claimed", f"Computed from the cells, of the model {model}:"]
    lines.append("\n".join(f"- {s}" for s in claims.readme_sentence(comparisons, falls)))
    lines.append(
        f"Asked for were {claims.RATE:g} bpp against JPEG at {claims.JPEG_RATE:g} bpp, and a fall "
        f"of {claims.MOST_FALL:g} point at most:"
    )
    lines.append("\n".join(f"- {s}" for s in claims.questions(comparisons, falls)))
    lines.append(
        "Where the answer is no: what was tried for the model is in `benchmarks/model_attempts.md`."
    )
    if comparisons:
        lines.append(_comparison_table(comparisons))
    return lines


def _comparison_table(comparisons: Sequence[claims.Comparison]) -> str:
    def value(found: float | None) -> str:
        return "not measured" if found is None else f"{found:.3f}"

    def until(one: claims.Comparison) -> str:
        if one.until is None:
            return "nowhere"
        return f"{one.until:.2f} bpp" + (", all that was measured" if one.everywhere else "")

    head = [
        "tiles",
        "seen by",
        f"PathAE at {claims.RATE:g} bpp",
        f"JPEG at {claims.JPEG_RATE:g} bpp",
        "above JPEG at equal bytes up to",
    ]
    return tables.markdown(
        head,
        [[c.tiles, c.extractor, value(c.ours), value(c.jpeg), until(c)] for c in comparisons],
    )


def _sections(cells: Sequence[Cell], order: Sequence[Key]) -> list[tuple[str, ...]]:
    by_set = [
        f"<details><summary>{name}</summary>\n\n"
        f"{tables.similarity_table(cells, order, name)}\n\n</details>"
        for name in set_names(cells)
    ]
    return [
        (
            "feature_similarity",
            "Feature similarity (the paper's Table 1)",
            prose.SIMILARITY,
            tables.similarity_table(cells, order),
            *by_set,
        ),
        (
            "classification",
            "Classification and multiple-instance learning (the paper's Table 2)",
            prose.DOWNSTREAM,
            tables.downstream_table(cells, order, TEST_SHARE),
        ),
        (
            "classification_half",
            "Classification at half size",
            half_size.WORDS,
            half_size.half_size_table(cells, order, TEST_SHARE),
        ),
        (
            "segmentation",
            "Segmentation (the paper's Table 3)",
            prose.SEGMENTATION,
            tables.segmentation_table(cells, order),
        ),
        (
            "nuclei_fidelity",
            "Nuclei: lost, invented, changed",
            prose.NUCLEI,
            tables.nuclei_table(cells, order),
            f"The worst quarters. `{COMMAND} run` draws them into the work folder, "
            "`pictures/nuclei_fidelity`; they show the data and are not part of the repository.",
            tables.worst_table(cells, order),
        ),
        ("repeated_coding", "Repeated coding", prose.REPEATED, tables.repeated_table(cells, order)),
        ("whole_slides", "Whole slides", prose.SLIDES, tables.slides_table(cells, order)),
    ]


def _times(cells: Sequence[Cell]) -> str:
    """Say what measuring took: what is shared (features, networks) counts for the first cell."""
    lines = []
    for task in dict.fromkeys(cell.task for cell in cells):
        seconds = [cell.seconds for cell in cells if cell.task == task]
        lines.append([task, str(len(seconds)), f"{sum(seconds) / 60:.1f}"])
    head = ["task", "cells", "minutes on one thread of a shared machine"]
    return tables.markdown(head, lines)
