"""What binds a tile to its place: a hash over both. Spec: v1, section 10.1."""

from hashlib import sha256
from struct import Struct

from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import ChecksumError, FormatError, MissingTileError
from pathae_codec.geometry import TileIndex

HASH_BYTES = 8
_PLACE = Struct("<III")


def tile_hash(level: int, index: TileIndex, data: bytes) -> bytes:
    """Return the 8 bytes that bind a tile bitstream to its place."""
    digest = sha256(_PLACE.pack(level, index.row, index.column))
    digest.update(data)
    return digest.digest()[:HASH_BYTES]


def check_tile_hash(level: int, index: TileIndex, data: bytes, expected: bytes) -> None:
    """Refuse a tile that is not the one whose hash a ledger has for this place.

    Raises:
        ChecksumError: Another tile lies here, whole in itself.
        FormatError: The tile is damaged, see `unpack_tile`.
    """
    found = tile_hash(level, index, data)
    if found == expected:
        return
    try:
        # What the tile says of itself tells damage from exchange.
        unpack_tile(data)
    except FormatError as error:
        raise type(error)(f"{describe_place(level, index)}: {error}") from None
    raise ChecksumError(
        f"{describe_place(level, index)}: tile hash: expected {expected.hex()}, got {found.hex()}; "
        "another tile was written or moved here; take the file from where it came from"
    )


def missing_tile(level: int, index: TileIndex) -> MissingTileError:
    """Return the error for a tile that is not stored and not stated to be omitted."""
    return MissingTileError(
        f"{describe_place(level, index)}: tile: expected it, since it is not stated to be omitted, "
        "found none; take the file from where it came from"
    )


def describe_place(level: int, index: TileIndex) -> str:
    """Return `level 0, row 2, column 10`."""
    return f"level {level}, row {index.row}, column {index.column}"
