"""Tiles that lose nothing: the source's own streams where they can be held, else its pixels."""

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.exact import JpegSet, SourceStreams, decode_exact, encode_exact
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.tile import unpack_tile


def encode_lossless(
    pixels: Pixels,
    visible: tuple[int, int],
    streams: SourceStreams | None,
    sets: tuple[JpegSet, ...],
) -> bytes:
    """Return a tile that decodes to these very pixels.

    JPEG streams are always kept, so that they can be given back; those of JPEG 2000 where that
    takes fewer bytes than their pixels.

    Args:
        pixels: uint8 (side, side, 3), padded.
        visible: Height and width of the part that is no padding.
        streams: That the source has for the tile; None where it has none.
        sets: Of the file.
    """
    exact = encode_same(pixels, visible, streams, sets)
    if exact is None:
        return encode_constant(pixels) or encode_fallback(pixels)
    if streams is not None and streams.coding is StreamCoding.JPEG_2000:
        return min(exact, encode_fallback(pixels), key=len)
    return exact


def encode_same(
    pixels: Pixels,
    visible: tuple[int, int],
    streams: SourceStreams | None,
    sets: tuple[JpegSet, ...],
) -> bytes | None:
    """Return an exact tile; None where the streams cannot be held or show other pixels.

    A vendor's reader may show a tile otherwise than it lies in the file. Arguments are those of
    `encode_lossless`.
    """
    tile = encode_exact(streams, len(pixels), sets) if streams else None
    if tile is None:
        return None
    height, width = visible
    decoded = decode_exact(*unpack_tile(tile), sets)
    return tile if np.array_equal(decoded[:height, :width], pixels[:height, :width]) else None
