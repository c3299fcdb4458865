"""Real slides for tests: skipped where they are missing, unless they are required."""

import os
from pathlib import Path

import pytest

from benchmarks.data import shared_slides


def require_slide(name: str) -> Path:
    """Give the path of a real slide; without it skip, or fail under PATHAE_REQUIRE_SHARED=1."""
    for path in shared_slides():
        if path.name == name:
            return path
    missing = f"{name} is not in slides/ of ../shared or of PATHAE_DATA"
    if os.environ.get("PATHAE_REQUIRE_SHARED") == "1":
        pytest.fail(missing)
    pytest.skip(missing)
