"""What a server of HTTP answers, held against what it was asked: bytes, or an error of its own.

| answer | error | tried again |
|---|---|---|
| 404, 410 | `SlideNotFoundError`: there is nothing, for all the server says | no |
| 401, 403, 407 | `AccessRefusedError` | no |
| 412, another ETag or date | `ContainerError`: was replaced while it was open | no |
| 429, 503 | `ServerBusyError` | after `Retry-After` |
| another 5xx | `ServerFailedError` | yes |
| fewer bytes than the range | `WrongAnswerError` | yes |
| more bytes, another range or status, a coding | `WrongAnswerError` | no |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pathae_codec.errors import (
    AccessRefusedError,
    ServerBusyError,
    ServerFailedError,
    SlideNotFoundError,
    WrongAnswerError,
)
from pathae_codec.storage.first_seen import replaced
from pathae_codec.storage.patience import PassingError

OK, PARTIAL, OUTSIDE = 200, 206, 416
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_GONE, _REFUSED, _CHANGED, _BUSY = (404, 410), (401, 403, 407), 412, (429, 503)
_MOST_SECONDS = 86400.0


@dataclass(frozen=True)
class Wanted:
    """The bytes of a file that are asked for.

    Attributes:
        start: A negative one counts from the end, and there is no `stop`.
        stop: None goes on to the end.
    """

    start: int = 0
    stop: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are."""
        return self.start == 0 and self.stop is None

    @property
    def header(self) -> str:
        """The value of `Range`."""
        return (
            f"bytes={self.start}"
            if self.start < 0
            else (f"bytes={self.start}-{'' if self.stop is None else self.stop - 1}")
        )

    def within(self, size: int) -> tuple[int, int]:
        """Return first and last + 1 of them in a file of that size."""
        start = max(0, size + self.start) if self.start < 0 else min(self.start, size)
        return start, size if self.stop is None else max(start, min(self.stop, size))


@dataclass(frozen=True)
class Head:
    """What an answer says of itself before its bytes.

    Attributes:
        status: Its code.
        fields: Its header, names in lower case.
    """

    status: int
    fields: Mapping[str, str]

    @property
    def length(self) -> int | None:
        """The bytes that follow; None where it is not stated."""
        stated = self.fields.get("content-length", "")
        return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 19 else None

    @property
    def range(self) -> tuple[int, int, int | None] | None:
        """First, last + 1 and size of the whole, as `Content-Range` states them."""
        found = _RANGE.fullmatch(self.fields.get("content-range", "").strip())
        if not found:
            return None
        return int(found[1]), int(found[2]) + 1, None if found[3] == "*" else int(found[3])

    @property
    def size(self) -> int | None:
        """Bytes of the whole file; None where that is not stated."""
        if self.status == OK:
            return self.length
        return self.range[2] if self.range else None

    @property
    def identity(self) -> object:
        """What is another value once the file was replaced; None where nothing is stated."""
        if tag := self.fields.get("etag"):
            return tag
        date = self.fields.get("last-modified")
        return None if date is None else (date, self.size)

    def wait(self) -> float | None:
        """Return the seconds that the server asks to wait."""
        stated = self.fields.get("retry-after", "").strip()
        if stated.isascii() and stated.isdigit():
            return min(float(stated[:9]), _MOST_SECONDS)
        try:
            wait = (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
        return min(max(wait, 0.0), _MOST_SECONDS)


@dataclass(frozen=True)
class Expected:
    """What is to follow.

    Attributes:
        skip: Bytes of the body before those that were asked for.
        count: The number of these; None where nobody says.
    """

    skip: int
    count: int | None


def check_status(head: Head, name: str) -> None:
    """Refuse what is no answer with bytes of the file, or none of it (416).

    Args:
        head: Of the answer.
        name: Of the file, for messages.

    Raises:
        SlideNotFoundError, AccessRefusedError, WrongAnswerError, ContainerError: See above.
        PassingError: Another try may do.
    """
    status = head.status
    if status in (OK, PARTIAL, OUTSIDE):
        coding = head.fields.get("content-encoding", "identity").strip().lower()
        if coding not in ("", "identity"):
            raise WrongAnswerError(
                f"{name}: expected its bytes as they are, got them compressed ({coding[:20]!r}); "
                "the server has to leave that out for this address"
            )
        return
    if status in _GONE:
        raise SlideNotFoundError(
            f"{name}: expected a file, the server has none ({status}); is the address right?"
        )
    if status in _REFUSED:
        raise AccessRefusedError(
            f"{name}: the server refuses to give it ({status}); who may read it, and has a signed "
            "address run out?"
        )
    if status == _CHANGED:
        raise replaced(name)
    if status in _BUSY:
        raise PassingError(ServerBusyError(f"{name}: the server is busy ({status})"), head.wait())
    if status >= 500:
        raise PassingError(ServerFailedError(f"{name}: the server failed ({status})"), head.wait())
    raise WrongAnswerError(f"{name}: expected the file's bytes, got an answer of {status}")


def expected_bytes(head: Head, wanted: Wanted, name: str) -> Expected:
    """Return what is to follow the head of an answer.

    Raises:
        WrongAnswerError: Another range than was asked for.
        PassingError: Less of it than there is.
    """
    if head.status == OUTSIDE:
        return Expected(0, 0)
    if head.status == OK:
        size = head.length
        if size is None:
            return Expected(max(wanted.start, 0), None)
        start, stop = wanted.within(size)
        return Expected(start, stop - start)
    found = head.range
    if found is None:
        raise WrongAnswerError(f"{name}: expected to be told the range of its bytes, was not")
    first, end, size = found
    if size is None:
        start, stop = (first, end) if wanted.start < 0 else (wanted.start, wanted.stop or end)
    else:
        start, stop = wanted.within(size)
    if first != start or end > stop:
        raise WrongAnswerError(
            f"{name}: expected its bytes {start} to {stop}, got the range {first} to {end}"
        )
    if end < stop and size is not None:
        raise _short(name, stop - start, end - first)
    return Expected(0, end - first)


def check_body(body: bytes, expected: Expected, name: str) -> None:
    """Refuse a body of another length than was announced.

    Raises:
        WrongAnswerError: It is longer.
        PassingError: It is shorter.
    """
    count = expected.count
    if count is None or len(body) == count:
        return
    if len(body) > count:
        raise WrongAnswerError(
            f"{name}: expected {count} bytes, got more; what answers does not know ranges"
        )
    raise _short(name, count, len(body))


def _short(name: str, expected: int, found: int) -> PassingError:
    return PassingError(
        WrongAnswerError(f"{name}: expected {expected} bytes, got {found}: it was cut off")
    )
