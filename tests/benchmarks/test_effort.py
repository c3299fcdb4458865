"""The table of efforts: what is saved at equal fidelity, and what was measured is kept."""

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="judges are networks of torch")

from benchmarks.effort import Spent, effort_table, page, read_sets, write_sets
from benchmarks.judges.measure import Row


def spent(effort: int, factor: float, seconds: float) -> Spent:
    """Return a straight curve, that many times the bytes."""
    rows = [
        Row(f"effort {effort}", f"{q}", factor * 2**n / 10, 30.0 + 3 * n, {"J": 1 - 0.1 / 4**n})
        for n, q in enumerate((20, 50, 80))
    ]
    return Spent(rows, seconds)


def test_table_says_what_is_saved_at_equal_fidelity() -> None:
    sets = {
        "one": {1: spent(1, 1.0, 0.2), 4: spent(4, 0.95, 20.0)},
        "two": {1: spent(1, 1.0, 0.4), 4: spent(4, 0.91, 40.0)},
    }
    lines = [line for line in effort_table(sets).splitlines() if line.startswith("| 4 |")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells == [
        ["4", "20", "one", "-5.0 %", "-5.0 %", "20"],
        ["4", "20", "two", "-9.0 %", "-9.0 %", "40"],
        ["4", "20", "mean", "-7.0 %", "-7.0 %", "30"],
    ]


def test_what_was_measured_is_read_back(tmp_path: Path) -> None:
    sets = {"one": {1: spent(1, 1.0, 0.2), 2: spent(2, 0.98, 3.0)}}
    write_sets(tmp_path / "effort.json", sets)
    assert read_sets(tmp_path / "effort.json") == sets
    assert read_sets(tmp_path / "none.json") == {}
    assert "| one | 2 | 50 |" in page("command", "model", 4, sets)
