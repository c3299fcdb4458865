"""Tables that commands wrote, in README.md: each between two marks that name its command."""

from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
END = "<!-- end of the table -->"


def marked(command: str, table: str) -> str:
    """Return a table between its marks."""
    return f"{_begin(command)}\n{table}\n{END}"


def table_of(text: str, command: str) -> str:
    """Return the table of a command that stands in a text."""
    return text.split(_begin(command), 1)[1].split(END, 1)[0].strip("\n")


def show_table(readme: Path, command: str, table: str) -> None:
    """Put a table between the marks of its command; all else stays as it is."""
    before, rest = readme.read_text("utf-8").split(_begin(command), 1)
    after = rest.split(END, 1)[1]
    readme.write_text(f"{before}{marked(command, table)}{after}", "utf-8")


def _begin(command: str) -> str:
    return f"<!-- from {command} -->"
