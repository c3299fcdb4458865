"""A small model whose synthesis has two faces and takes two channels of noise."""

import numpy as np

from format_spec.v1.vectors.latent_tile import draw_symbols, latent_tile
from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.architecture import Conv, DepthToSpace, Layer, weight_shapes
from pathae_codec.model.artifact import (
    Bottleneck,
    ModelArtifact,
    Tensors,
    Transform,
    codec_parameters,
)
from pathae_codec.model.identity import transform_id
from pathae_codec.model.quantizer import Quantizer
from pathae_codec.model.realism import Realism

QUALITY, FACTOR, LATENT_CHANNELS = 60, 4, 3
REALISM = Realism(default=3, noise_channels=2)
CANARY_SYMBOLS = 2
"""Seed of the symbols of the canary."""
SYNTHESIS: tuple[Layer, ...] = (
    Conv(LATENT_CHANNELS + REALISM.noise_channels, 12, 3),
    DepthToSpace(2),
    Conv(3, 12, 3),
    DepthToSpace(2),
)


def realism_model() -> ModelArtifact:
    """Draw the model, embedded parameters with a canary; what is stored of it counts."""
    drawn = _drawn_model()
    tile = latent_tile(drawn, draw_symbols(drawn, QUALITY, 8, 8, CANARY_SYMBOLS), QUALITY, 1)
    return codec_parameters(drawn, [QUALITY], TileCodec(drawn).canary_of(tile), embed=True)


def _drawn_model() -> ModelArtifact:
    generator = np.random.default_rng(2028)
    synthesis = Transform(SYNTHESIS, _draw(generator), _draw(generator))
    words = np.arange(-6, 7, dtype=np.float32) / 4
    counts = (1e4 * np.exp(-np.abs(words))).astype(np.int64)
    tables = FrequencyTables((normalize_counts(counts)[None],) * LATENT_CHANNELS)
    return ModelArtifact(
        name="realism-f4c3",
        factor=FACTOR,
        latent_channels=LATENT_CHANNELS,
        decoder_id=transform_id(FACTOR, LATENT_CHANNELS, synthesis),
        encoder_id="sha256:" + "0" * 64,
        analysis=None,
        synthesis=synthesis,
        bottlenecks={QUALITY: Bottleneck(Quantizer((words,) * LATENT_CHANNELS, None), tables)},
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
        realism=REALISM,
    )


def _draw(generator: np.random.Generator) -> Tensors:
    weights = {}
    for name, shape in weight_shapes(SYNTHESIS).items():
        inputs = np.prod(shape[1:]) if len(shape) == 4 else 100
        drawn = 0.6 * generator.standard_normal(shape) / np.sqrt(inputs)
        weights[name] = drawn.astype(np.float16)
    return weights
