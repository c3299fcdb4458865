"""The support table in short, for README.md, from `support_table.md`."""

import re
from pathlib import Path

from benchmarks.readme import README, show_table
from tests.interop.table import NOT_FOR_IT, PIXELS_EQUAL

TABLE = Path(__file__).with_name("support_table.md")
LONGEST = 45
"""Characters of a refusal; `support_table.md` has all."""
COMMAND = "python -m tests.interop"


def short_table(full: str) -> str:
    """Shorten the first table of `support_table.md`: a range of versions, yes or the refusal."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in full.split("\n\n")[1].splitlines()[2:]
    ]
    lines = ["| Tool | Python | OME-Zarr 0.5 | OME-Zarr 0.4 | TIFF |", "|---|---|---|---|---|"]
    for tool, versions, *cells in rows:
        name = f"{tool.strip('| ')} {_range(versions)}"
        short = " | ".join(_short(cell.strip(" |")) for cell in cells)
        lines.append(f"| {name} | {_pythons(versions)} | {short} |")
    return "\n".join(lines)


def _range(versions: str) -> str:
    found = [text.split(" ")[0] for text in re.sub(r"\([^)]*\)", "", versions).split(", ")]
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def _pythons(versions: str) -> str:
    return ", ".join(sorted(set(re.findall(r"3\.\d+", " ".join(re.findall(r"\(.*?\)", versions))))))


def _short(cell: str) -> str:
    if cell == PIXELS_EQUAL:
        return "yes"
    if cell == NOT_FOR_IT:
        return ""
    message = re.sub(r"^refuses: (\w*Error: )?", "", cell)
    return f"**no**: {message if len(message) <= LONGEST else message[:LONGEST] + '…'}"


if __name__ == "__main__":
    show_table(README, COMMAND, short_table(TABLE.read_text("utf-8")))
