"""The ledger and the root of a sample slide, packed byte by byte. Spec: v1, section 10."""

import json
from collections.abc import Sequence
from hashlib import sha256
from struct import pack
from zlib import crc32

from format_spec.v1.vectors.container_slide import GRIDS, LEVELS, TILE, Json
from format_spec.v1.vectors.vector import record_text

Tiles = Sequence[Sequence[bytes]]


def ledger_of(tiles: Tiles, omitted: Sequence[int] = ()) -> bytes:
    """Return the ledger of all tiles, none of them glass, none measured.

    Args:
        tiles: Of each level, row by row.
        omitted: Numbers of those of level 0 that are not stored.
    """
    body = b"PAEL" + pack("<HH", 1, len(GRIDS))
    body += b"".join(pack("<II", *grid) for grid in GRIDS)
    bitmaps = [bytearray(-(-len(level) // 8)) for level in tiles]
    for number in omitted:
        bitmaps[0][number // 8] |= 1 << number % 8
    body += b"".join(bitmaps) + b"".join(bytes(len(bitmap)) for bitmap in bitmaps)
    body += bytes(sum(map(len, tiles))) + _hashes(tiles)
    return body + pack("<I", crc32(body))


def root_of(tiles: Tiles, record: Json, parameters: bytes) -> str:
    """Return the root of a slide without an ICC profile."""
    stated = json.loads(record_text(parameters))["digest"]
    digest = sha256(b"PAEroot1" + pack("<II", TILE, len(LEVELS)))
    digest.update(b"".join(pack("<II", *size) for size in LEVELS))
    digest.update(pack("<ddd", *record["mpp"], record["magnification"] or 0))
    for identity in (record["model"]["decoder"], stated):
        digest.update(bytes.fromhex(identity.removeprefix("sha256:")))
    digest.update(bytes(32) + _hashes(tiles))
    return f"sha256:{digest.hexdigest()}"


def _hashes(tiles: Tiles) -> bytes:
    return b"".join(
        sha256(pack("<III", level, *divmod(number, GRIDS[level][1])) + tile).digest()[:8]
        for level, some in enumerate(tiles)
        for number, tile in enumerate(some)
    )
