"""A Zarr v3 shard: chunks one after the other, then an index of offset and length, then CRC-32C.

Zarr specification: codecs, sharding-indexed v1.0, index at the end, little-endian.
"""

from collections.abc import Sequence
from struct import Struct

import google_crc32c

from pathae_codec.errors import ChecksumError, TruncatedError

_ENTRY = Struct("<QQ")
_CRC = Struct("<I")
_MISSING = _ENTRY.pack(2**64 - 1, 2**64 - 1)


def pack_shard(chunks: Sequence[bytes | None]) -> bytes | None:
    """Join the chunks of a shard, in C order; None for a missing chunk.

    Returns:
        The shard, or None if all of its chunks are missing.
    """
    if all(chunk is None for chunk in chunks):
        return None
    index, offset = [], 0
    for chunk in chunks:
        if chunk is None:
            index.append(_MISSING)
        else:
            index.append(_ENTRY.pack(offset, len(chunk)))
            offset += len(chunk)
    packed = b"".join(index)
    stored = [chunk for chunk in chunks if chunk is not None]
    return b"".join([*stored, packed, _CRC.pack(google_crc32c.value(packed))])


def index_bytes(chunks: int) -> int:
    """Give the bytes that the index of a shard takes at its end, CRC included."""
    return _ENTRY.size * chunks + _CRC.size


def unpack_index(data: bytes, chunks: int, name: str) -> list[tuple[int, int] | None]:
    """Read the index of a shard.

    Args:
        data: The last `index_bytes(chunks)` bytes of the shard.
        chunks: Chunks in a shard.
        name: Of the shard, for messages.

    Returns:
        Offset and length of each chunk in C order; None for a missing one.

    Raises:
        TruncatedError: Too few bytes.
        ChecksumError: The CRC differs.
    """
    if len(data) != index_bytes(chunks):
        raise TruncatedError(
            f"shard {name}: expected an index of {index_bytes(chunks)} bytes, got {len(data)}"
        )
    packed, (crc,) = data[: -_CRC.size], _CRC.unpack(data[-_CRC.size :])
    if google_crc32c.value(packed) != crc:
        raise ChecksumError(f"shard {name}: the CRC of its index differs: the file was changed")
    missing = _ENTRY.unpack(_MISSING)
    return [None if entry == missing else entry for entry in _ENTRY.iter_unpack(packed)]
