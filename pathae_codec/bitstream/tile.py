"""The tile bitstream: header, payload, CRC. Spec: v1, section 3."""

from struct import Struct
from zlib import crc32

from pathae_codec.bitstream.header import HEADER, TileHeader, pack_header, parse_header
from pathae_codec.errors import ChecksumError, TrailingBytesError, TruncatedError

Tile = tuple[TileHeader, bytes]
"""Header and payload."""
CRC = Struct("<I")


def pack_tile(header: TileHeader, payload: bytes) -> bytes:
    """Join header and payload and close them with the CRC-32 (ISO 3309) of both."""
    body = pack_header(header) + payload
    return body + CRC.pack(crc32(body))


def unpack_tile(data: bytes) -> Tile:
    """Split a tile bitstream into its header and payload.

    Raises:
        NotPathAEError, UnsupportedVersionError, FieldError: As `parse_header`.
        TruncatedError: Fewer bytes than the header states.
        TrailingBytesError: More bytes than the header states.
        ChecksumError: The bytes were changed since they were written.
    """
    data = bytes(data)
    header = parse_header(data)
    end = HEADER.size + header.payload_length
    if len(data) < end + CRC.size:
        raise TruncatedError(f"tile: expected {end + CRC.size} bytes, got {len(data)}")
    if len(data) > end + CRC.size:
        raise TrailingBytesError(f"tile: expected {end + CRC.size} bytes, got {len(data)}")
    (stored,) = CRC.unpack_from(data, end)
    actual = crc32(data[:end])
    if stored != actual:
        raise ChecksumError(
            f"tile crc: expected {stored:08x}, got {actual:08x}; bytes were changed"
        )
    return header, data[HEADER.size : end]
