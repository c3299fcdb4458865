"""The support table in short, for README.md: between two marks, from `support_table.md`."""

import re
from pathlib import Path

from tests.interop.table import NOT_FOR_IT, PIXELS_EQUAL

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("support_table.md")
LONGEST = 45
"""Characters of a refusal; `support_table.md` has all."""
BEGIN, END = "<!-- from python -m tests.interop -->", "<!-- end of the table -->"


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
    return "\n".join(lines) + "\n"


def write_table(readme: Path, full: str) -> None:
    """Put the table between the marks of README.md."""
    text = readme.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{short_table(full)}{END}{after}", "utf-8")


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
    write_table(ROOT / "README.md", TABLE.read_text("utf-8"))
