"""Symbols -> latent tiles: entropy coding and the bitstream around it. Spec: v1, section 3.4."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.rans import choose_lanes_log2, encode_symbols
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.model.artifact import Bottleneck


def pack_latent_tiles(
    symbols: NDArray[np.uint16], bottleneck: Bottleneck, quality: int, height: int, width: int
) -> list[bytes]:
    """Return the tile bitstreams of latent tiles of one shape, each in the tables that suit it.

    Args:
        symbols: uint16 (tiles, latent channels, h * w), positions row by row.
        bottleneck: What they were quantized with.
        quality: Its rung.
        height: Of a tile in pixels.
        width: Of a tile in pixels.
    """
    sizes = ideal_bytes(symbols, bottleneck.tables)
    sets = sizes.argmin(1)
    lanes_log2 = np.array([choose_lanes_log2(int(n), symbols.shape[2]) for n in sizes.min(1)])
    tiles = [b""] * len(symbols)
    for log2 in np.unique(lanes_log2).tolist():
        indices = np.flatnonzero(lanes_log2 == log2)
        payloads = encode_symbols(symbols[indices], bottleneck.tables, sets[indices], 1 << log2)
        for index, payload in zip(indices.tolist(), payloads, strict=True):
            table_set, size = int(sets[index]), len(payload)
            header = TileHeader(Mode.LATENT, height, width, 3, quality, table_set, log2, size)
            tiles[index] = pack_tile(header, payload)
    return tiles
