"""The table of layouts: `python -m tests.layouts [--write]`.

Prints Markdown; `--write` puts it into benchmarks/results/layouts.md. Ends with 1 if a layout is
not converted rightly.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.layouts.check import LAYOUTS, Found, check_layout

PAGE = Path(__file__).parents[2] / "benchmarks" / "results" / "layouts.md"
_HEAD = """\
# Layouts of other scanners and programs

{count} slides, each laid out as another scanner or program lays out its own, from tiles of tissue
and glass. Each is converted to TIFF at `--quality 50` and to OME-Zarr without loss, both with
tiles of 256. "Yes": `validate --decode` and `verify` find nothing, tifffile or zarr alone read
every level with the pixels that our own reader gives, the levels are as many and as large as the
source's reader says, and what was converted without loss from a source without loss has the
pixels that were put into it. Scanners' own files differ from these in more than their layout.
Written by `python -m tests.layouts --write`.

| Layout | What is particular | Read as | Levels | TIFF | OME-Zarr |
|---|---|---|---|---|---|
"""


def main(arguments: Sequence[str]) -> int:
    """Check every layout, print the table; return the exit code."""
    rows = []
    for name in LAYOUTS:
        with TemporaryDirectory() as folder:
            rows.append(check_layout(name, Path(folder)))
        print(f"{name}: {_cell(rows[-1].tiff)}, {_cell(rows[-1].zarr)}", file=sys.stderr)
    page = _HEAD.format(count=len(rows)) + "".join(map(_row, rows))
    print(page, end="")
    if "--write" in arguments:
        PAGE.write_text(page, "utf-8")
    return int(any(row.tiff or row.zarr for row in rows))


def _row(found: Found) -> str:
    levels = ", ".join(f"{width} x {height}" for width, height in found.levels)
    cells = (found.layout, found.about, found.source, levels, _cell(found.tiff), _cell(found.zarr))
    return f"| {' | '.join(cells)} |\n"


def _cell(problems: Sequence[str]) -> str:
    return f"**no**: {'; '.join(problems)}"[:200].replace("|", "/") if problems else "yes"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
