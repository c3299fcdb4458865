"""What a channel of the latent does to the pixels, measured with the decoder."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.model.realism import with_noise

NOISE = 0.25
"""Deviation of the noise by that of the channel: well above the rounding of pixels."""
ROUNDING = 1 / 6
"""Mean square of the difference of two roundings to whole numbers: 2 / 12."""
LEAST_SHARE = 1e-3
"""Least sensitivity by the mean one: a channel that does nothing still has a step."""


def measure_sensitivity(
    latents: NDArray[np.float32],
    synthesis: SynthesisTransform,
    progress: Callable[[], None],
    noise_channels: int = 0,
) -> NDArray[np.float64]:
    """Measure the mean squared error of pixels for a unit of squared error in each channel.

    Args:
        latents: float32 (tiles, channels, h, w); the noise is seeded.
        synthesis: The decoder.
        progress: Called after each channel.
        noise_channels: Planes of noise that the decoder takes behind the latent.

    Returns:
        float64 (channels,), in 8-bit steps squared by latent units squared; above 0.
    """
    random = np.random.default_rng(0)
    seeds = np.arange(len(latents), dtype=np.uint32)
    clean = synthesis.synthesize(with_noise(latents, seeds, noise_channels)).astype(np.float32)
    weights = []
    for channel in range(latents.shape[1]):
        deviation = max(float(latents[:, channel].std()) * NOISE, 1e-6)
        noise = random.standard_normal(latents[:, channel].shape, np.float32) * np.float32(
            deviation
        )
        noisy = latents.copy()
        noisy[:, channel] += noise
        decoded = synthesis.synthesize(with_noise(noisy, seeds, noise_channels))
        error = float(np.square(decoded - clean).mean())
        weights.append(max(error - ROUNDING, 0) / float(np.square(noise, dtype=np.float64).mean()))
        progress()
    measured = np.array(weights)
    floored: NDArray[np.float64] = np.maximum(measured, LEAST_SHARE * (measured.mean() or 1.0))
    return floored
