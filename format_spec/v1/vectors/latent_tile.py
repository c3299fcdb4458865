"""Latent tiles of symbols that are drawn as integers, never by a network."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.bitstream.rans import encode_symbols
from pathae_codec.bitstream.tile import pack_tile
from pathae_codec.model.artifact import ModelArtifact

QUALITY = 60


def draw_symbols(
    model: ModelArtifact, quality: int, height: int, width: int, seed: int, table_set: int = 0
) -> NDArray[Any]:
    """Draw the symbols, (channels, h, w), of a tile by the frequencies of a table set."""
    generator = np.random.default_rng(seed)
    shape = (height // model.factor, width // model.factor)
    return np.stack(
        [
            generator.choice(np.repeat(np.arange(table.shape[1]), table[table_set]), shape)
            for table in model.bottlenecks[quality].tables.channels
        ]
    ).astype(np.uint16)


def latent_tile(
    model: ModelArtifact,
    symbols: NDArray[np.uint16],
    quality: int,
    lanes: int,
    table_set: int = 0,
) -> bytes:
    """Pack symbols, (channels, h, w), as a latent tile."""
    channels, height, width = symbols.shape
    flat = symbols.reshape(1, channels, -1)
    tables, sets = model.bottlenecks[quality].tables, np.array([table_set])
    (payload,) = encode_symbols(flat, tables, sets, lanes)
    sides = height * model.factor, width * model.factor
    log2 = lanes.bit_length() - 1
    header = TileHeader(Mode.LATENT, *sides, 3, quality, table_set, log2, len(payload))
    return pack_tile(header, payload)
