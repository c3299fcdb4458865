"""What README.md shows is what the commands wrote."""

from pathlib import Path

from tests.interop.readme import BEGIN, END, TABLE, short_table

README = Path(__file__).parents[1] / "README.md"


def test_the_support_table_is_the_suites() -> None:
    shown = README.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    assert shown.strip() == short_table(TABLE.read_text("utf-8")).strip()


def test_links_lead_to_files() -> None:
    import re

    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README.read_text("utf-8")):
        assert target.startswith("http") or (README.parent / target).exists(), target
