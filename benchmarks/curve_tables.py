"""Measured curves -> tables and plots.

    python -m benchmarks.curve_tables benchmarks/results/rate_distortion.json

writes the .md and, with matplotlib, the .svg beside the file that `rate_distortion` wrote.
"""

import argparse
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.curve import bd_rate
from benchmarks.curve_file import Measured, read_curves


def write_tables(path: Path) -> None:
    """Write the tables and plots of a file of curves beside it."""
    sets = read_curves(path)
    tables = [describe_curves(title, measured) for title, measured in sets.items()]
    path.with_suffix(".md").write_text("\n\n".join(tables) + "\n", "utf-8")
    if find_spec("matplotlib"):
        plot_curves(sets, path.with_suffix(".svg"))


def describe_curves(title: str, measured: Measured) -> str:
    """Return a Markdown table: a line a codec with its points and the BD-rates of PathAE."""
    curves = measured.curves
    ours = curves["PathAE"]
    names = list(ours[0].measured)
    lines = [
        f"### {title}: {measured.tiles} tiles of {measured.side}",
        "",
        f"| codec | bpp: {', '.join(names)} | BD-rate of PathAE by {', '.join(names)} "
        "| encode, decode MPix/s |",
        "|---|---|---|---|",
    ]
    for codec, points in curves.items():
        cells = "; ".join(
            f"{p.bpp:.2f}: " + ", ".join(f"{v:.4g}" for v in p.measured.values()) for p in points
        )
        rates = [f"{bd_rate(ours, points, n):+.1f} %" for n in names] if codec != "PathAE" else []
        encode, decode = (np.median([getattr(p, n) for p in points]) for n in ("encode", "decode"))
        lines.append(f"| {codec} | {cells} | {', '.join(rates)} | {encode:.1f}, {decode:.1f} |")
    return "\n".join(lines)


def plot_curves(sets: Mapping[str, Measured], path: Path) -> None:
    """Draw fidelity over rate: a row a folder, a column a measure."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "pathae"
    measures = list(next(iter(sets.values())).curves["PathAE"][0].measured)
    shape = len(sets), len(measures)
    figure, axes = plt.subplots(*shape, figsize=(4 * shape[1], 3 * shape[0]), squeeze=False)
    for row, (title, measured) in zip(axes, sets.items(), strict=True):
        for axis, measure in zip(row, measures, strict=True):
            for codec, points in measured.curves.items():
                bold = 2.2 if codec == "PathAE" else 1.0
                values = [p.measured[measure] for p in points]
                axis.plot([p.bpp for p in points], values, label=codec, linewidth=bold)
            axis.set(title=f"{title}: {measure}", xlabel="bits per pixel", xlim=(0, 2))
            axis.grid(alpha=0.3)
    axes[0, 0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Write tables and plots of the files given."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("curves", nargs="+", type=Path, help="JSON that rate_distortion wrote")
    for path in parser.parse_args().curves:
        write_tables(path)


if __name__ == "__main__":
    main()
