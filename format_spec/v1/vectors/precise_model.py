"""A small model in which what is easily overlooked shows: epsilon, kernel 5, float16's subnormals.

Latents of the first two channels are so small that their variance is below the epsilon of the
group normalization; those of the last are so large that weights below 2^-14, the subnormal ones of
float16, move pixels by tens of steps.
"""

from dataclasses import replace

import numpy as np

from format_spec.v1.vectors.one_rung_model import one_rung_model, with_canary
from pathae_codec.bitstream.frequencies import normalize_counts
from pathae_codec.model.architecture import Conv, DepthToSpace, GroupBranch, Layer, weight_shapes
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform

FACTOR, LATENT_CHANNELS = 2, 4
STEPS = (0.0005, 0.0005, 0.125, 500.0)
"""Between the codewords of each channel."""
REACH = 6
CANARY_SYMBOLS = 3
SUBNORMAL = 2**-24
"""The least float16 above zero."""
SYNTHESIS: tuple[Layer, ...] = (
    GroupBranch(LATENT_CHANNELS, 4, 2),
    Conv(LATENT_CHANNELS, 12, 5),
    DepthToSpace(FACTOR),
)


def precise_model() -> ModelArtifact:
    """Draw the model, embedded parameters with a canary; what is stored of it counts."""
    symbols = np.arange(-REACH, REACH + 1, dtype=np.float32)
    table = normalize_counts((1e4 * np.exp(-np.abs(symbols) / 3)).astype(np.int64))[None]
    words = tuple((symbols * np.float32(step)).astype(np.float32) for step in STEPS)
    synthesis = Transform(SYNTHESIS, _draw())
    model = one_rung_model("precise-f2c4", FACTOR, synthesis, words, table)
    return with_canary(replace(model, tile_global=True), CANARY_SYMBOLS)


def _draw() -> Tensors:
    generator = np.random.default_rng(2029)
    weights = {}
    for name, shape in weight_shapes(SYNTHESIS).items():
        weights[name] = (0.5 * generator.standard_normal(shape)).astype(np.float16)
    # The branch takes one channel each of the two small ones, so that each group is small.
    weights["0.first.weight"] = np.zeros((4, LATENT_CHANNELS, 1, 1), np.float16)
    for inner in range(4):
        weights["0.first.weight"][inner, inner % 2] = 1 + inner / 4
    weights["0.first.bias"] = np.zeros(4, np.float16)
    weights["0.norm.weight"] = np.array([0.5, 0.75, 1, 1.25], np.float16)
    kernel = generator.standard_normal((12, LATENT_CHANNELS, 5, 5)) / 40
    far = generator.integers(-600, 601, (12, 5, 5)) * SUBNORMAL
    kernel[:, -1] = far
    weights["1.weight"] = kernel.astype(np.float16)
    weights["1.bias"] = np.zeros(12, np.float16)
    return weights
