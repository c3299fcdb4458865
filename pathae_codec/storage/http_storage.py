"""The bytes of a container at an address of HTTP, by ranges.

fsspec holds the connections and how they are configured (proxies, headers, certificates). What is
asked and what an answer means is told here: fsspec reads an answer to its end, however long, before
it looks at it, unpacks it, and gives no header that says whether the file is still the same.
"""

from typing import TYPE_CHECKING, BinaryIO

from pathae_codec.storage.address import below, shown
from pathae_codec.storage.first_seen import FirstSeen
from pathae_codec.storage.http_answer import (
    OK,
    OUTSIDE,
    Expected,
    Head,
    Wanted,
    check_status,
    expected_bytes,
)
from pathae_codec.storage.http_request import HttpRequest, send
from pathae_codec.storage.patience import PATIENCE, persist
from pathae_codec.storage.ranged_file import RangedFiles
from pathae_codec.storage.remote import connect, is_remote_folder, list_names
from pathae_codec.storage.whole_read import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITHOUT_HEAD = (400, 403, 405, 501)
"""What answers a `HEAD` that is not known, or not what an address was signed for."""


class HttpStorage:
    """A file, or what lies below an address. See `Storage`."""

    remote = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._seen = FirstSeen()
        self._files = RangedFiles(self, self._shown)
        connect(url)

    def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
        """See `Storage.read`."""
        if start == stop:
            return b""
        return self._get(name, Wanted(start, stop), None)[1]

    def read_whole(self, name: str, limit: int) -> bytes:
        """See `Storage.read_whole`."""
        data = self._get(name, Wanted(), limit)[1]
        if len(data) > limit:
            raise too_long(self._shown(name), len(data), limit)
        return data

    def identify(self, name: str) -> object:
        """See `Storage.identify`: each answer is held against the first instead."""
        return None

    def open(self, name: str) -> BinaryIO:
        """See `Storage.open`."""
        return self._files.open(name)

    def size(self, name: str) -> int:
        """See `Storage.size`."""
        head, _ = persist(lambda left: self._ask("HEAD", name, Wanted(), 0, left), PATIENCE)
        if head.status in _WITHOUT_HEAD or (head.status == OK and head.length is None):
            head, _ = self._get(name, Wanted(0, 1), None)
        # Some servers state none: then there are no ranges either.
        return len(self.read(name)) if head.size is None else head.size

    def names(self, folder: str) -> "Iterator[str]":
        """See `Storage.names`."""
        return list_names(self._url, folder)

    def is_folder(self) -> bool:
        """See `Storage.is_folder`: a server lists no folders, so the ending decides."""
        return is_remote_folder(self._url)

    def _get(self, name: str, wanted: Wanted, limit: int | None) -> tuple[Head, bytes]:
        return persist(lambda left: self._ask("GET", name, wanted, limit, left), PATIENCE)

    def _ask(
        self, method: str, name: str, wanted: Wanted, limit: int | None, left: float
    ) -> tuple[Head, bytes]:
        """Send one request and return what is said of the file, and its bytes.

        Args:
            method: `HEAD` reads no bytes.
            name: Of the file.
            wanted: The bytes of the file.
            limit: One byte more is read at most; None is bounded by what is wanted.
            left: Seconds that it may take.

        Raises:
            SlideError, ContainerError: See `http_answer`.
            PassingError: Another try may do.
        """
        shown_name, first = self._shown(name), self._seen.get(name)
        fields = {} if wanted.is_whole else {"Range": wanted.header}
        # A weak tag never matches, by the rules of HTTP: the answer's is compared alone.
        if isinstance(first, str) and not first.startswith("W/"):
            fields["If-Match"] = first
        elif isinstance(first, tuple):
            fields["If-Unmodified-Since"] = first[0]

        def accept(head: Head) -> Expected:
            if method == "HEAD" and head.status in _WITHOUT_HEAD:
                return Expected(0, 0)
            check_status(head, shown_name)
            if head.status != OUTSIDE:
                self._seen.check(name, head.identity, shown_name)
            return expected_bytes(head, wanted, shown_name) if method == "GET" else Expected(0, 0)

        # Each time anew: fsspec keeps the connections of each process, and a forked child must
        # not use its parent's.
        fs, _ = connect(self._url)
        request = HttpRequest(
            method, below(self._url, name), shown_name, fields, wanted, limit,
            min(PATIENCE.request, left), left,
        )  # fmt: skip
        return send(fs, request, accept)

    def _shown(self, name: str) -> str:
        return shown(below(self._url, name))
