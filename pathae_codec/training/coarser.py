"""A model -> the same one with latents at half the side, to start a training from.

Blocks of 2 x 2 latents become one position, turned by the Karhunen-Loeve transform: neighbours that
say the same are then said once. The network's function stays what it was, but for rounding.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents
from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Conv, DepthToSpace, SpaceToDepth
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform
from pathae_codec.model.identity import transform_id
from pathae_codec.training.fit import FittingLatents, fit_bottleneck, fitted_step

Matrix = NDArray[np.float64]
BLOCK = 2
LARGEST_STEP = 10.0
"""Of a channel, in its deviations: one that a rung leaves out is at least not magnified."""


def coarser_model(model: ModelArtifact, latents: Latents) -> ModelArtifact:
    """Turn a model's latents.

    Args:
        model: A whole model, of factor f and C channels.
        latents: Of training tiles, float32 (N, C, h, w), h and w even.

    Returns:
        A model of factor 2 f and 4 C channels, with the layers of `model` and a 1 x 1 convolution
        at the end of the analysis and at the beginning of the synthesis; its ladder is fitted anew.

    Raises:
        SettingError: The model lacks a network.
    """
    if model.analysis is None or model.synthesis is None:
        raise SettingError(f"start {model.name}: expected both networks, got one")
    deviations = latents.std((0, 2, 3), dtype=np.float64) + 1e-6
    steps = {q: _steps(b, deviations) for q, b in model.bottlenecks.items()}
    middle = np.tile(steps[model.qualities[len(model.qualities) // 2]], BLOCK**2)
    rows = blocks_of(latents) / middle
    _, axes = np.linalg.eigh(rows.T @ rows)
    forth, back = axes.T / middle, middle[:, None] * axes
    turned = np.ascontiguousarray((blocks_of(latents) @ forth.T).astype(np.float32))
    turned = turned.reshape(len(latents), -1, len(forth)).transpose(0, 2, 1)[..., None]
    factor, channels = model.factor * BLOCK, len(forth)
    analysis, synthesis = _extended(model.analysis, model.synthesis, forth, back)
    fitting, bottlenecks = FittingLatents(turned), {}
    for quality, step in steps.items():
        gains, sets = _gains(forth, np.tile(step, BLOCK**2)), model.bottlenecks[quality].tables.sets
        bottlenecks[quality] = fit_bottleneck(fitting, gains, sets)
    return replace(
        model,
        factor=factor,
        latent_channels=channels,
        analysis=analysis,
        synthesis=synthesis,
        encoder_id=transform_id(factor, channels, analysis),
        decoder_id=transform_id(factor, channels, synthesis),
        bottlenecks=bottlenecks,
        canary=None,
    )


def blocks_of(latents: Latents) -> Matrix:
    """Return the blocks as rows, (blocks, 4 C), channels in the order of `SpaceToDepth`."""
    n, c, h, w = latents.shape
    split = latents.reshape(n, c, h // BLOCK, BLOCK, w // BLOCK, BLOCK)
    return split.transpose(0, 2, 4, 3, 5, 1).reshape(-1, BLOCK**2 * c).astype(np.float64)


def _steps(bottleneck: Bottleneck, deviations: Matrix) -> Matrix:
    steps = np.array([fitted_step(words) for words in bottleneck.quantizer.codewords])
    bounded: Matrix = np.minimum(steps, LARGEST_STEP * deviations)
    return bounded


def _gains(forth: Matrix, steps: Matrix) -> Matrix:
    """Return the gains of turned channels: one over the deviation of the same noise, turned."""
    gains: Matrix = 1 / np.sqrt(np.square(forth) @ np.square(steps))
    return gains


def _extended(
    analysis: Transform, synthesis: Transform, forth: Matrix, back: Matrix
) -> tuple[Transform, Transform]:
    conv = Conv(len(forth), len(forth), 1)

    def weights(matrix: Matrix, place: int) -> dict[str, NDArray[np.float16]]:
        return {
            f"{place}.weight": matrix[:, :, None, None].astype(np.float16),
            f"{place}.bias": np.zeros(len(matrix), np.float16),
        }

    end = len(analysis.layers) + 1
    moved = {
        f"{int(name.split('.', 1)[0]) + 2}.{name.split('.', 1)[1]}": tensor
        for name, tensor in synthesis.weights.items()
    }
    return (
        Transform(
            (*analysis.layers, SpaceToDepth(BLOCK), conv),
            {**analysis.weights, **weights(forth, end)},
        ),
        Transform((conv, DepthToSpace(BLOCK), *synthesis.layers), {**weights(back, 0), **moved}),
    )
