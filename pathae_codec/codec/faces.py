"""Which face of a latent is decoded, and of what. Spec: v1, model artifact, section 6."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.tile import Tile
from pathae_codec.codec.latent import latents_of
from pathae_codec.entry_numbers import real
from pathae_codec.errors import ArtifactError, ModelMismatchError, SettingError
from pathae_codec.model.architecture import output_channels
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.realism import eighths, with_noise


def chosen_steps(model: ModelArtifact, realism: float | None) -> int:
    """Return the eighths at which tiles of a model are decoded; 0 where it takes no realism.

    Args:
        model: A model, or the parameters of a file.
        realism: What a user asked for, 0 to 1; None for the model's default.

    Raises:
        SettingError: No number, no eighth, or the model takes none.
    """
    if realism is None:
        return model.realism.default if model.realism else 0
    if model.realism is None:
        raise SettingError(
            f"realism: expected a model that takes it, got {model.name}, which has one face only"
        )
    return eighths(real(realism, "realism"))


def synthesis_inputs(
    model: ModelArtifact, symbols: NDArray[np.uint16], tiles: Sequence[Tile]
) -> NDArray[np.float32]:
    """Return what the synthesis takes for latent tiles of one shape and quality.

    Args:
        model: A model, or the parameters of a file.
        symbols: Of the tiles, uint16 (tiles, latent channels, h * w).
        tiles: Headers and payloads; a payload seeds the noise of its tile.

    Returns:
        float32 (tiles, `model.synthesis_channels`, h, w).
    """
    latents = latents_of(model, symbols, tiles[0][0])
    if model.realism is None:
        return latents
    seeds = np.array([crc32(payload) for _, payload in tiles], np.uint32)
    return with_noise(latents, seeds, model.realism.noise_channels)


def check_decoder(model: ModelArtifact, decoder: Transform) -> None:
    """Check that a decoder, wherever it was found, is such a one as the parameters say.

    Raises:
        ModelMismatchError: It takes other channels than those of latent and noise, or has one face
            where the parameters state a realism, or two where they do not.
    """
    try:
        output_channels(decoder.layers, model.synthesis_channels)
    except ArtifactError as error:
        raise ModelMismatchError(
            f"decoder of model {model.name}: expected one that takes {model.synthesis_channels} "
            f"channels, those of latent and noise; {error}"
        ) from None
    if (decoder.natural is None) != (model.realism is None):
        raise ModelMismatchError(
            f"decoder of model {model.name}: expected {2 if model.realism else 1} sets of weights, "
            f"got {1 if decoder.natural is None else 2}"
        )
