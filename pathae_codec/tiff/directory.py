"""The directories of a TIFF; every count and offset is checked before anything is allocated.

TIFF 6.0, section 2, and BigTIFF; little-endian, as the binding says. tifffile reads these files
too, but trusts them more.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import ContainerError, NotPathAEError, TruncatedError

MAX_DIRECTORIES = 256
MAX_ENTRIES = 4096
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
          16: 8, 17: 8, 18: 8}  # fmt: skip
_RATIONAL, _FRACTION = 5, Struct("<II")
_INTEGERS = {1: "<u1", 3: "<u2", 4: "<u4", 16: "<u8"}


@dataclass(frozen=True)
class _Form:
    """What differs between classic TIFF and BigTIFF."""

    count: Struct
    entry: Struct
    offset: Struct


_CLASSIC = _Form(Struct("<H"), Struct("<HHI4s"), Struct("<I"))
_BIG = _Form(Struct("<Q"), Struct("<HHQ8s"), Struct("<Q"))


@dataclass(frozen=True)
class TiffEntry:
    """Where a tag's value is.

    Attributes:
        kind: TIFF's field type.
        count: Values.
        offset: Of the first of them in the file.
    """

    kind: int
    count: int
    offset: int


class SeekedFile:
    """Bytes at stated places of a file that seeks: one thread at a time.

    Attributes:
        size: Of all of them.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.size = file.seek(0, os.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes.

        Raises:
            TruncatedError: There are no such bytes; told before anything is allocated.
        """
        if not 0 <= offset <= offset + length <= self.size:
            raise TruncatedError(
                f"file {self._name}: expected {length} bytes at {offset}, it has {self.size}; "
                "it was cut off"
            )
        self._file.seek(offset)
        data = self._file.read(length)
        if len(data) != length:
            raise TruncatedError(f"file {self._name}: was cut off while it was read")
        return data


class TiffDirectory:
    """The tags of one directory.

    Attributes:
        place: The directory's number in the file.
        entries: By tag.
        span: From where its table begins up to where the next directory's offset ends.
        width: Bytes of a value that fits into its entry.
    """

    def __init__(
        self,
        file: SeekedFile,
        place: int,
        entries: list[tuple[int, TiffEntry]],
        span: tuple[int, int],
        width: int,
    ) -> None:
        self._file = file
        self.place = place
        self.entries = dict(entries)
        self._count = len(entries)
        self.span = span
        self.width = width

    def check_each_once(self) -> None:
        """Check that no tag is there twice: of two, some readers take the first, some the last.

        Raises:
            ContainerError: One is.
        """
        if len(self.entries) != self._count:
            raise ContainerError(
                f"TIFF directory {self.place}: expected each tag once, found "
                f"{self._count - len(self.entries)} of them again"
            )

    def extent(self, tag: int) -> tuple[int, int]:
        """Return where the bytes of a tag that is there begin and end."""
        entry = self._entry(tag)
        return entry.offset, entry.offset + entry.count * _SIZES[entry.kind]

    def is_inline(self, tag: int) -> bool:
        """Say whether the value of a tag lies in its entry."""
        return self.extent(tag)[1] - self.extent(tag)[0] <= self.width

    def content(self, tag: int, limit: int) -> bytes:
        """Read the bytes of a tag.

        Raises:
            ContainerError: It is not there, or longer than `limit`.
            TruncatedError: The file ends before it does.
        """
        entry = self._entry(tag)
        size = entry.count * _SIZES[entry.kind]
        if size > limit:
            raise ContainerError(f"{self._name(tag)}: expected {limit} bytes at most, got {size}")
        return self._file.read(entry.offset, size)

    def place_of(self, tag: int, size: int) -> int:
        """Return where a tag's `size` bytes begin in the file; they are not read.

        Raises:
            ContainerError: It is not there, or has another number of bytes.
            TruncatedError: The file ends before it does.
        """
        entry = self._entry(tag)
        found = entry.count * _SIZES[entry.kind]
        if found != size:
            raise ContainerError(f"{self._name(tag)}: expected {size} bytes, got {found}")
        if entry.offset + size > self._file.size:
            raise TruncatedError(
                f"{self._name(tag)}: expected {size} bytes at {entry.offset}, the file has "
                f"{self._file.size}; it was cut off"
            )
        return entry.offset

    def numbers(self, tag: int, count: int) -> NDArray[np.uint64]:
        """Read exactly `count` whole numbers.

        Raises:
            ContainerError: Another number of them, or another type.
            TruncatedError: The file ends before they do.
        """
        entry = self._entry(tag)
        if entry.count != count or entry.kind not in _INTEGERS:
            raise ContainerError(
                f"{self._name(tag)}: expected {count} whole numbers, got {entry.count} of type "
                f"{entry.kind}"
            )
        data = self._file.read(entry.offset, count * _SIZES[entry.kind])
        return np.frombuffer(data, _INTEGERS[entry.kind]).astype(np.uint64)

    def number(self, tag: int, default: int | None = None) -> int:
        """Read one whole number; `default` where the tag is not there.

        Raises:
            ContainerError: Not there and no default, or not one whole number.
        """
        if tag not in self.entries and default is not None:
            return default
        return int(self.numbers(tag, 1)[0])

    def ratio(self, tag: int) -> float:
        """Read one positive fraction.

        Raises:
            ContainerError: Not there, or not one fraction above zero.
            TruncatedError: The file ends before it does.
        """
        entry = self._entry(tag)
        if (entry.kind, entry.count) != (_RATIONAL, 1):
            raise ContainerError(f"{self._name(tag)}: expected a fraction, got type {entry.kind}")
        above, below = _FRACTION.unpack(self._file.read(entry.offset, _FRACTION.size))
        if not above or not below:
            raise ContainerError(f"{self._name(tag)}: expected above zero, got {above}/{below}")
        return float(above / below)

    def _entry(self, tag: int) -> TiffEntry:
        if tag not in self.entries:
            raise ContainerError(f"{self._name(tag)}: expected it, it is not there")
        return self.entries[tag]

    def _name(self, tag: int) -> str:
        return f"TIFF directory {self.place} tag {tag}"


def read_directories(file: SeekedFile) -> Iterator[TiffDirectory]:
    """Read the directories of a TIFF, one after the other.

    Raises:
        NotPathAEError: It is no TIFF, or a big-endian one.
        ContainerError: Too many of them, a circle, or a type of value that TIFF does not know.
        TruncatedError: The file ends before they do.
    """
    form, offset = _open_header(file)
    seen: set[int] = set()
    while offset:
        place = len(seen)
        if offset in seen or place == MAX_DIRECTORIES:
            raise ContainerError(
                f"TIFF directories: expected {MAX_DIRECTORIES} at most and no circle, "
                f"got directory {place} at {offset}"
            )
        seen.add(offset)
        (count,) = form.count.unpack(file.read(offset, form.count.size))
        if count > MAX_ENTRIES:
            raise ContainerError(f"TIFF directory: expected {MAX_ENTRIES} tags, got {count}")
        start = offset + form.count.size
        table = file.read(start, count * form.entry.size)
        entries = list(_entries(form, start, table))
        span = offset, start + len(table) + form.offset.size
        yield TiffDirectory(file, place, entries, span, form.offset.size)
        (offset,) = form.offset.unpack(file.read(start + len(table), form.offset.size))


def _open_header(file: SeekedFile) -> tuple[_Form, int]:
    start = file.read(0, min(8, file.size))
    if start[:4] == b"II*\0" and len(start) == 8:
        return _CLASSIC, int.from_bytes(start[4:8], "little")
    if start == b"II+\0\x08\0\0\0":
        return _BIG, int.from_bytes(file.read(8, 8), "little")
    raise NotPathAEError(f"file: expected a little-endian TIFF, got {start[:4].hex() or 'nothing'}")


def _entries(form: _Form, start: int, table: bytes) -> Iterator[tuple[int, TiffEntry]]:
    value_at = form.entry.size - form.offset.size
    for place, (tag, kind, count, value) in enumerate(form.entry.iter_unpack(table)):
        if kind not in _SIZES:
            raise ContainerError(f"TIFF tag {tag}: expected a type of TIFF, got {kind}")
        inline = count * _SIZES[kind] <= form.offset.size
        offset = start + place * form.entry.size + value_at
        yield tag, TiffEntry(kind, count, offset if inline else form.offset.unpack(value)[0])
