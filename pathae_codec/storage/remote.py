"""The bytes of a container at a URL, by ranges, through fsspec."""

from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pathae_codec.errors import BackendUnavailableError, SlideNotFoundError
from pathae_codec.storage.ranged_file import HeldBlocks, RangedFile
from pathae_codec.storage.whole_read import check_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class RemoteStorage:
    """A URL that fsspec reads, by ranges of bytes."""

    remote = True

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._opened: dict[str, tuple[int, HeldBlocks]] = {}
        self._connect()

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Storage.read`."""
        fs, root = self._connect()
        whole = start == 0 and stop is None
        limits: Mapping[str, int | None] = {} if whole else {"start": start, "end": stop}
        data = bytes(fs.cat_file(f"{root}/{name}" if name else root, **limits))
        if whole or len(data) <= (-start if stop is None else stop - start):
            return data
        # A server without ranges sends the whole file.
        return data[start:stop]

    def read_whole(self, name: str, limit: int) -> bytes:
        """See `Storage.read_whole`."""
        data = self.read(name)
        check_size(name, len(data), limit)
        return data

    def identify(self, name: str) -> object:
        """See `Storage.identify`: asking would take a request for each tile."""
        return None

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        if name not in self._opened:
            self._opened[name] = (self.size(name), HeldBlocks())
        size, held = self._opened[name]
        file = RangedFile(lambda start, stop: self.read(name, start, stop), size, held)
        return cast("BinaryIO", file)

    def size(self, name: str) -> int:
        """See `Storage.size`."""
        fs, root = self._connect()
        size = fs.info(f"{root}/{name}" if name else root).get("size")
        # Some servers state none: then there are no ranges either.
        return len(self.read(name)) if size is None else int(size)

    def names(self, folder: str) -> "Iterator[str]":
        """See `Storage.names`."""
        fs, root = self._connect()
        for found in fs.find(f"{root}/{folder}".rstrip("/")):
            yield str(found).removeprefix(root).lstrip("/")

    def is_folder(self) -> bool:
        """See `Storage.is_folder`: a server lists no folders, so the ending decides."""
        return not self._url.partition("?")[0].lower().endswith((".tif", ".tiff"))

    def _connect(self) -> tuple[Any, str]:
        # Every time anew: fsspec keeps the connection of each process and thread, and a forked
        # child must not use its parent's.
        try:
            from fsspec.core import url_to_fs

            fs, root = url_to_fs(self._url)
        except ImportError as error:
            raise BackendUnavailableError(
                f"{self._url}: cannot be read ({error}); the extra pathae[remote] brings it"
            ) from error
        except ValueError as error:
            raise SlideNotFoundError(f"{self._url}: cannot be read ({error})") from error
        return fs, str(root)
