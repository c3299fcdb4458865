"""The tiles that are done, in a file beside the destination, until all are there.

A conversion appends each batch and makes it durable; what was appended survives a kill, and a torn
end is cut off. The container is written from it when all tiles are done: what it says of them (the
modes, the worst tile, the rungs in use) is known then, and it is the same file whether the
conversion was stopped on the way or not.

A record is `<IdHBBI`: bytes of the tile, PSNR in dB (NaN if not known), largest error (65535 if not
known), kept, blanked, CRC-32 of this and the tile; then the tile.
"""

import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from pathae_codec.bitstream.header import TileHeader, parse_header
from pathae_codec.closing import Closing
from pathae_codec.codec.assured import CodedTile
from pathae_codec.fidelity import Fidelity
from pathae_codec.storage.durable import open_own

_FIELDS = Struct("<IdHBB")
_CRC = Struct("<I")
_UNKNOWN_ERROR = 0xFFFF


@dataclass(frozen=True)
class SpoolEntry:
    """What is known of a tile in the spool: where it lies, its header, and see `CodedTile`."""

    offset: int
    size: int
    header: TileHeader
    fidelity: Fidelity | None
    kept: bool
    blanked: bool


class TileSpool(Closing):
    """A file of tiles in the order in which they were encoded.

    Args:
        path: A spool that an earlier run left is gone on with.
        whole: Gives for a number of tiles how many of them to keep: whole batches only.
    """

    def __init__(self, path: Path, whole: Callable[[int], int]) -> None:
        self._file: BinaryIO = os.fdopen(open_own(path, os.O_RDWR), "r+b")
        self.entries: list[SpoolEntry] = []
        while (entry := self._scan()) is not None:
            self.entries.append(entry)
        del self.entries[whole(len(self.entries)) :]
        end = self.entries[-1].offset + self.entries[-1].size if self.entries else 0
        self._file.truncate(end)
        self._end = end

    def append(self, tiles: Sequence[CodedTile]) -> None:
        """Store a batch of tiles and make it durable."""
        self._file.seek(self._end)
        for tile in tiles:
            fields = _pack_fields(tile)
            offset = self._file.tell() + len(fields) + _CRC.size
            self._file.write(fields + _CRC.pack(zlib.crc32(fields + tile.data)) + tile.data)
            self.entries.append(_entry(offset, fields, tile.data))
        self._end = self._file.tell()
        self._file.flush()
        os.fsync(self._file.fileno())

    def read(self, number: int) -> bytes:
        """Return a tile's bytes."""
        entry = self.entries[number]
        self._file.seek(entry.offset)
        return self._file.read(entry.size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _scan(self) -> SpoolEntry | None:
        """Read the next record; None at the end, be it a clean or a torn one."""
        head = self._file.read(_FIELDS.size + _CRC.size)
        if len(head) < _FIELDS.size + _CRC.size:
            return None
        fields, (crc,) = head[: _FIELDS.size], _CRC.unpack(head[_FIELDS.size :])
        offset, size = self._file.tell(), int(_FIELDS.unpack(fields)[0])
        data = self._file.read(size)
        if len(data) < size or zlib.crc32(fields + data) != crc:
            return None
        return _entry(offset, fields, data)


def _pack_fields(tile: CodedTile) -> bytes:
    psnr, error = (
        (tile.fidelity.psnr, tile.fidelity.max_error) if tile.fidelity else (nan, _UNKNOWN_ERROR)
    )
    return _FIELDS.pack(len(tile.data), psnr, error, tile.kept, tile.blanked)


def _entry(offset: int, fields: bytes, data: bytes) -> SpoolEntry:
    size, psnr, error, kept, blanked = _FIELDS.unpack(fields)
    fidelity = None if isnan(psnr) else Fidelity(psnr, error)
    return SpoolEntry(offset, size, parse_header(data), fidelity, bool(kept), bool(blanked))
