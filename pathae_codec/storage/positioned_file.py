"""A file read at stated places: no shared position, so threads and forked children may share it."""

import os
import stat
import threading
from pathlib import Path
from typing import BinaryIO, Protocol

from pathae_codec.errors import ContainerError, TruncatedError


class ByteSource(Protocol):
    """Bytes that are read at stated places.

    Attributes:
        size: Of all of them.
    """

    size: int

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes.

        Raises:
            TruncatedError: There are no such bytes; told before anything is allocated.
        """
        ...


class PositionedFile:
    """An open regular file.

    Raises:
        ContainerError: It is none (a pipe, a device, a folder).
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        # Opening a pipe would wait for its writer.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ContainerError(f"file {path.name}: expected a regular file")
        self._name = path.name
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._lock = threading.Lock()
        self.size = os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes; what lies beyond the end is refused before it is allocated.

        Raises:
            TruncatedError: The file has no such bytes.
        """
        _check_place(self._name, offset, length, self.size)
        parts, start = [], offset
        while start < offset + length:
            part = self._read_some(start, offset + length - start)
            if not part:
                raise TruncatedError(f"file {self._name}: was cut off while it was read")
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def _read_some(self, offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, offset)
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class SeekedFile:
    """A `ByteSource` of a file that seeks: one thread at a time."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.size = file.seek(0, os.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read`."""
        _check_place(self._name, offset, length, self.size)
        self._file.seek(offset)
        data = self._file.read(length)
        if len(data) != length:
            raise TruncatedError(f"file {self._name}: was cut off while it was read")
        return data


def _check_place(name: str, offset: int, length: int, size: int) -> None:
    if not 0 <= offset <= offset + length <= size:
        raise TruncatedError(
            f"file {name}: expected {length} bytes at {offset}, it has {size}; it was cut off"
        )
