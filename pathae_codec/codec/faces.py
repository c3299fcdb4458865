"""The decoder of latents: which of its faces is shown, of what, and the canary that proves it.

Spec: v1, section 7.2, and model artifact, section 6. A canary is a tile with its pixels.
"""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.tile import Tile
from pathae_codec.codec.latent import latents_of
from pathae_codec.entry_numbers import real
from pathae_codec.errors import ArtifactError, ModelMismatchError, SettingError
from pathae_codec.model.architecture import output_channels
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.realism import eighths, with_noise

CANARY_SIDE = 16
CANARY_TOLERANCE = 2
"""Most that a canary pixel may differ, in 8-bit steps."""


def chosen_steps(model: ModelArtifact, realism: float) -> int:
    """Return the eighths at which a user asks for tiles of a model.

    Args:
        model: A model, or the parameters of a file.
        realism: What a user asked for, 0 to 1.

    Raises:
        SettingError: No number, no eighth, or the model takes none.
    """
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
    """Check that a decoder that was found elsewhere is such a one as the parameters say.

    Of an embedded one that was checked when the parameters were read.

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


def draw_canary(factor: int) -> Pixels:
    """Draw what a canary is encoded from, uint8 (side, side, 3).

    Ramps of red over columns and blue over rows around tissue's pink.
    """
    # Two positions a side: one alone would not show what goes on between them.
    side = max(CANARY_SIDE, 2 * factor)
    ramp = np.linspace(-60, 60, side)
    rows, columns = np.meshgrid(ramp, ramp, indexing="ij")
    planes = [180 + columns, 120 + (rows + columns) / 4, 170 + rows]
    return np.stack(planes, axis=-1).astype(np.uint8)


def check_canary(model: ModelArtifact) -> None:
    """Check that the codec parameters of a file have a canary. Spec: v1, section 7.2.

    Raises:
        ArtifactError: They have none: nothing would tell a wrong decoder.
    """
    if model.canary is None:
        raise ArtifactError("codec parameters: expected a canary, found none")


def shown_faces(model: ModelArtifact, steps: int) -> list[tuple[int, Pixels]]:
    """Return what proves a decoder for a realism: eighths, and the pixels at them.

    A face that the canary shows proves itself. Another one is mixed of the weights of both ends,
    which are shown.

    Args:
        model: Parameters of a file; a model has no canary, and nothing to show.
        steps: Eighths of realism at which tiles are to be decoded.
    """
    canary = model.canary
    if canary is None:
        return []
    shown = [(model.default_steps, canary.pixels), *canary.faces.items()]
    return [face for face in shown if face[0] == steps] or list(canary.faces.items())


def check_face(model: ModelArtifact, found: Pixels, stated: Pixels) -> None:
    """Compare what the network of a face gives for the canary.

    Args:
        model: Parameters of a file, with a canary.
        found: What the network gives.
        stated: The pixels of that face.

    Raises:
        ModelMismatchError: The pixels differ: a wrong or damaged decoder, or a broken backend.
    """
    if found.shape != stated.shape:
        raise ModelMismatchError(f"canary: expected pixels {stated.shape}, got {found.shape}")
    worst = int(np.abs(found.astype(np.int16) - stated).max())
    if worst > CANARY_TOLERANCE:
        raise ModelMismatchError(
            f"canary of model {model.name}: expected pixels within {CANARY_TOLERANCE}, "
            f"got one off by {worst}; the decoder is not the one that the file was made for, "
            "or PATHAE_BACKEND names one that is too coarse for it"
        )
