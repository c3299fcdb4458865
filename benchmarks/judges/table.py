"""Rows -> tables: bytes at equal fidelity by judge, and the points behind them."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.bench.page.tables import markdown
from benchmarks.judges.equal_similarity import Comparison, compare_at_equal, decibels
from benchmarks.judges.measure import Row

PSNR = "PSNR"
Curves = Mapping[str, Sequence[Row]]
"""Rows by codec."""


def compare_by(judge: str, ours: Sequence[Row], other: Sequence[Row]) -> Comparison:
    """Compare two codecs by a judge's name, or by `PSNR`."""
    curves = [([row.bpp for row in rows], _fidelity(judge, rows)) for rows in (ours, other)]
    return compare_at_equal(*curves[0], *curves[1])


def _fidelity(judge: str, rows: Sequence[Row]) -> list[float]:
    if judge == PSNR:
        return [row.psnr for row in rows]
    return decibels([row.similarity[judge] for row in rows])


def comparison_table(
    sets: Mapping[str, Curves], ours: str, peers: Sequence[str], never_jpeg: Sequence[str]
) -> str:
    """Return a line for each set and judge, and means over the sets that were never JPEG.

    A cell is the difference in bytes at equal fidelity in percent, negative where ours needs
    fewer; behind it the share of our range that the peer reaches too.
    """
    head = ["tiles", "judge", *peers]
    lines, found = [], {}
    for name, curves in sets.items():
        judges = [PSNR, *curves[ours][0].similarity]
        for judge in judges:
            row = [compare_by(judge, curves[ours], curves[peer]) for peer in peers]
            found[name, judge] = [comparison.percent for comparison in row]
            lines.append([name, judge, *map(comparison_cell, row)])
    kept = {key: row for key, row in found.items() if key[0] in never_jpeg}
    judges = list(dict.fromkeys(judge for _, judge in kept))
    for judge in judges:
        means = [row for (_, who), row in kept.items() if who == judge]
        lines.append(["mean, never JPEG", judge, *_means(means, len(peers))])
    networks = [row for (_, who), row in kept.items() if who != PSNR]
    lines.append(["mean, never JPEG", "all judges", *_means(networks, len(peers))])
    return markdown(head, lines)


def comparison_cell(comparison: Comparison) -> str:
    if np.isnan(comparison.percent):
        return f"no overlap ({100 * comparison.overlap:.0f})"
    return f"{round(comparison.percent):+d} % ({100 * comparison.overlap:.0f})"


def _means(rows: Sequence[Sequence[float]], count: int) -> list[str]:
    """Return the mean of each column; a comparison without overlap is said, not hidden."""
    cells = []
    for column in range(count):
        values = np.array([row[column] for row in rows])
        known = values[np.isfinite(values)]
        left_out = f", {len(values) - len(known)} left out" if len(known) < len(values) else ""
        cells.append(f"{round(known.mean()):+d} %{left_out}" if len(known) else "none")
    return cells


def points_table(sets: Mapping[str, Curves]) -> str:
    """Return every point: rate, PSNR, similarity by judge."""
    first = next(iter(next(iter(sets.values())).values()))[0]
    judges = list(first.similarity)
    head = ["tiles", "codec", "bpp", PSNR, *judges]
    lines = [
        [
            name,
            f"{row.codec} {row.setting}",
            f"{row.bpp:.3f}",
            f"{row.psnr:.2f}",
            *(f"{row.similarity[judge]:.4f}" for judge in judges),
        ]
        for name, curves in sets.items()
        for rows in curves.values()
        for row in rows
    ]
    return markdown(head, lines)
