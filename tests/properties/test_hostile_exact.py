"""A small run of `python -m tests.fuzz --target exact`: exact tiles of hostile bytes."""

from pathlib import Path

from tests.fuzz.engines import run_mutation
from tests.fuzz.outcome import MOST_SECONDS

INPUTS = 1500


def test_hostile_exact_tiles_decode_or_are_refused(tmp_path: Path) -> None:
    """Covers R-9-hostile, R-3.7-before-allocation and R-3.7-markers."""
    outcome = run_mutation("exact", INPUTS, 7, tmp_path)
    assert outcome.inputs == INPUTS
    assert outcome.bugs == []
    assert outcome.slowest < MOST_SECONDS
    # Some get through whole, most are refused, each for a reason of its own.
    assert outcome.ends["result"] > INPUTS // 100
    assert len(outcome.ends) >= 4
