"""Small files, trees and names that are still there after a power cut; and their removal."""

import os
import shutil
from contextlib import suppress
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole or not at all.

    A link of the name that it is written under is removed and never followed.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def open_own(path: Path, flags: int) -> int:
    """Open a file that is made where it is missing, no link; return its descriptor.

    Raises:
        OSError: Of `ELOOP` where a link has that name.
    """
    # Not every system has both.
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags | os.O_CREAT, 0o666)


def sync_tree(path: Path) -> None:
    """Bring a file, or a folder with all files and names in it, onto the disk: inside first."""
    if not path.is_dir():
        _sync_file(path)
        return
    for folder, _, names in os.walk(path, topdown=False):
        for name in names:
            _sync_file(Path(folder, name))
        sync_folder(Path(folder))


def sync_folder(path: Path) -> None:
    """Bring the names of a folder onto the disk."""
    # Not every system lets a folder be opened: there a rename is as durable as it gets.
    with suppress(OSError):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def remove(path: Path) -> None:
    """Remove a file or a folder; of a link, the link and never what it leads to.

    Raises:
        OSError: Something of it cannot be removed.
    """
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _sync_file(path: Path) -> None:
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
