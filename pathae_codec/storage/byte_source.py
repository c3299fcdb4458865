"""Bytes read at stated places, none of them allocated before they are known to be there."""

import os
from typing import BinaryIO, Protocol

from pathae_codec.errors import TruncatedError


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


class SeekedFile:
    """A `ByteSource` of a file that seeks: one thread at a time."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self.size = file.seek(0, os.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        """See `ByteSource.read`."""
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
