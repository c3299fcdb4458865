"""Constant tiles: one colour <-> a few bytes, for glass and padding. Spec: v1, section 3.3."""

from functools import lru_cache

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.header import HEADER, Mode, TileHeader
from pathae_codec.bitstream.tile import CRC, pack_tile
from pathae_codec.errors import PayloadError

WHITE = 255


def encode_constant(pixels: Pixels) -> bytes | None:
    """Encode a tile of one colour, uint8 (H, W, C), exactly; None for any other tile."""
    colour = pixels[0, 0]
    # Most tiles are told by their first row.
    if (pixels[0] != colour).any() or (pixels != colour).any():
        return None
    height, width, channels = pixels.shape
    header = TileHeader(Mode.CONSTANT, height, width, channels, 0, 0, 0, channels)
    return pack_tile(header, colour.tobytes())


@lru_cache(maxsize=4)
@lru_cache(maxsize=8)
def encode_white(side: int) -> bytes:
    """Return the tile bitstream of white RGB, side x side: what a tile that is left out stands for.

    Args:
        side: Pixels.
    """
    white = encode_constant(np.full((side, side, 3), WHITE, np.uint8))
    assert white is not None
    return white


def constant_bytes(channels: int) -> int:
    """Return the bytes of a constant tile, header and CRC included."""
    return HEADER.size + channels + CRC.size


def decode_constant(header: TileHeader, payload: bytes) -> Pixels:
    """Decode a tile of one colour to uint8 (H, W, C).

    Raises:
        PayloadError: The payload is not one sample a channel.
    """
    if len(payload) != header.channels:
        raise PayloadError(
            f"constant payload: expected {header.channels} bytes, got {len(payload)}"
        )
    colour = np.frombuffer(payload, np.uint8)
    return np.tile(colour, (header.height, header.width, 1))
