"""The bytes of a container that is read: a local file or folder, or a URL through fsspec.

A storage holds no open file, so that threads and forked workers can share it.
"""

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from pathae_codec.errors import (
    ContainerError,
    SlideNotFoundError,
    SlideReadError,
)
from pathae_codec.storage.remote import RemoteStorage
from pathae_codec.storage.whole_read import check_size, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

Location = str | os.PathLike[str]


class Storage(Protocol):
    """Named bytes below one location; a file is its own only name, the empty one."""

    remote: bool

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """Read bytes from `start` up to `stop`; a negative `start` counts from the end.

        Raises:
            FileNotFoundError: There is nothing of that name.
        """
        ...

    def read_whole(self, name: str, limit: int) -> bytes:
        """Read all bytes of a name, `limit` at most.

        Raises:
            FileNotFoundError: There is nothing of that name.
            ContainerError: There are more; a local file is then not read at all.
        """
        ...

    def identify(self, name: str) -> object:
        """Return what is another value once a name stands for other bytes; None if unknown.

        Raises:
            FileNotFoundError: There is nothing of that name.
        """
        ...

    def open(self, name: str) -> BinaryIO:
        """Open for a parser that seeks.

        Raises:
            FileNotFoundError: There is nothing of that name.
        """
        ...

    def size(self, name: str) -> int:
        """Return the bytes of a name.

        Raises:
            FileNotFoundError: There is nothing of that name.
        """
        ...

    def names(self, folder: str) -> "Iterator[str]":
        """Return the names of all files below a folder, in no order; the empty one holds all.

        Links and pipes are named too. A server that lists no folders names nothing.
        """
        ...

    def is_folder(self) -> bool:
        """Say whether the location holds names, and is not a file."""
        ...


def find_storage(location: Location) -> Storage:
    """Return the storage of a path, or of a URL (`https://`, `s3://`, ...).

    Raises:
        SlideNotFoundError: There is nothing at a local path.
        BackendUnavailableError: A URL, and what reads it is not installed.
    """
    if isinstance(location, str) and "://" in location:
        return RemoteStorage(location)
    path = Path(location)
    if not path.is_file():
        # A file tells it itself when it is opened; of a folder, what is not read seems not there.
        check_readable(path, "file")
    return LocalStorage(path)


def check_readable(path: Path, what: str) -> None:
    """Refuse a path that is not there or may not be read: neither says anything of its content.

    Args:
        path: Of a file or a folder.
        what: It is, for the message.

    Raises:
        SlideNotFoundError: There is nothing of that name.
        SlideReadError: The system does not let it be read.
    """
    try:
        if path.is_dir():
            os.scandir(path).close()
        elif stat.S_ISREG(path.stat().st_mode):
            path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        raise SlideNotFoundError(f"{what} {path}: no such file") from None
    except OSError as error:
        raise SlideReadError(f"{what} {path}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def check_unchanged(storage: Storage, name: str, identity: object, location: str) -> None:
    """Refuse to go on where the container is no longer the one that was opened.

    A tile that is missing stands for white: without this, whoever reads while a converter replaces
    the container would see glass, or tiles of another slide.

    Args:
        storage: Of the container.
        name: Of the file that identifies it.
        identity: What that was when it was opened.
        location: Of the container, for the message.

    Raises:
        ContainerError: It was replaced or is gone.
    """
    try:
        unchanged = storage.identify(name) == identity
    except OSError:
        unchanged = False
    if not unchanged:
        raise ContainerError(f"file {location}: was replaced since it was opened; open it again")


class LocalStorage:
    """A file, or a folder and the files in it. A link that leads out of the folder is refused."""

    remote = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root = path.resolve()

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Storage.read`."""
        with self._open(name) as file:
            size = os.fstat(file.fileno()).st_size
            first = max(0, size + start) if start < 0 else min(start, size)
            last = size if stop is None else min(stop, size)
            file.seek(first)
            return read_all(file, last - first)

    def read_whole(self, name: str, limit: int) -> bytes:
        """See `Storage.read_whole`."""
        with self._open(name) as file:
            size = os.fstat(file.fileno()).st_size
            check_size(name, size, limit)
            return read_all(file, size)

    def identify(self, name: str) -> object:
        """See `Storage.identify`."""
        with _told(self._path / name):
            found = (self._path / name).stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        with _told(self._path / name):
            return self.locate(name).open("rb")

    def size(self, name: str) -> int:
        """See `Storage.size`."""
        with _told(self._path / name):
            return self.locate(name).stat().st_size

    def names(self, folder: str) -> "Iterator[str]":
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

    def _open(self, name: str) -> Any:  # noqa: ANN401
        with _told(self._path / name):
            return self.locate(name).open("rb", buffering=0)


@contextmanager
def _told(path: Path) -> "Iterator[None]":
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
    raise SlideReadError(f"file {path or error.filename}: {_reason(error)}") from error
