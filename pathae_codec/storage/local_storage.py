"""The bytes of a container on this machine: a file, or a folder of files."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO

from pathae_codec.errors import ContainerError, SlideReadError
from pathae_codec.storage.first_seen import FirstSeen
from pathae_codec.storage.whole_read import too_long


class LocalStorage:
    """A file, or a folder and the files in it. A link that leads out of the folder is refused."""

    remote = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root = path.resolve()
        self._seen = FirstSeen()

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Storage.read`."""
        with _told(self._path / name), self._open(name) as file:
            size = os.fstat(file.fileno()).st_size
            first = max(0, size + start) if start < 0 else min(start, size)
            last = size if stop is None else min(stop, size)
            file.seek(first)
            return read_all(file, last - first)

    def read_whole(self, name: str, limit: int) -> bytes:
        """See `Storage.read_whole`."""
        with _told(self._path / name), self._open(name) as file:
            size = os.fstat(file.fileno()).st_size
            if size > limit:
                raise too_long(name, size, limit)
            return read_all(file, size)

    def identify(self, name: str) -> object:
        """See `Storage.identify`."""
        with _told(self._path / name):
            found = (self._path / name).stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        with _told(self._path / name):
            return BufferedReader(self._open(name))

    def size(self, name: str) -> int:
        """See `Storage.size`."""
        with _told(self._path / name):
            return self.locate(name).stat().st_size

    def names(self, folder: str) -> Iterator[str]:
        """See `Storage.names`; links to folders are neither named nor followed."""
        for root, _, files in os.walk(self._path / folder, onerror=_tell_of_walk):
            below = Path(root).relative_to(self._path)
            yield from ((below / file).as_posix() for file in files)

    def locate(self, name: str) -> Path:
        """Return the path of a regular file.

        Raises:
            FileNotFoundError: There is nothing of that name.
            ContainerError: It lies outside of the folder, or is a pipe or a device, which could be
                read for ever.
        """
        path = self._path / name
        if name and not path.resolve().is_relative_to(self._root):
            raise ContainerError(f"{self._path.name}/{name}: expected it inside the folder")
        with _told(path):
            is_regular = stat.S_ISREG(path.stat().st_mode)
        if not is_regular:
            raise ContainerError(f"{self._path.name}/{name}: expected a regular file")
        return path

    def is_folder(self) -> bool:
        """See `Storage.is_folder`."""
        return self._path.is_dir()

    def _open(self, name: str) -> FileIO:
        """Open a file that was not replaced since it was first read."""
        file = self.locate(name).open("rb", buffering=0)
        try:
            found = os.fstat(file.fileno())
            # Not its number: mounted servers may number the same file anew.
            self._seen.check(name, (found.st_size, found.st_mtime_ns), str(self._path / name))
        except BaseException:
            file.close()
            raise
        return file


def read_all(file: FileIO, count: int) -> bytes:
    """Read `count` bytes, fewer only at the end of the file: one read may give less."""
    parts = []
    while count > 0 and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def unreadable(error: OSError, path: Path | str, what: str = "file") -> SlideReadError:
    """Return the error for what the system refuses to read."""
    return SlideReadError(f"{what} {path}: {(error.strerror or str(error)).lower()}")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn a refusal of the system into an error that names the file; what is not there passes."""
    try:
        yield
    except OSError as error:
        _tell(error, path)


def _tell_of_walk(error: OSError) -> None:
    # A folder that is not there has no names; one that may not be read could have any.
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        _tell(error)


def _tell(error: OSError, path: Path | None = None) -> None:
    if isinstance(error, FileNotFoundError | NotADirectoryError | SlideReadError):
        raise error
    raise unreadable(error, path or str(error.filename)) from error
