"""A Zarr v3 shard: chunks one after the other, then an index of offset and length, then CRC-32C.

Zarr specification: codecs, sharding-indexed v1.0, index at the end, little-endian.
"""

from collections.abc import Sequence
from struct import Struct

import google_crc32c

from pathae_codec.errors import ChecksumError, ContainerError

_ENTRY = Struct("<QQ")
_CRC = Struct("<I")
_MISSING = _ENTRY.pack(2**64 - 1, 2**64 - 1)
ShardIndex = tuple[tuple[int, int] | None, ...]


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
    """Give the bytes of the index of a shard of so many chunks, CRC included."""
    return chunks * _ENTRY.size + _CRC.size


def unpack_index(data: bytes, end: int) -> ShardIndex:
    """Give offset and length of each chunk, None for a missing one.

    Args:
        data: The index, CRC included: `index_bytes` long.
        end: Where the chunks end and the index begins.

    Raises:
        ChecksumError: The index was changed.
        ContainerError: A chunk does not lie in front of the index.
    """
    packed = data[: -_CRC.size]
    (stored,) = _CRC.unpack(data[-_CRC.size :])
    actual = google_crc32c.value(packed)
    if stored != actual:
        raise ChecksumError(
            f"shard index crc: expected {stored:08x}, got {actual:08x}; bytes were changed"
        )
    entries: list[tuple[int, int] | None] = []
    for place in range(0, len(packed), _ENTRY.size):
        if packed[place : place + _ENTRY.size] == _MISSING:
            entries.append(None)
            continue
        offset, length = _ENTRY.unpack_from(packed, place)
        if offset + length > end:
            raise ContainerError(f"shard: expected chunks in its {end} bytes, got {offset, length}")
        entries.append((offset, length))
    return tuple(entries)
