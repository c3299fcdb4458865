"""A Zarr v3 shard: chunks one after the other, then an index of offset and length, then CRC-32C.

Zarr specification: codecs, sharding-indexed v1.0, index at the end, little-endian.
"""

from collections.abc import Sequence
from struct import Struct

import google_crc32c

from pathae_codec.errors import ChecksumError, ContainerError, TruncatedError

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
    """Return the bytes that the index of a shard takes at its end, CRC included."""
    return chunks * _ENTRY.size + _CRC.size


def unpack_index(data: bytes, chunks: int, name: str) -> ShardIndex:
    """Return offset and length of each chunk in C order, None for a missing one.

    Args:
        data: The last `index_bytes(chunks)` bytes of the shard.
        chunks: Chunks in a shard.
        name: Of the shard, for messages.

    Raises:
        TruncatedError: Too few bytes.
        ChecksumError: The index was changed.
    """
    if len(data) != index_bytes(chunks):
        raise TruncatedError(
            f"shard {name}: expected an index of {index_bytes(chunks)} bytes, got {len(data)}"
        )
    packed, (stored,) = data[: -_CRC.size], _CRC.unpack(data[-_CRC.size :])
    actual = google_crc32c.value(packed)
    if stored != actual:
        raise ChecksumError(
            f"shard {name} index crc: expected {stored:08x}, got {actual:08x}; bytes were changed"
        )
    missing = _ENTRY.unpack(_MISSING)
    return tuple(None if entry == missing else entry for entry in _ENTRY.iter_unpack(packed))


def check_index(index: ShardIndex, end: int) -> ShardIndex:
    """Return the index of a shard whose chunks all lie before `end`, where the index begins.

    Raises:
        ContainerError: A chunk does not.
    """
    for entry in index:
        if entry is not None and sum(entry) > end:
            raise ContainerError(f"shard: expected chunks in its {end} bytes, got {entry}")
    return index
