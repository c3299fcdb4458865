"""`make quick` keeps what it promises: what breaks a promise fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.quick import QUICK, ROOT

BREAKS = """
import pytest
from tests.quick import SHARED
from tests.shared_data import require_slide

def test_sound(): pass
def test_torch(): import torch
def test_skips_without_torch(): pytest.importorskip("torch")
def test_opens_shared(): open(SHARED + "/DATA.md")
def test_lists_shared():
    import os
    os.listdir("../shared")
def test_requires_shared(): require_slide("CMU-1-Small-Region.svs")
def test_starts_a_process():
    import subprocess, sys
    subprocess.run([sys.executable, "-c", ""])
"""
SKIPS = "import pytest\npytest.importorskip('torch')\n"


@pytest.mark.parametrize(
    ("source", "outcome"), [(BREAKS, "6 failed, 1 passed"), (SKIPS, "1 error")]
)
def test_what_breaks_a_promise_fails(source: str, outcome: str, tmp_path: Path) -> None:
    path = tmp_path / "test_breaks.py"
    path.write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "tests.quick", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode != 0
    assert outcome in done.stdout, done.stdout + done.stderr


def test_quick_tests_are_there() -> None:
    assert [path for path in QUICK if not (ROOT / path).is_file()] == []


@pytest.mark.slow
def test_without_torch_all_tests_are_collected(tmp_path: Path) -> None:
    """Files of tests that need torch, or import what needs it, are skipped and tell why."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ModuleNotFoundError('no torch')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "-rs"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "tests/training/test_training.py" in done.stdout.partition("SKIPPED")[2]
