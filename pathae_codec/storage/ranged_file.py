"""A remote file for a parser that seeks: blocks by ranges, each fetched once.

A parser of TIFF jumps between directories and reads a few bytes at a time. Here each jump costs a
request for a block at most, a long tag costs one request however many blocks it spans, and who
opens the file again, for an associated image, finds the blocks of the directories still there.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from typing import BinaryIO, Protocol, cast

from pathae_codec.errors import WrongAnswerError

BLOCK = 64 << 10
"""Bytes of a block; a directory with its short tags takes one."""
BLOCKS_HELD = 64
"""4 MiB."""


class HeldBlocks:
    """The blocks of one file that were read last. Safe to use from several threads."""

    def __init__(self) -> None:
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, numbers: Iterable[int]) -> dict[int, bytes]:
        """Return the blocks that are held, by number."""
        with self._lock:
            found = {number: self._blocks[number] for number in numbers if number in self._blocks}
            for number in found:
                self._blocks.move_to_end(number)
            return found

    def put(self, blocks: dict[int, bytes]) -> None:
        """Hold blocks, and let go of the oldest."""
        with self._lock:
            self._blocks |= blocks
            while len(self._blocks) > BLOCKS_HELD:
                self._blocks.popitem(last=False)


class RangedFile(io.RawIOBase):
    """A file of known size whose bytes are fetched when they are read.

    Args:
        fetch: Gives the bytes from its first argument up to its second.
        size: Of the file.
        held: Shared by all that open the same file.
        name: Of the file, for messages.
    """

    def __init__(
        self, fetch: Callable[[int, int], bytes], size: int, held: HeldBlocks, name: str = "file"
    ) -> None:
        super().__init__()
        self._fetch = fetch
        self._size = size
        self._held = held
        self._name = name
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move as any file does; nothing is fetched."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if origin + offset < 0:
            raise ValueError(f"seek: expected a position of 0 or more, got {origin + offset}")
        self._position = origin + offset
        return self._position

    def readinto(self, buffer: object, /) -> int:
        """Fill a buffer, less only at the end of the file."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        start = min(self._position, self._size)
        stop = min(start + len(view), self._size)
        if stop > start:
            view[: stop - start] = self._read(start, stop)
        self._position = stop
        return stop - start

    def _read(self, start: int, stop: int) -> bytes:
        first, last = start // BLOCK, (stop - 1) // BLOCK
        numbers = range(first, last + 1)
        blocks = self._held.get(numbers)
        for begin, end in _runs([number for number in numbers if number not in blocks]):
            data = self._fetch(begin * BLOCK, min(end * BLOCK, self._size))
            fetched = {
                number: data[(number - begin) * BLOCK : (number - begin + 1) * BLOCK]
                for number in range(begin, end)
            }
            self._held.put(fetched)
            blocks |= fetched
        joined = b"".join(blocks[number] for number in numbers)[start - first * BLOCK :]
        if len(joined) < stop - start:
            raise WrongAnswerError(
                f"{self._name}: expected its bytes {start} to {stop}, got {len(joined)} of them: "
                "it was cut off"
            )
        return joined[: stop - start]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Return first and last + 1 of each run of ascending numbers without a gap."""
    if not numbers:
        return []
    gaps = [(a, b) for a, b in pairwise(numbers) if b != a + 1]
    begins = [numbers[0], *(b for _, b in gaps)]
    ends = [*(a for a, _ in gaps), numbers[-1]]
    return [(begin, end + 1) for begin, end in zip(begins, ends, strict=True)]


class Ranged(Protocol):
    """Gives sizes and ranges of bytes by name."""

    def size(self, name: str) -> int:
        """See `Storage.size`."""

    def read(self, name: str, start: int, stop: int) -> bytes:
        """See `Storage.read`."""


class RangedFiles:
    """The files at one address: a size is asked once, blocks are held for all who open the file."""

    def __init__(self, storage: Ranged, shown: Callable[[str], str]) -> None:
        self._storage = storage
        self._shown = shown
        self._opened: dict[str, tuple[int, HeldBlocks]] = {}

    def open(self, name: str) -> BinaryIO:
        """Return a file of its own; see `Storage.open`."""
        if name not in self._opened:
            self._opened[name] = (self._storage.size(name), HeldBlocks())
        size, held = self._opened[name]
        fetch = partial(self._storage.read, name)
        return cast("BinaryIO", RangedFile(fetch, size, held, self._shown(name)))
