"""What lies beside a destination is ours or is left alone: no link is followed, nothing emptied."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pathae_codec.codec.spool import TileSpool
from pathae_codec.errors import DestinationExistsError
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.durable import write_durably
from pathae_codec.storage.partial import Partial

IDENTITY = {"a": 1}


def write(path: Path, data: bytes = b"II*\0new", **options: bool) -> None:
    """Write a small TIFF as conversions do, its tiles first."""
    asked = {"overwrite": False, **options}
    with partial_destination(path, IDENTITY, "TIFF", **asked) as partial:  # type: ignore[arg-type]
        assert partial is not None
        with TileSpool(partial.tiles, lambda done: done):
            pass
        partial.container.write_bytes(data)


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Return a folder that nobody said anything of."""
    folder = tmp_path / "victim"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    (folder / "lock").write_text("lock")
    return folder


def as_folder(folder: Path, victim: Path) -> None:
    folder.symlink_to(victim)


def as_tiles(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "tiles").symlink_to(victim / "precious.txt")


def as_journal(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "journal.json").symlink_to(victim / "precious.txt")


def as_lock(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "lock").symlink_to(victim / "precious.txt")


def as_container(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "out.tif").symlink_to(victim / "precious.txt")


def as_replaced(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "replaced").symlink_to(victim)


def as_other_content(folder: Path, victim: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("precious")


@pytest.mark.parametrize("options", [{}, {"overwrite": True}, {"resume": True}, {"restart": True}])
@pytest.mark.parametrize(
    "lay",
    [as_folder, as_tiles, as_journal, as_lock, as_container, as_replaced, as_other_content],
)
def test_a_partial_that_is_not_ours_is_refused(
    lay: Callable[[Path, Path], None], options: dict[str, bool], victim: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "out.tif"
    out.parent.mkdir()
    folder = Partial(out).folder
    lay(folder, victim)
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(DestinationExistsError, match=r"nothing was touched"):
        write(out, **options)
    assert (victim / "precious.txt").read_text() == "precious"
    assert sorted(path.name for path in victim.iterdir()) == ["lock", "precious.txt"]
    assert sorted(path.name for path in folder.iterdir()) == before
    assert not out.exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="the system has no users")
def test_a_partial_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.tif"
    Partial(out).folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(DestinationExistsError, match="a folder of another user"):
        write(out)


def test_nobody_else_comes_into_ours(tmp_path: Path) -> None:
    with Partial(tmp_path / "out.tif").locked():
        assert Partial(tmp_path / "out.tif").folder.stat().st_mode & 0o77 == 0


def test_files_are_not_written_through_links(victim: Path, tmp_path: Path) -> None:
    """Nor where one was laid after the look: tiles, and what small files are written under."""
    precious = victim / "precious.txt"
    (tmp_path / "tiles").symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        TileSpool(tmp_path / "tiles", lambda done: done)
    (tmp_path / "small.json.new").symlink_to(precious)
    write_durably(tmp_path / "small.json", b"small")
    assert (tmp_path / "small.json").read_bytes() == b"small"
    assert precious.read_text() == "precious"


def test_a_model_is_not_written_through_a_link(victim: Path, tmp_path: Path) -> None:
    from pathae_codec.model.library import write_model_file
    from tests.tiny_model import tiny_model

    (tmp_path / "model.part").symlink_to(victim / "precious.txt")
    write_model_file(tmp_path / "model.safetensors", tiny_model())
    assert (victim / "precious.txt").read_text() == "precious"
    assert not (tmp_path / "model.safetensors").is_symlink()


def test_ours_is_gone_on_with(tmp_path: Path) -> None:
    """What a stopped run left, files of NFS that are still open among it, is no stranger."""
    out = tmp_path / "out.tif"
    partial = Partial(out)
    with partial.locked():
        partial.check_or_begin(IDENTITY)
        (partial.folder / ".nfs000000000000001").write_bytes(b"")
    write(out, resume=True)
    assert out.read_bytes() == b"II*\0new"
    assert not partial.folder.exists()
