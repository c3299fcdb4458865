"""The bytes of a container at a URL that fsspec reads: a bucket, a server of files."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from pathae_codec.errors import (
    AccessRefusedError,
    BackendUnavailableError,
    ConnectionFailedError,
    PathAEError,
    SlideNotFoundError,
)
from pathae_codec.storage.address import ends_as_file, shown, without_secrets
from pathae_codec.storage.patience import PATIENCE
from pathae_codec.storage.ranged_file import RangedFiles
from pathae_codec.storage.whole_read import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class RemoteStorage:
    """A URL that fsspec reads, by ranges of bytes. How often it asks again is up to fsspec."""

    remote = True

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._files = RangedFiles(self, self._shown)
        connect(self._url)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Storage.read`."""
        whole = start == 0 and stop is None
        limits: Mapping[str, int | None] = {} if whole else {"start": start, "end": stop}
        with self._asked(name) as (fs, path, patient):
            data = bytes(fs.cat_file(path, **limits, **patient))
        if whole or len(data) <= (-start if stop is None else stop - start):
            return data
        # What does not know ranges gives the whole file.
        return data[start:stop]

    def read_whole(self, name: str, limit: int) -> bytes:
        """See `Storage.read_whole`."""
        data = self.read(name, 0, limit + 1)
        if len(data) > limit:
            raise too_long(self._shown(name), len(data), limit)
        return data

    def identify(self, name: str) -> object:
        """See `Storage.identify`: asking would take a request for each tile."""
        return None

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        return self._files.open(name)

    def size(self, name: str) -> int:
        """See `Storage.size`."""
        with self._asked(name) as (fs, path, patient):
            size = fs.info(path, **patient).get("size")
        # Some state none: then there are no ranges either.
        return len(self.read(name)) if size is None else int(size)

    def names(self, folder: str) -> "Iterator[str]":
        """See `Storage.names`."""
        return list_names(self._url, folder)

    def is_folder(self) -> bool:
        """See `Storage.is_folder`: not all list folders, so the ending decides."""
        return is_remote_folder(self._url)

    @contextmanager
    def _asked(self, name: str) -> "Iterator[tuple[Any, str, Mapping[str, float]]]":
        """Give a file system, the path of a name in it, and the time that a call may take."""
        fs, root = connect(self._url)
        patient = {"timeout": PATIENCE.whole} if fs.async_impl else {}
        with told(self._shown(name)):
            yield fs, f"{root}/{name}" if name else root, patient

    def _shown(self, name: str) -> str:
        return shown(f"{self._url}/{name}" if name else self._url)


def connect(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the URL's root in it.

    Each time anew: fsspec keeps the connection of each process and thread, and a forked child must
    not use its parent's.

    Raises:
        BackendUnavailableError: What reads it is not installed.
        SlideNotFoundError: Nothing can read such a URL.
    """
    try:
        from fsspec.core import url_to_fs

        fs, root = url_to_fs(url)
    except ImportError as error:
        raise BackendUnavailableError(
            f"{shown(url)}: cannot be read ({error}); the extra pathae[remote] brings it"
        ) from error
    except ValueError as error:
        raise SlideNotFoundError(f"{shown(url)}: cannot be read ({error})") from error
    return fs, str(root)


def is_remote_folder(url: str) -> bool:
    """Say whether a URL holds names, by its ending: no file of TIFF's does."""
    return not ends_as_file(url, (".tif", ".tiff"))


def list_names(url: str, folder: str) -> "Iterator[str]":
    """Return the names of all files below a folder of a URL; see `Storage.names`."""
    fs, root = connect(url)
    try:
        with told(without_secrets(url)):
            found = fs.find(f"{root}/{folder}".rstrip("/"))
    except FileNotFoundError:
        return
    for name in found:
        yield str(name).removeprefix(root).lstrip("/")


@contextmanager
def told(name: str) -> "Iterator[None]":
    """Turn what fsspec and the libraries behind it raise into errors that name the object."""
    try:
        yield
    except PathAEError:
        raise
    except FileNotFoundError as error:
        raise SlideNotFoundError(
            f"{name}: expected a file, found none; is the address right?"
        ) from error
    except PermissionError as error:
        raise AccessRefusedError(
            f"{name}: the server refuses to give it; who may read it?"
        ) from error
    except TimeoutError as error:
        raise ConnectionFailedError(f"{name}: no answer in time; try again later") from error
    except Exception as error:
        # Of each library behind fsspec another one, and its text can hold the address.
        raise ConnectionFailedError(
            f"{name}: cannot be read ({type(error).__name__}); does the host answer?"
        ) from error
