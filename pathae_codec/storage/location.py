"""The bytes of a container that is read: a local file or folder, or a URL through fsspec.

A storage holds no open file, so that threads and forked workers can share it.
"""

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pathae_codec.errors import SlideNotFoundError, SlideReadError
from pathae_codec.storage.address import is_http
from pathae_codec.storage.first_seen import replaced
from pathae_codec.storage.http_storage import HttpStorage
from pathae_codec.storage.local_storage import LocalStorage, unreadable
from pathae_codec.storage.remote import RemoteStorage

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
        return HttpStorage(location) if is_http(location) else RemoteStorage(location)
    path = Path(location)
    if not os.path.isfile(path):
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
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            os.scandir(path).close()
        elif stat.S_ISREG(mode):
            path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        raise SlideNotFoundError(f"{what} {path}: no such file") from None
    except OSError as error:
        raise unreadable(error, path, what) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        # A pipe may never give a byte, a device may never end.
        raise SlideReadError(f"{what} {path}: expected a regular file or a folder, found neither")


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
        raise replaced(location)
