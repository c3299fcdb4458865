"""Rows -> plots (SVG): each measure over the rate, a line a codec."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks.bench.cells import Cell
from benchmarks.bench.codec_setting import ORIGINAL
from benchmarks.bench.page.claims import OURS
from benchmarks.bench.page.rows import (
    Row,
    extractor_names,
    nuclei_rows,
    segmentation_rows,
    set_names,
    similarity_rows,
    split_rows,
)

Panel = tuple[str, list[Row], str]
"""Title, rows and the column to draw."""
MOST_RATE = 2.0


def draw_plots(folder: Path, cells: Sequence[Cell], share: float) -> list[tuple[str, str]]:
    """Draw what was measured; nothing without matplotlib.

    Returns:
        File name and caption of each plot.
    """
    if not find_spec("matplotlib"):
        return []
    drawn = []
    for name, caption, panels in _figures(cells, share):
        filled = [panel for panel in panels if any(panel[2] in row.values for row in panel[1])]
        if filled:
            _draw(folder / name, filled)
            drawn.append((name, caption))
    return drawn


def _figures(cells: Sequence[Cell], share: float) -> list[tuple[str, str, list[Panel]]]:
    classes = split_rows(cells, "classification", "accuracy", share)
    bags = split_rows(cells, "multiple_instance", "auc", share)
    return [
        (
            "similarity.svg",
            "Similarity over the rate, as each extractor sees each set of tiles.",
            [
                (f"{tiles}: {extractor}", similarity_rows(cells, tiles), extractor)
                for extractor in extractor_names(cells)
                for tiles in set_names(cells)
            ],
        ),
        (
            "tasks.svg",
            "Change of the tasks over the rate, in points, and nuclei lost.",
            [
                ("linear probe", classes, "+ probe, trained on originals"),
                ("linear probe, retrained", classes, "+ probe, on reconstructions"),
                ("small network", classes, "+ network, trained on originals"),
                ("ABMIL, AUC", bags, "+ trained on originals"),
                ("U-Net, Dice", segmentation_rows(cells), "+ dice"),
                ("nuclei lost, %", nuclei_rows(cells), "lost"),
            ],
        ),
    ]


def _draw(path: Path, panels: list[Panel]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "pathae"
    columns = 3
    names = sorted({row.codec for _, rows, _ in panels for row in rows} - {ORIGINAL})
    lines = -(-len(panels) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(4.2 * columns, 3 * lines), squeeze=False)
    for axis, (title, rows, name) in zip(axes.flat, panels, strict=False):
        for codec in names:
            points = sorted(
                (row.bpp, row.values[name])
                for row in rows
                if row.codec == codec and name in row.values
            )
            rates = [rate for rate, _ in points]
            bold = 2.2 if codec == OURS else 1.0
            colour = f"C{names.index(codec)}"
            means = [v.mean for _, v in points]
            axis.plot(rates, means, ".-", label=codec, linewidth=bold, color=colour)
            if codec == OURS:
                low, high = ([getattr(v, end) for _, v in points] for end in ("low", "high"))
                axis.fill_between(rates, low, high, alpha=0.15, color=colour)
        axis.set(title=title, xlabel="bits per pixel", xlim=(0, MOST_RATE))
        axis.title.set_fontsize(8)
        axis.grid(alpha=0.3)
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    axes[0, 0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
