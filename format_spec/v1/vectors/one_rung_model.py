"""A synthesis -> a whole model of one quality, as the models of the vectors are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from pathae_codec.bitstream.frequencies import FrequencyTables
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform, codec_parameters
from pathae_codec.model.identity import transform_id
from pathae_codec.model.quantizer import Quantizer

CANARY_SIDE = 8


def one_rung_model(
    name: str,
    factor: int,
    synthesis: Transform,
    words: Sequence[NDArray[np.float32]],
    table: NDArray[np.uint16],
) -> ModelArtifact:
    """Return a model without analysis and canary, each of whose channels has the same frequencies.

    Args:
        name: Of the model.
        factor: Pixels a side of a latent position.
        synthesis: Takes as many channels as there are `words`.
        words: Codewords of each channel.
        table: Frequencies (table sets, symbols).
    """
    channels = len(words)
    tables = FrequencyTables((table,) * channels)
    return ModelArtifact(
        name=name,
        factor=factor,
        latent_channels=channels,
        decoder_id=transform_id(factor, channels, synthesis),
        encoder_id="sha256:" + "0" * 64,
        analysis=None,
        synthesis=synthesis,
        bottlenecks={QUALITY: Bottleneck(Quantizer(tuple(words), None), tables)},
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
    )


def with_canary(model: ModelArtifact, seed: int) -> ModelArtifact:
    """Return the model's embedded codec parameters, with a canary of symbols drawn from a seed."""
    symbols = draw_symbols(model, QUALITY, CANARY_SIDE, CANARY_SIDE, seed)
    tile = latent_tile(model, symbols, QUALITY, 1)
    return codec_parameters(model, [QUALITY], TileCodec(model).canary_of(tile), embed=True)
