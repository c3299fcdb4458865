"""The ledger: what a container knows of each tile, as one binary part. Spec: v1, section 10.1."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import inf, isnan
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import ChecksumError, ContainerError, UnsupportedVersionError
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.record.tile_hash import HASH_BYTES

LEDGER_VERSION = 1
HEADER = Struct("<4sHH")
GRID = Struct("<II")
CRC = Struct("<I")
MAGIC = b"PAEL"
NOT_MEASURED, BEST_MEASURED, EQUAL = 0, 254, 255
"""Values of a tile's quality beside quarters of a decibel."""
Bits = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]
"""Eight bytes each, in the order of the file read as little-endian."""


def quality_value(psnr: float | None) -> int:
    """Return the byte for a PSNR in dB, rounded down; None is not measured."""
    if psnr is None or isnan(psnr):
        return NOT_MEASURED
    return EQUAL if psnr == inf else min(BEST_MEASURED, max(1, int(4 * psnr)))


def quality_psnr(value: int) -> float | None:
    """Return the PSNR in dB that a tile has at least; None where it was not measured."""
    if value == NOT_MEASURED:
        return None
    return inf if value == EQUAL else value / 4


@dataclass(frozen=True)
class LedgerLayout:
    """Where each part of a ledger lies, by the grids of the levels.

    Attributes:
        grids: Rows and columns of tiles of each level, finest first.
    """

    grids: tuple[tuple[int, int], ...]

    @classmethod
    def of_levels(cls, levels: Iterable[Level], tile: int) -> "LedgerLayout":
        """Return the layout of a slide's ledger."""
        return cls(tuple(grid_shape(level, tile) for level in levels))

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Tiles of each level."""
        return tuple(rows * columns for rows, columns in self.grids)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """For each level, tiles of the levels before it."""
        return (0, *accumulate(self.counts))[:-1]

    @cached_property
    def bitmaps(self) -> tuple[int, ...]:
        """For each level, bytes of the bitmaps of the levels before it; then those of all."""
        return (0, *accumulate((count + 7) // 8 for count in self.counts))

    @property
    def total(self) -> int:
        """Tiles of all levels."""
        return sum(self.counts)

    @cached_property
    def header(self) -> bytes:
        """What a ledger of these grids begins with."""
        grids = b"".join(GRID.pack(*grid) for grid in self.grids)
        return HEADER.pack(MAGIC, LEDGER_VERSION, len(self.grids)) + grids

    @property
    def omitted_start(self) -> int:
        """Offset of the omitted set."""
        return len(self.header)

    @property
    def quality_start(self) -> int:
        """Offset of the qualities."""
        return len(self.header) + 2 * self.bitmaps[-1]

    @property
    def hashes_start(self) -> int:
        """Offset of the hashes."""
        return self.quality_start + self.total

    @property
    def size(self) -> int:
        """Bytes of the ledger."""
        return self.hashes_start + HASH_BYTES * self.total + CRC.size

    def number(self, level: int, index: TileIndex) -> int:
        """Return the number of a tile among those of all levels."""
        return self.firsts[level] + index.row * self.grids[level][1] + index.column

    def place(self, number: int) -> tuple[int, TileIndex]:
        """Return the level and the place of a tile by its number."""
        level = int(np.searchsorted(self.firsts, number, "right")) - 1
        return level, TileIndex(*divmod(number - self.firsts[level], self.grids[level][1]))

    def check_header(self, data: bytes) -> None:
        """Refuse a ledger of another version or of other grids by its first bytes.

        Raises:
            ContainerError, UnsupportedVersionError: It is one.
        """
        if data[: len(MAGIC)] != MAGIC:
            raise ContainerError(f"ledger: expected {MAGIC!r} first, got {data[:4]!r}")
        version = HEADER.unpack_from(data.ljust(HEADER.size, b"\0"))[1]
        if version != LEDGER_VERSION:
            raise UnsupportedVersionError(
                f"ledger version: expected {LEDGER_VERSION}, got {version}; a newer pathae may "
                "read it"
            )
        if data[: len(self.header)] != self.header:
            raise ContainerError("ledger: expected the grids of the levels, got others")


@dataclass(frozen=True)
class Ledger:
    """What is known of each tile of a slide, all levels one after the other.

    Attributes:
        layout: Of its parts.
        omitted: Not stored, and white.
        glass: No tissue, by content.
        quality: See `quality_value`.
        hashes: See `tile_hash`.
    """

    layout: LedgerLayout
    omitted: Bits
    glass: Bits
    quality: Bytes
    hashes: Hashes

    def pack(self) -> bytes:
        """Return the bytes of the ledger."""
        parts = [
            self.layout.header,
            *self._bitmaps(self.omitted),
            *self._bitmaps(self.glass),
            self.quality.tobytes(),
            self.hash_bytes,
        ]
        body = b"".join(parts)
        return body + CRC.pack(zlib.crc32(body))

    @property
    def hash_bytes(self) -> bytes:
        """The hashes as they are stored."""
        return self.hashes.astype("<u8").tobytes()

    def _bitmaps(self, bits: Bits) -> list[bytes]:
        levels = np.split(bits, self.layout.firsts[1:])
        return [np.packbits(level, bitorder="little").tobytes() for level in levels]


def unpack_ledger(data: bytes, layout: LedgerLayout) -> Ledger:
    """Read a ledger.

    Args:
        data: All of it.
        layout: By the levels of the container.

    Raises:
        UnsupportedVersionError: A later version.
        ContainerError: Another length or other grids, or bits that no tile has.
        ChecksumError: It was changed.
    """
    layout.check_header(data)
    if len(data) != layout.size:
        raise ContainerError(f"ledger: expected {layout.size} bytes, got {len(data)}")
    stored, actual = CRC.unpack(data[-CRC.size :])[0], zlib.crc32(data[: -CRC.size])
    if stored != actual:
        raise ChecksumError(
            f"ledger crc: expected {stored:08x}, got {actual:08x}; bytes were changed"
        )
    start, length = layout.omitted_start, layout.bitmaps[-1]
    quality = np.frombuffer(data, np.uint8, layout.total, layout.quality_start)
    hashes = np.frombuffer(data, "<u8", layout.total, layout.hashes_start)
    return Ledger(
        layout,
        _unpack_bits(data[start : start + length], layout),
        _unpack_bits(data[start + length : start + 2 * length], layout),
        quality,
        hashes.astype(np.uint64),
    )


def _unpack_bits(data: bytes, layout: LedgerLayout) -> Bits:
    levels = []
    for first, last, count in zip(layout.bitmaps, layout.bitmaps[1:], layout.counts, strict=False):
        bits = np.unpackbits(np.frombuffer(data[first:last], np.uint8), bitorder="little")
        if bits[count:].any():
            raise ContainerError("ledger: expected no bit behind the tiles of a level, got one")
        levels.append(bits[:count].astype(np.bool_))
    return np.concatenate(levels)
