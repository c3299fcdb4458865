"""A small model whose synthesis has two faces and takes two channels of noise."""

from dataclasses import replace

import numpy as np

from format_spec.v1.vectors.one_rung_model import one_rung_model, with_canary
from pathae_codec.bitstream.frequencies import normalize_counts
from pathae_codec.model.architecture import Conv, DepthToSpace, Layer, weight_shapes
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform
from pathae_codec.model.realism import Realism

FACTOR, LATENT_CHANNELS = 4, 3
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
    generator = np.random.default_rng(2028)
    synthesis = Transform(SYNTHESIS, _draw(generator), _draw(generator))
    words = np.arange(-6, 7, dtype=np.float32) / 4
    table = normalize_counts((1e4 * np.exp(-np.abs(words))).astype(np.int64))[None]
    model = one_rung_model("realism-f4c3", FACTOR, synthesis, (words,) * LATENT_CHANNELS, table)
    return with_canary(replace(model, realism=REALISM), CANARY_SYMBOLS)


def _draw(generator: np.random.Generator) -> Tensors:
    weights = {}
    for name, shape in weight_shapes(SYNTHESIS).items():
        inputs = np.prod(shape[1:]) if len(shape) == 4 else 100
        drawn = 0.6 * generator.standard_normal(shape) / np.sqrt(inputs)
        weights[name] = drawn.astype(np.float16)
    return weights
