"""The generator makes what is stored, and would not overwrite it unasked."""

import shutil
from pathlib import Path

import pytest

from format_spec.v1.vectors import make_vectors
from tests.conformance.vectors import VECTORS


def test_generator_makes_the_stored_bytes() -> None:
    assert make_vectors.differences() == []


def test_every_stored_folder_is_made() -> None:
    made = {vector.folder for vector in make_vectors.make_vectors()}
    stored = set(make_vectors.stored_folders())
    assert len(stored) > 500
    assert stored <= made


def test_vectors_stay_small() -> None:
    assert sum(path.stat().st_size for path in VECTORS.rglob("*") if path.is_file()) < 2_000_000


def test_generator_changes_nothing_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "vectors"
    shutil.copytree(VECTORS, copy)
    monkeypatch.setattr(make_vectors, "HERE", copy)
    changed = copy / "valid" / "constant-white" / "tile.pae"
    removed = copy / "valid" / "constant-gray" / "tile.pae"
    left = copy / "invalid" / "of-another-day"
    shutil.copytree(copy / "invalid" / "magic-zero", left)
    changed.write_bytes(b"other")
    removed.unlink()
    refused = ["invalid/of-another-day", "valid/constant-white/tile.pae"]
    assert make_vectors.write_vectors(update=False) == refused
    assert changed.read_bytes() == b"other"
    assert removed.exists()
    assert left.exists()
    assert make_vectors.write_vectors(update=True) == []
    assert changed.read_bytes() != b"other"
    assert not left.exists()
