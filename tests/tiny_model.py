"""A tiny model for tests: real in every part, trained in none.

`tiny_model` gives the same model in every process and on every machine: its weights come from a
seeded generator and are float16, so its identities are stable. It folds 8 x 8 pixels into 4 latent
channels, has the qualities 20 and 60, and takes a millisecond a tile. What it decodes looks like
noise over a mean colour: compare decoded pixels with decoded pixels, never with the original.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.architecture import (
    Conv,
    DepthToSpace,
    Layer,
    Residual,
    SpaceToDepth,
    weight_shapes,
)
from pathae_codec.model.artifact import (
    Bottleneck,
    ModelArtifact,
    Transform,
    codec_parameters,
)
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.model.identity import transform_id
from pathae_codec.model.quantizer import Quantizer
from pathae_codec.model.realism import Realism

SEED = 2026
NAME = "tiny-f8c4"
FACTOR = 8
LATENT_CHANNELS = 4
ANALYSIS: tuple[Layer, ...] = (
    SpaceToDepth(4),
    Conv(48, 8, 3),
    SpaceToDepth(2),
    Conv(32, 16, 1),
    Residual(16),
    Conv(16, LATENT_CHANNELS, 3),
)
SYNTHESIS: tuple[Layer, ...] = (
    Conv(LATENT_CHANNELS, 16, 3),
    Residual(16),
    Conv(16, 32, 1),
    DepthToSpace(2),
    Conv(8, 48, 3),
    DepthToSpace(4),
)
TINY_REALISM = Realism(default=4, noise_channels=2)
STEPS = {20: (0.25, 4), 60: (0.0625, 16)}
"""By quality: the quantizer's step, and how many steps its codewords reach to either side of 0."""


@cache
def tiny_model(seed: int = SEED) -> ModelArtifact:
    """Return the tiny model.

    Args:
        seed: Another one gives other weights, thus other identities, and other frequency tables.
            Codewords and name stay.
    """
    generator = np.random.default_rng(seed)
    analysis = _random_transform(ANALYSIS, generator)
    synthesis = _random_transform(SYNTHESIS, generator)
    spread = 1 + seed % 7
    return ModelArtifact(
        name=NAME,
        factor=FACTOR,
        latent_channels=LATENT_CHANNELS,
        decoder_id=transform_id(FACTOR, LATENT_CHANNELS, synthesis),
        encoder_id=transform_id(FACTOR, LATENT_CHANNELS, analysis),
        analysis=analysis,
        synthesis=synthesis,
        bottlenecks={quality: _bottleneck(*steps, spread) for quality, steps in STEPS.items()},
        canary=None,
        card={"license": "CC0-1.0", "sources": ["tests/tiny_model.py"]},
    )


@cache
def tiny_realism_model(default: int = TINY_REALISM.default) -> ModelArtifact:
    """Return the tiny model with a synthesis of two faces and noise; the encoder is the same.

    Args:
        default: Eighths of realism. It is no part of the identities.
    """
    model, realism = tiny_model(), replace(TINY_REALISM, default=default)
    layers = (Conv(LATENT_CHANNELS + realism.noise_channels, 16, 3), *SYNTHESIS[1:])
    generator = np.random.default_rng(SEED + 1)
    faithful, natural = (_random_transform(layers, generator) for _ in range(2))
    synthesis = replace(faithful, natural=natural.weights)
    return replace(
        model,
        name=f"{NAME}-realism",
        synthesis=synthesis,
        decoder_id=transform_id(FACTOR, LATENT_CHANNELS, synthesis),
        realism=realism,
    )


@cache
def tiny_realism_parameters(*, embed: bool = False) -> bytes:
    """Return the codec parameters that a container of the tiny model with realism stores."""
    model = tiny_realism_model()
    canary = TileCodec(model).make_canary(60)
    return save_artifact(codec_parameters(model, model.qualities, canary, embed=embed))


@cache
def tiny_parameters(seed: int = SEED, *, embed: bool = False) -> bytes:
    """Return the codec parameters that a container of the tiny model stores, canary included.

    Args:
        seed: As for `tiny_model`.
        embed: With the decoder's weights, so that no installed model is needed.
    """
    model = tiny_model(seed)
    canary = TileCodec(model).make_canary(60)
    return save_artifact(codec_parameters(model, model.qualities, canary, embed=embed))


def encode_tiny(pixels: NDArray[np.uint8], quality: int = 60, seed: int = SEED) -> list[bytes]:
    """Encode tiles, uint8 (tiles, H, W, 3), with the tiny model."""
    return TileCodec(tiny_model(seed)).encode_tiles(pixels, quality)


def decode_tiny(tiles: Sequence[bytes], seed: int = SEED) -> NDArray[np.uint8]:
    """Decode tiles of one shape with the tiny model itself: uint8 (tiles, H, W, 3)."""
    return np.stack(TileCodec(tiny_model(seed)).decode_tiles(tiles))


def write_tiny_models(folder: Path) -> None:
    """Write the tiny model, and the one with realism, into a folder."""
    for model in (tiny_model(), tiny_realism_model()):
        (folder / f"{model.name}.safetensors").write_bytes(save_artifact(model))


def draw_tissue(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draw something smooth and coloured, never of one colour: uint8 (height, width, 3)."""
    phases = np.random.default_rng(seed).uniform(0, 6, (3, 2))
    rows, columns = np.mgrid[:height, :width] / 9.0
    waves = [np.sin(rows + down) * np.cos(columns * 0.7 + right) for down, right in phases]
    return (np.stack(waves, axis=-1) * 50 + (200, 130, 180)).astype(np.uint8)


def _random_transform(layers: tuple[Layer, ...], generator: np.random.Generator) -> Transform:
    """Draw weights that keep the scale of a signal: He's for kernels, small ones for biases."""
    weights = {}
    for name, shape in weight_shapes(layers).items():
        inputs = np.prod(shape[1:]) if len(shape) == 4 else 100
        weights[name] = (generator.standard_normal(shape) / np.sqrt(inputs)).astype(np.float16)
    return Transform(layers, weights)


def _bottleneck(step: float, reach: int, spread: int) -> Bottleneck:
    """Return uniform codewords, thresholds half-way between, and Laplacian-like frequencies."""
    positions = np.arange(-reach, reach + 1)
    codewords = (positions * step).astype(np.float32)
    thresholds = (codewords[1:] + codewords[:-1]) / 2
    tables = []
    for channel in range(LATENT_CHANNELS):
        width = reach * (1 + channel) / 8 + spread / 4
        counts = (1e6 * np.exp(-np.abs(positions) / width)).astype(np.int64)
        tables.append(normalize_counts(counts)[None])
    return Bottleneck(
        Quantizer((codewords,) * LATENT_CHANNELS, (thresholds,) * LATENT_CHANNELS),
        FrequencyTables(tuple(tables)),
    )
