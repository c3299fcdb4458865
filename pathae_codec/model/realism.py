"""One latent, two faces: how real its picture is to look, a number chosen when it is decoded.

At realism 0 a synthesis gives the least error, which is the mean of all pictures that the latent
may stand for; at 1 it gives one of them, with the structure and texture of tissue. It has weights
for both, and those in between are their mean, weighed by the realism: two networks of which one
was trained on from the other have no barrier between them (Deep Network Interpolation, Wang et al.
2019). Told by a plane beside the latent instead, a network this small hardly changed its face.

Noise gives texture something to be made of that does not repeat. It is drawn from the tile's own
bytes by integers, so that every implementation draws the same.

Spec: v1, model artifact, section 6.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents
from pathae_codec.bitstream.limits import MAX_NOISE_CHANNELS
from pathae_codec.errors import ArtifactError, SettingError

STEPS = 8
"""Realism is a whole number of eighths, 0 to 8."""
FACES = (0, STEPS)
"""The eighths of the faithful and the natural face, which a canary shows beside the default."""
NOISE_MEAN, NOISE_DEVIATION = 510, 148
"""Of the sum of four bytes, each from 0 to 255 with equal probability."""


@dataclass(frozen=True)
class Realism:
    """How a synthesis takes realism.

    Attributes:
        default: Eighths that a reader takes which was told nothing, 0 to 8.
        noise_channels: Planes of noise that the synthesis takes behind the latent, 0 to 256.

    Raises:
        ArtifactError: Out of these ranges.
    """

    default: int
    noise_channels: int

    def __post_init__(self) -> None:
        for name, value, limit in (
            ("default", self.default, STEPS),
            ("noise_channels", self.noise_channels, MAX_NOISE_CHANNELS),
        ):
            if type(value) is not int or not 0 <= value <= limit:
                raise ArtifactError(f"realism {name}: expected 0 to {limit}, got {value!r:.20}")


def read_realism(stated: object, limit: int) -> Realism:
    """Return how an artifact's synthesis takes realism.

    Args:
        stated: By the artifact's record.
        limit: Most channels of noise at its factor: as of the latent, a pixel's samples bound them.

    Raises:
        ArtifactError: Missing or surplus keys, or values out of range.
    """
    names = {field.name for field in fields(Realism)}
    if not isinstance(stated, dict) or set(stated) != names:
        raise ArtifactError(f"artifact realism: expected {sorted(names)}, got {stated!r:.80}")
    realism = Realism(**stated)
    if realism.noise_channels > limit:
        raise ArtifactError(
            f"realism noise_channels: expected 0 to {limit}, got {realism.noise_channels}"
        )
    return realism


def eighths(realism: float) -> int:
    """Return a realism from 0 to 1 as a whole number of eighths.

    Raises:
        SettingError: It is out of range, or between two eighths.
    """
    steps = realism * STEPS
    if not 0 <= steps <= STEPS or steps != int(steps):
        raise SettingError(
            f"realism: expected 0 to 1 in steps of an eighth (0.125), got {realism!r:.20}"
        )
    return int(steps)


def with_noise(latents: Latents, seeds: NDArray[np.uint32], channels: int) -> Latents:
    """Return latents with planes of noise behind them.

    Args:
        latents: float32 (N, C, h, w).
        seeds: uint32 (N,), the CRC-32 of each tile's payload.
        channels: Planes of noise.

    Returns:
        float32 (N, C + channels, h, w).
    """
    if not channels:
        return latents
    drawn = noise(seeds, (channels, *latents.shape[2:]))
    return np.concatenate([latents, drawn], axis=1)


def noise(seeds: NDArray[np.uint32], shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Draw noise of mean 0 and deviation 1 (0.999), nearly normal, between -3.45 and 3.45.

    A value is the sum of the four bytes of `mix(seed ^ mix(place + 1))`, less 510, over 148, where
    `place` counts the values of a tile from 0 in the order channel, row, column.

    Args:
        seeds: uint32 (N,).
        shape: Channels, rows and columns.

    Returns:
        float32 (N, *shape).
    """
    places = _mix(np.arange(1, np.prod(shape, dtype=np.int64) + 1, dtype=np.uint32))
    bits = _mix(np.asarray(seeds, np.uint32)[:, None] ^ places)
    low = np.uint32(0x00FF00FF)
    pairs = (bits & low) + (bits >> np.uint32(8) & low)
    total = (pairs + (pairs >> np.uint32(16)) & np.uint32(0xFFFF)).astype(np.int32)
    values = (total - NOISE_MEAN).astype(np.float32) / np.float32(NOISE_DEVIATION)
    drawn: NDArray[np.float32] = values.reshape(len(bits), *shape)
    return drawn


def _mix(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Scramble 32 bits, one to one (Wellons 2018, `lowbias32`)."""
    x = x ^ (x >> np.uint32(16))
    x = x * np.uint32(0x7FEB352D)
    x = x ^ (x >> np.uint32(15))
    x = x * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))
