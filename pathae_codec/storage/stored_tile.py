"""A tile as it lies in a container: which one it is, and where its bytes are."""

from dataclasses import dataclass

from pathae_codec.geometry import TileIndex
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
