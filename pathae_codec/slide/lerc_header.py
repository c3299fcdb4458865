"""The largest error that LERC allowed itself, by its header.

LERC is Esri's Limited Error Raster Compression. The layout is that of LERC 2, versions 1 to 6;
LERC 1 is not read.
"""

import zlib
from struct import error as StructError
from struct import unpack_from

_SIGNATURE = b"Lerc2 "
_FLOATS = (6, 7)
_CHECKSUM_SINCE, _DEPTH_SINCE, _NO_DATA_SINCE = 3, 4, 6
_READ = 256


def lerc_error(data: bytes, around: str) -> float | None:
    """Return the largest error of a sample that a tile of integers may have; None if not known.

    Args:
        data: A tile or strip as it is stored.
        around: What the LERC is packed in: `none`, `deflate` or `zstd`.
    """
    try:
        return _allowed(_unpack(data, around))
    except (StructError, zlib.error, RuntimeError, ValueError):
        return None


def _unpack(data: bytes, around: str) -> bytes:
    if around == "deflate":
        return zlib.decompressobj().decompress(data, _READ)
    if around == "zstd":
        import imagecodecs

        return bytes(imagecodecs.zstd_decode(data))
    return data


def _allowed(data: bytes) -> float | None:
    if not data.startswith(_SIGNATURE):
        return None
    place = len(_SIGNATURE)
    (version,) = unpack_from("<i", data, place)
    place += 4 + (4 if version >= _CHECKSUM_SINCE else 0)
    # Rows, columns, values a pixel, valid pixels, side of a block, bytes, kind of the samples.
    place += 4 * (5 + (1 if version >= _DEPTH_SINCE else 0))
    (kind,) = unpack_from("<i", data, place)
    place += 4 + (8 if version >= _NO_DATA_SINCE else 0)
    (error,) = unpack_from("<d", data, place)
    if kind in _FLOATS or not 0 <= error < 1e9:
        return None
    # Integers are rounded: an error below one is none.
    return float(int(error))
