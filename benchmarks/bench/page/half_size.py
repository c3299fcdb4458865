"""Classification at full and at half size beside each other."""

from collections.abc import Sequence

from benchmarks.bench.cells import Cell
from benchmarks.bench.page.rows import Key, split_rows
from benchmarks.bench.page.tables import interval, markdown, number, title

WORDS = (
    "The class tiles were JPEG files, with JPEG's grid of 8 x 8 beginning at 0 in every tile, as "
    "in a scanner's slide: there JPEG, AVIF and JPEG XL meet a lattice that they share, and PathAE "
    "does not. At half size (2 x 2 box) that grid is gone. The probe is trained on originals of "
    "the same size and tested on reconstructions; changes are in points, with 95 % intervals over "
    "the splits."
)
PROBE = "probe, trained on originals"


def half_size_table(cells: Sequence[Cell], order: Sequence[Key], share: float) -> str:
    """Return the probe's accuracy and change at both sizes, each with its own rate."""
    whole, half = (
        {(row.codec, row.setting): row for row in split_rows(cells, task, "accuracy", share)}
        for task in ("classification", "classification_half")
    )
    head = ["codec", "full size: bpp", "accuracy", "change"]
    head += ["half size: bpp", "accuracy", "change"]
    lines = []
    for key in (key for key in order if key in half):
        line = [title(*key)]
        for rows in (whole, half):
            row = rows.get(key)
            values = row.values if row else {}
            line.append(f"{row.bpp:.2f}" if row else "")
            line.append(number(values.get(PROBE), 1))
            line.append(interval(values.get(f"+ {PROBE}"), 1, sign=True))
        lines.append(line)
    return markdown(head, lines)
