"""A container takes its name, and at every instant it or what was there is complete.

Without an exchange of names too, against Ctrl-C, input and output errors and a kill between any two
steps; against a destination that appears meanwhile; in an order that survives a loss of power.
"""

import errno
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pathae_codec.errors import DestinationExistsError, DestinationWriteError
from pathae_codec.storage import durable, publication, renaming
from pathae_codec.storage import partial as partial_folder
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.partial import Partial

OLD, NEW = '{"attributes": {"pathae": "old"}}', '{"attributes": {"pathae": "new"}}'


def write(
    path: Path,
    text: str = NEW,
    *,
    overwrite: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
    **options: bool,
) -> None:
    """Write an OME-Zarr of one tile, as far as what replaces things can tell."""
    with partial_destination(
        path, {"a": text}, "OME-Zarr", overwrite=overwrite, **options
    ) as partial:
        assert partial is not None
        (partial.container / "0" / "c").mkdir(parents=True)
        (partial.container / "0" / "c" / "0").write_text("tile")
        (partial.container / "zarr.json").write_text(text)
        meanwhile()


def write_file(
    path: Path,
    *,
    overwrite: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
    **options: bool,
) -> bytes | None:
    """Write a TIFF of a few bytes; return the tiles that were there, if any were."""
    with partial_destination(path, {}, "TIFF", overwrite=overwrite, **options) as partial:
        assert partial is not None
        before = partial.tiles.read_bytes() if partial.has_tiles else None
        partial.tiles.write_bytes(b"tiles")
        partial.container.write_bytes(b"II*\0ours")
        meanwhile()
    return before


def said(path: Path) -> str | None:
    return (path / "zarr.json").read_text() if path.exists() else None


@pytest.fixture
def out(tmp_path: Path) -> Path:
    path = tmp_path / "out.ome.zarr"
    write(path, OLD)
    return path


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a system that can neither exchange names nor refuse to take one."""
    monkeypatch.setattr(renaming, "_renameat2", lambda: None)


def fail_at_rename(
    monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException, *, for_good: bool = False
) -> None:
    """Fail at a rename of a folder, counted from 1; `for_good` at all after it, as after a kill."""
    seen = 0
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        nonlocal seen
        seen += 1
        if seen == number or (for_good and seen > number):
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)


@pytest.mark.usefixtures("no_exchange")
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "I/O error")])
def test_a_failure_between_two_renames_loses_nothing(
    error: BaseException, resume: bool, number: int, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fail_at_rename(patch, number, error)
        with pytest.raises((KeyboardInterrupt, DestinationWriteError)):
            write(out, overwrite=True, resume=resume)
    assert said(out) == OLD
    write(out, overwrite=True, resume=resume)
    assert said(out) == NEW
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.usefixtures("no_exchange")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("resume", [False, True])
def test_the_next_run_undoes_what_a_kill_left(
    resume: bool, overwrite: bool, out: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with monkeypatch.context() as patch:
        fail_at_rename(patch, 2, KeyboardInterrupt(), for_good=True)
        with pytest.raises(KeyboardInterrupt):
            write(out, overwrite=True, resume=resume)
    partial = Partial(out)
    assert partial.is_torn
    assert said(partial.replaced) == OLD
    if overwrite:
        write(out, overwrite=True, resume=resume)
    else:
        with pytest.raises(DestinationExistsError, match="use --overwrite"):
            write(out, resume=resume)
    assert "it is back" in caplog.text
    assert said(out) == (NEW if overwrite else OLD)


@pytest.mark.parametrize("system", ["linux", "another"])
@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_a_destination_that_appears_meanwhile_stays(
    name: str, system: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Another process makes it while this one converts."""
    if system == "another":
        request.getfixturevalue("no_exchange")
    out = tmp_path / name
    make = f"import pathlib; p = pathlib.Path({str(out)!r}); "
    make += "p.write_text('theirs')" if name == "out.tif" else "p.mkdir(); (p / 'x').write_text('')"

    def other_process() -> None:
        subprocess.run([sys.executable, "-c", make], check=True)

    with pytest.raises(DestinationExistsError, match="took its name meanwhile"):
        (write_file if name == "out.tif" else write)(out, meanwhile=other_process)
    assert out.read_text() == "theirs" if name == "out.tif" else (out / "x").exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_what_appears_and_is_not_ours_stays_under_overwrite_too(tmp_path: Path) -> None:
    out = tmp_path / "out.ome.zarr"

    def appear() -> None:
        out.mkdir()
        (out / "notes.txt").write_text("theirs")

    with pytest.raises(DestinationExistsError, match="does not remove that"):
        write(out, overwrite=True, meanwhile=appear)
    assert (out / "notes.txt").read_text() == "theirs"


def test_tiles_outlive_a_name_that_was_taken(tmp_path: Path) -> None:
    """Hours of work are not thrown away: the same command with --overwrite goes on."""
    out = tmp_path / "out.tif"
    with pytest.raises(DestinationExistsError, match="took its name meanwhile"):
        write_file(out, goes_on=True, meanwhile=lambda: out.write_bytes(b"II*\0theirs"))
    assert write_file(out, goes_on=True, overwrite=True) == b"tiles"
    assert out.read_bytes() == b"II*\0ours"


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is synced and renamed, as it happens."""
    seen: list[str] = []
    sync, new, swap, replace = os.fsync, renaming.rename_new, renaming.exchange, Path.replace

    def synced(opened: int) -> None:
        seen.append(f"sync {os.path.basename(os.readlink(f'/proc/self/fd/{opened}'))}")
        sync(opened)

    def renamed(source: Path, target: Path) -> None:
        seen.append(f"rename {target.name}")
        new(source, target)

    def exchanged(first: Path, second: Path) -> bool:
        seen.append(f"rename {second.name}")
        return swap(first, second)

    def replaced(path: Path, target: Path) -> Path:
        seen.append(f"rename {target.name}")
        return replace(path, target)

    monkeypatch.setattr(durable.os, "fsync", synced)
    monkeypatch.setattr(publication, "rename_new", renamed)
    monkeypatch.setattr(publication, "exchange", exchanged)
    monkeypatch.setattr(Path, "replace", replaced)
    return seen


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs the names of open files")
@pytest.mark.parametrize("overwrite", [False, True])
def test_all_is_on_the_disk_before_it_has_its_name(
    overwrite: bool, tmp_path: Path, order: list[str]
) -> None:
    """Files, the folders that name them from the inside out, the rename, the parent folder."""
    out = tmp_path / "out.ome.zarr"
    if overwrite:
        write(out, OLD)
        order.clear()
    write(out, overwrite=overwrite)
    renamed = order.index(f"rename {out.name}")
    places = [
        order.index(step) for step in ("sync 0", "sync c", "sync out.ome.zarr", "rename finished")
    ]
    # The tile and its array's folder are both called 0: the folder is synced after `c`.
    folder_of_array = order.index("sync 0", order.index("sync c"))
    assert places == sorted(places)
    assert order.index("sync c") < folder_of_array < order.index("sync out.ome.zarr")
    assert max(places) < renamed < order.index(f"sync {tmp_path.name}", renamed)


@pytest.mark.parametrize("failing", ["remove", "rmdir"])
def test_a_failed_clean_up_is_no_failed_conversion(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out.ome.zarr"

    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        if failing == "remove":
            patch.setattr(partial_folder, "remove", refuse)
            # What was not finished is removed by the same function, before.
            patch.setattr(Partial, "remove_container", lambda _: None)
        else:
            patch.setattr(Path, "rmdir", refuse)
        write(out)
    assert said(out) == NEW
    if failing == "remove":
        assert "cannot be removed (permission denied); remove it yourself" in caplog.text
    write(out, OLD, overwrite=True)
    assert said(out) == OLD
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize(
    ("code", "text"), [(errno.EIO, "the disk failed"), (errno.ENOSPC, "the disk is full")]
)
def test_a_disk_that_fails_is_told_and_leaves_the_old(
    code: int, text: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(durable, "_sync_file", refuse)
        with pytest.raises(DestinationWriteError, match=text):
            write(out, overwrite=True)
    assert said(out) == OLD


def test_names_are_taken_only_if_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_exchange: None
) -> None:
    """Without the call of Linux, and on a file system without hard links."""
    del no_exchange

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    for link in (os.link, refuse):
        monkeypatch.setattr(renaming.os, "link", link)
        source, target = tmp_path / "source", tmp_path / "target"
        source.write_text("source")
        renaming.rename_new(source, target)
        assert (source.exists(), target.read_text()) == (False, "source")
        source.write_text("another")
        with pytest.raises(FileExistsError):
            renaming.rename_new(source, target)
        assert (source.read_text(), target.read_text()) == ("another", "source")
        target.unlink()
        source.unlink()
