"""What README.md shows is what the commands wrote."""

import re
from pathlib import Path

import pytest

from benchmarks import equal_fidelity
from benchmarks.bench.page import summary
from benchmarks.readme import README, table_of
from tests.interop import readme

TEXT = README.read_text("utf-8")
BENCHMARKS = README.parent / "benchmarks" / "README.md"


def test_the_support_table_is_the_suites() -> None:
    assert table_of(TEXT, readme.COMMAND) == readme.short_table(readme.TABLE.read_text("utf-8"))


def test_bytes_at_equal_fidelity_are_those_of_the_results() -> None:
    curves = equal_fidelity.load_curves(equal_fidelity.RESULTS)
    assert table_of(TEXT, equal_fidelity.COMMAND) == equal_fidelity.short_table(curves)


def test_the_summary_is_that_of_the_results() -> None:
    page = README.parent / "benchmarks" / "results" / "bench" / "README.md"
    shown = table_of(TEXT, summary.COMMAND)
    assert shown == table_of(page.read_text("utf-8"), summary.COMMAND)
    assert "| PathAE 50 |" in shown


@pytest.mark.parametrize("page", [README, BENCHMARKS])
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_every_script_of_the_benchmarks_is_listed() -> None:
    scripts = [
        path.stem
        for path in BENCHMARKS.parent.glob("*.py")
        if 'if __name__ == "__main__"' in path.read_text("utf-8")
    ]
    assert len(scripts) > 10
    text = BENCHMARKS.read_text("utf-8")
    assert [name for name in scripts if f"`{name}`" not in text] == []
