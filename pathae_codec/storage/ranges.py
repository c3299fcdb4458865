"""Several tiles by few requests: ranges that lie together are read together."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from pathae_codec.storage.location import Storage

CONNECTIONS = 8
"""Requests at once where bytes come over a network."""
MOST_BETWEEN = 8 << 10
"""Bytes that nobody asked for and that are still read rather than asking twice."""
MOST_TOGETHER = 4 << 20
"""Bytes of one request: larger ones go side by side."""
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, order=True)
class ByteRange:
    """Where the bytes of a tile lie in a file of a storage."""

    name: str
    start: int
    stop: int

    @property
    def length(self) -> int:
        """The number of bytes."""
        return self.stop - self.start


def merge_ranges(ranges: Iterable[ByteRange]) -> list[ByteRange]:
    """Return ranges that hold all of these, as few as `MOST_BETWEEN` and `MOST_TOGETHER` allow."""
    merged: list[ByteRange] = []
    for found in sorted(ranges):
        last = merged[-1] if merged else None
        if (
            last
            and found.name == last.name
            and found.start - last.stop <= MOST_BETWEEN
            and found.stop - last.start <= MOST_TOGETHER
        ):
            merged[-1] = ByteRange(last.name, last.start, max(last.stop, found.stop))
        else:
            merged.append(found)
    return merged


def read_ranges(storage: Storage, ranges: Sequence[ByteRange | None]) -> list[bytes | None]:
    """Read ranges, None for None; shorter where the file ends.

    Raises:
        OSError: A file cannot be read.
    """
    merged = merge_ranges(set(filter(None, ranges)))
    parts = side_by_side(lambda part: storage.read(part.name, part.start, part.stop), merged)
    read = list(zip(merged, parts, strict=True))

    def cut(wanted: ByteRange) -> bytes:
        part, data = next(
            (part, data)
            for part, data in read
            if part.name == wanted.name and part.start <= wanted.start and wanted.stop <= part.stop
        )
        return data[wanted.start - part.start : wanted.stop - part.start]

    return [None if wanted is None else cut(wanted) for wanted in ranges]


def side_by_side(call: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return the results of calls that wait for a network, at most `CONNECTIONS` at once."""
    if len(items) <= 1:
        return [call(item) for item in items]
    with ThreadPoolExecutor(min(CONNECTIONS, len(items))) as pool:
        return list(pool.map(call, items))
