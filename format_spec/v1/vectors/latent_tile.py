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
    model: ModelArtifact, quality: int, height: int, width: int, seed: int
) -> NDArray[Any]:
    """Draw the symbols, (channels, h, w), of a tile by their frequencies."""
    generator = np.random.default_rng(seed)
    shape = (height // model.factor, width // model.factor)
    return np.stack(
        [
            generator.choice(np.repeat(np.arange(len(table)), table), shape)
            for table in model.bottlenecks[quality].tables.channels
        ]
    ).astype(np.uint16)


def latent_tile(
    model: ModelArtifact, symbols: NDArray[np.uint16], quality: int, lanes: int
) -> bytes:
    """Pack symbols, (channels, h, w), as a latent tile."""
    channels, height, width = symbols.shape
    flat = symbols.reshape(1, channels, -1)
    (payload,) = encode_symbols(flat, model.bottlenecks[quality].tables, lanes)
    sides = height * model.factor, width * model.factor
    log2 = lanes.bit_length() - 1
    return pack_tile(TileHeader(Mode.LATENT, *sides, 3, quality, 0, log2, len(payload)), payload)
