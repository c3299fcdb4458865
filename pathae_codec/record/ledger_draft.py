"""The ledger of a container that is being written, filled tile by tile."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.ledger import Bits, Bytes, Hashes, Ledger, LedgerLayout
from pathae_codec.record.tile_hash import tile_hash


@dataclass(frozen=True)
class KnownTiles:
    """What is known of the tiles of a slide before they are written, all levels in a row.

    Attributes:
        quality: See `Ledger`.
        glass: Likewise.
        hashes: Of the tiles that all this holds for, where the slide comes from another container:
            a tile that is written with another hash is not measured. None where it holds for all.
    """

    quality: Bytes
    glass: Bits
    hashes: Hashes | None = None


class LedgerDraft:
    """Takes every tile of a slide once, in any order.

    Args:
        levels: The pyramid.
        tile: Side of a tile.
    """

    def __init__(self, levels: Iterable[Level], tile: int) -> None:
        self.layout = LedgerLayout.of_levels(levels, tile)
        self._omitted = np.zeros(self.layout.total, np.bool_)
        self._hashes = np.zeros(self.layout.total, np.uint64)

    def note(self, level: int, index: TileIndex, data: bytes, *, omitted: bool = False) -> None:
        """Note a tile; one that is omitted by the bytes that it has where it is stored."""
        number = self.layout.number(level, index)
        self._hashes[number] = int.from_bytes(tile_hash(level, index, data), "little")
        self._omitted[number] = omitted

    def finish(self, known: KnownTiles | None) -> Ledger:
        """Return the ledger.

        Args:
            known: What is known beside what was noted; None where that is nothing.
        """
        total = self.layout.total
        quality, glass = np.zeros(total, np.uint8), np.zeros(total, np.bool_)
        if known is not None:
            same = True if known.hashes is None else self._hashes == known.hashes
            quality, glass = np.where(same, known.quality, 0).astype(np.uint8), known.glass
        return Ledger(self.layout, self._omitted, glass, quality, self._hashes)
