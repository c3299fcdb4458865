"""SECURITY.md says what the code does: its tests exist, its numbers are those of the code."""

import ast
import re
from pathlib import Path

from pathae_codec import errors
from pathae_codec.storage.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")


def test_its_tests_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 25
    for file, test in named:
        names = {
            node.name
            for node in ast.parse((ROOT / file).read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        assert not test or test in names, f"{file}::{test}"


def test_every_attack_is_on_it() -> None:
    here = {path.name for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    assert sorted(name for name in here if name not in PAGE) == []


def test_its_numbers_and_errors_are_those_of_the_code() -> None:
    assert (
        f"waits {PATIENCE.request:.0f} seconds for a byte and {PATIENCE.whole:.0f} in all" in PAGE
    )
    assert (PATIENCE.tries, PATIENCE.pause) == (5, 0.5)
    named = set(re.findall(r"`(\w+Error)`", PAGE))
    assert named
    assert all(hasattr(errors, name) for name in named)
