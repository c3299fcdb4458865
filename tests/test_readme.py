"""What README.md shows is what the commands wrote."""

import re
from pathlib import Path

from benchmarks.bench.page.summary import summary_of
from tests.interop.readme import BEGIN, END, TABLE, short_table

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def test_the_support_table_is_the_suites() -> None:
    shown = README.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    assert shown.strip() == short_table(TABLE.read_text("utf-8")).strip()


def test_the_summary_is_that_of_the_results() -> None:
    page = ROOT / "benchmarks" / "results" / "bench" / "README.md"
    shown = summary_of(README.read_text("utf-8"))
    assert shown == summary_of(page.read_text("utf-8"))
    assert "| PathAE 50 |" in shown


def test_links_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README.read_text("utf-8")):
        assert target.startswith("http") or (README.parent / target).exists(), target
