"""A Zarr v3 shard: chunks one after the other, then an index of offset and length, then CRC-32C.

Zarr specification: codecs, sharding-indexed v1.0, index at the end, little-endian.
"""

from collections.abc import Sequence
from struct import Struct

import google_crc32c

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
