"""The generator makes what is stored, and would not overwrite it."""

import shutil
from pathlib import Path

import pytest

from format_spec.v1.vectors import make_vectors
from tests.conformance.vectors import VECTORS, folders


def test_generator_makes_the_stored_bytes() -> None:
    assert make_vectors.differences() == []


def test_every_stored_folder_is_made() -> None:
    made = {vector.folder for vector in make_vectors.make_vectors()}
    for kind in ("valid", "invalid"):
        stored = {f"{kind}/{folder.name}" for folder in folders(kind)}
        assert len(stored) > 15
        assert stored <= made


def test_vectors_stay_small() -> None:
    assert sum(path.stat().st_size for path in VECTORS.rglob("*") if path.is_file()) < 560_000


def test_generator_is_add_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "vectors"
    shutil.copytree(VECTORS, copy)
    monkeypatch.setattr(make_vectors, "HERE", copy)
    changed = copy / "valid" / "constant-white" / "tile.pae"
    removed = copy / "valid" / "constant-gray" / "tile.pae"
    changed.write_bytes(b"other")
    removed.unlink()
    assert make_vectors.write_vectors(update=False) == ["valid/constant-white/tile.pae"]
    assert changed.read_bytes() == b"other"
    assert removed.exists()
    assert make_vectors.write_vectors(update=True) == []
    assert changed.read_bytes() != b"other"
