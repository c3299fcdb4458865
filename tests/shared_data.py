"""Real slides and tiles for tests: skipped where they are missing, unless they are required."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from benchmarks.data import data_folder, shared_slides


def require_slide(name: str) -> Path:
    """Return the path of a real slide; without it skip, or fail under PATHAE_REQUIRE_SHARED=1."""
    for path in shared_slides():
        if path.name == name:
            return path
    return _miss(f"{name} is not in slides/ of ../shared or of PATHAE_DATA")


def require_tiles(kind: str, name: str) -> Path:
    """Return a folder of real tiles; without it skip, or fail under PATHAE_REQUIRE_SHARED=1."""
    folder = data_folder() / "tiles" / kind / name
    if not folder.is_dir():
        _miss(f"{kind}/{name} is not in tiles/ of ../shared or of PATHAE_DATA")
    return folder


def require_weights(name: str) -> Path:
    """Return a file of real weights; without it skip, or fail under PATHAE_REQUIRE_SHARED=1."""
    path = data_folder() / "weights" / name
    return path if path.exists() else _miss(f"{name} is not in weights/ of ../shared")


def _miss(missing: str) -> NoReturn:
    if os.environ.get("PATHAE_REQUIRE_SHARED") == "1":
        pytest.fail(missing)
    pytest.skip(missing)
