"""Which tiles of a level are stored: those that are not are omitted, or lost."""

from pathae_codec.container.interface import ContainerReader
from pathae_codec.geometry import tile_grid
from pathae_codec.record.tile_hash import missing_tile
from pathae_codec.storage.stored_tile import StoredTile


def all_stored_tiles(container: ContainerReader, level: int) -> list[StoredTile]:
    """Return the tiles of a level that are stored, once all others are known to be omitted.

    Raises:
        MissingTileError: One is neither; the first is told.
        FormatError: See `ContainerReader.stored_tiles`, `ContainerReader.ledger`.
    """
    stored = list(container.stored_tiles(level))
    there = {tile.index for tile in stored}
    ledger = container.ledger()
    for index in tile_grid(container.levels[level], container.tile):
        if index not in there and not ledger.omitted[ledger.layout.number(level, index)]:
            raise missing_tile(level, index)
    return stored
