"""A small model of the plain layers that published autoencoders are made of; tile-global."""

from dataclasses import replace

import numpy as np

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.model.architecture import (
    Block,
    Conv,
    Downsample,
    FromUnit,
    GroupBranch,
    Layer,
    Relu,
    SoftClamp,
    ToUnit,
    Upsample,
    weight_shapes,
)
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform
from pathae_codec.model.identity import transform_id
from pathae_codec.model.quantizer import Quantizer

QUALITY, FACTOR, LATENT_CHANNELS = 60, 4, 4
ANALYSIS: tuple[Layer, ...] = (
    ToUnit(),
    Conv(3, 4, 3),
    Downsample(4, 4, 2),
    GroupBranch(4, 4, 2),
    Block(4),
    Downsample(4, LATENT_CHANNELS, 2),
)
SYNTHESIS: tuple[Layer, ...] = (
    SoftClamp(3),
    Conv(LATENT_CHANNELS, 4, 3),
    Relu(),
    GroupBranch(4, 4, 2),
    Block(4),
    Upsample(2),
    Conv(4, 4, 3),
    Upsample(2),
    Conv(4, 3, 3),
    FromUnit(),
)


def branches_model() -> ModelArtifact:
    """Draw the model; its bytes are stored, and what is stored counts."""
    generator = np.random.default_rng(2027)
    analysis, drawn_synthesis = (_draw(layers, generator) for layers in (ANALYSIS, SYNTHESIS))
    synthesis = _toned_down(drawn_synthesis)
    words = np.arange(-12, 13, dtype=np.float32) / 4
    counts = (1e4 * np.exp(-np.abs(words))).astype(np.int64)
    tables = FrequencyTables((normalize_counts(counts)[None],) * LATENT_CHANNELS)
    drawn = ModelArtifact(
        name="branches-f4c4",
        factor=FACTOR,
        latent_channels=LATENT_CHANNELS,
        decoder_id="",
        encoder_id="",
        analysis=analysis,
        synthesis=synthesis,
        bottlenecks={QUALITY: Bottleneck(Quantizer((words,) * LATENT_CHANNELS, None), tables)},
        canary=None,
        card={"license": "CC0-1.0", "sources": []},
        tile_global=True,
    )
    return replace(
        drawn,
        decoder_id=transform_id(FACTOR, LATENT_CHANNELS, synthesis),
        encoder_id=transform_id(FACTOR, LATENT_CHANNELS, analysis),
    )


def _draw(layers: tuple[Layer, ...], generator: np.random.Generator) -> Transform:
    weights = {}
    for name, shape in weight_shapes(layers).items():
        inputs = np.prod(shape[1:]) if len(shape) == 4 else 16
        drawn = generator.standard_normal(shape) / np.sqrt(inputs)
        # Scales of a normalization lie about 1, so that the branch counts.
        weights[name] = (drawn + name.endswith("norm.weight")).astype(np.float16)
    return Transform(layers, weights)


def _toned_down(synthesis: Transform) -> Transform:
    """Bring the pixels about the middle of their range: clipped ones would hide differences."""
    last = f"{len(synthesis.layers) - 2}."
    kernel, bias = (synthesis.weights[f"{last}{kind}"] for kind in ("weight", "bias"))
    changed = {
        f"{last}weight": (kernel * np.float16(0.125)).astype(np.float16),
        f"{last}bias": np.full_like(bias, 0.5),
    }
    return Transform(synthesis.layers, {**synthesis.weights, **changed})
