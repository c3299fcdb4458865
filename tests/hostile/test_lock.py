"""A lock that is removed while it is waited for is not held by whoever waited."""

import threading
from pathlib import Path

import pytest

from pathae_codec.errors import DestinationBusyError
from pathae_codec.storage.destination import partial_destination
from pathae_codec.storage.lock import LostError, held
from pathae_codec.storage.partial import Partial

pytest.importorskip("fcntl", reason="the system has no locks")


def test_a_lock_that_lost_its_name_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before removes it between opening and locking: two would be in."""
    import fcntl

    path = tmp_path / "lock"
    lock = fcntl.flock

    def late(file: int, how: int) -> None:
        path.unlink()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(LostError), held(path):
        pass


def test_a_lock_of_another_name_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    path = tmp_path / "lock"
    lock = fcntl.flock

    def late(file: int, how: int) -> None:
        path.unlink()
        path.write_bytes(b"")
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(LostError), held(path):
        pass


def test_who_comes_as_another_clears_up_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    partial = Partial(tmp_path / "out.tif")
    lock, left = fcntl.flock, [1]

    def late(file: int, how: int) -> None:
        if left:
            left.pop()
            partial.clear()
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with partial.locked():
        assert (partial.folder / "lock").exists()
        with pytest.raises(DestinationBusyError), Partial(partial.path).locked():
            pass


def test_only_whole_files_are_ever_seen(tmp_path: Path) -> None:
    """Many who write the same name at once: each is told, or is in alone, and none sees a half."""
    out, whole = tmp_path / "out.tif", b"II*\0" + bytes(1 << 16)
    seen: set[int] = set()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                seen.add(out.stat().st_size)
            except FileNotFoundError:
                continue

    inside, most = [0], [0]

    def write() -> None:
        for _ in range(25):
            try:
                with partial_destination(out, {}, "TIFF", overwrite=True) as partial:
                    assert partial is not None
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                    partial.container.write_bytes(whole)
                    inside[0] -= 1
            except DestinationBusyError:
                continue

    watcher = threading.Thread(target=look)
    watcher.start()
    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    watcher.join()
    assert most[0] == 1
    assert seen == {len(whole)}
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]
