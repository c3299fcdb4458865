"""The ledger of a container that is read: some bytes of it for a tile, all when asked for."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from pathae_codec.bitstream.constant import encode_white
from pathae_codec.errors import FormatError, TruncatedError
from pathae_codec.geometry import TileIndex
from pathae_codec.record.ledger import Ledger, LedgerLayout, unpack_ledger
from pathae_codec.record.tile_hash import HASH_BYTES, check_tile_hash, missing_tile

BLOCK = 64 << 10
"""Bytes that are read together: the hashes of 8192 tiles."""
BLOCKS_HELD = 64
"""4 MiB."""


class StoredLedger:
    """Holds tiles that were read against the ledger. Safe to use from several threads.

    Args:
        layout: By the levels of the container.
        tile: Side of a tile.
        read: Gives the ledger's bytes from its first argument up to its second.
    """

    def __init__(self, layout: LedgerLayout, tile: int, read: Callable[[int, int], bytes]) -> None:
        self.layout = layout
        self._read = read
        self._tile = tile
        self._block = lru_cache(BLOCKS_HELD)(self._read_block)

    def load(self) -> Ledger:
        """Read all of the ledger.

        Raises:
            FormatError: See `unpack_ledger`; or it ends early.
        """
        return unpack_ledger(self._read(0, self.layout.size), self.layout)

    def check_tiles(
        self, level: int, indices: Sequence[TileIndex], tiles: Sequence[bytes | None]
    ) -> None:
        """Refuse tiles that are not those that the ledger knows.

        Args:
            level: Of the tiles.
            indices: Their places.
            tiles: What is stored there; None where nothing is.

        Raises:
            MissingTileError: One is not stored and not omitted.
            FormatError: One is another than was written there, or the ledger is damaged.
        """
        for index, data in zip(indices, tiles, strict=True):
            if data is None and not self._is_omitted(level, index):
                raise missing_tile(level, index)
            # The hash tells too where the bit of a tile that was omitted has been set later.
            stated = encode_white(self._tile) if data is None else data
            try:
                check_tile_hash(level, index, stated, self._hash(level, index))
            except FormatError:
                # A ledger of another version, or of other levels, has other bytes in these places.
                self._block(0)
                raise

    def _hash(self, level: int, index: TileIndex) -> bytes:
        start = self.layout.hashes_start + HASH_BYTES * self.layout.number(level, index)
        return self._bytes(start, start + HASH_BYTES)

    def _is_omitted(self, level: int, index: TileIndex) -> bool:
        number = self.layout.number(level, index) - self.layout.firsts[level]
        place = self.layout.omitted_start + self.layout.bitmaps[level] + number // 8
        return bool(self._bytes(place, place + 1)[0] >> number % 8 & 1)

    def _bytes(self, start: int, stop: int) -> bytes:
        first, last = start // BLOCK, (stop - 1) // BLOCK
        joined = self._block(first)
        if last != first:
            joined += self._block(last)
        return joined[start - first * BLOCK : stop - first * BLOCK]

    def _read_block(self, number: int) -> bytes:
        start, stop = number * BLOCK, min((number + 1) * BLOCK, self.layout.size)
        data = self._read(start, stop)
        if number == 0:
            self.layout.check_header(data)
        if len(data) != stop - start:
            raise TruncatedError(
                f"ledger: expected {stop - start} bytes at {start}, got {len(data)}"
            )
        return data
