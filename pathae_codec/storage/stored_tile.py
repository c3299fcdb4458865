"""A tile as it lies in a container: which one it is, and where its bytes are."""

from dataclasses import dataclass

from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.storage.ranges import ByteRange


@dataclass(frozen=True)
class StoredTile:
    """A tile that a container holds.

    Attributes:
        index: On the grid of its level.
        place: Of its bytes; a TIFF is the file of the empty name.
    """

    index: TileIndex
    place: ByteRange


def check_on_grid(level: Level, tile: int, index: TileIndex) -> None:
    """Refuse a place that is not on a level's grid of `tile` x `tile` tiles.

    Raises:
        SettingError: It is not.
    """
    rows, columns = grid_shape(level, tile)
    if not (0 <= index.row < rows and 0 <= index.column < columns):
        raise SettingError(
            f"level {level.index} tile: expected one of {rows} x {columns}, got {index}"
        )
