"""The canary: a tile whose pixels prove a decoder. Spec: v1, section 7.2."""

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.faces import chosen_steps, synthesis_inputs
from pathae_codec.codec.latent import unpack_latent_tiles
from pathae_codec.errors import ModelMismatchError
from pathae_codec.model.artifact import Canary, ModelArtifact
from pathae_codec.model.backend import SynthesisTransform
from pathae_codec.model.realism import FACES

Pixels = NDArray[np.uint8]

CANARY_SIDE = 16
CANARY_TOLERANCE = 2
"""Most that a canary pixel may differ, in 8-bit steps."""


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


def canary_of(model: ModelArtifact, synthesis: SynthesisTransform, tile: bytes) -> Canary:
    """Return a canary of a latent tile: what the decoder gives for it, every face of the model.

    Args:
        model: A model, or the parameters of a file.
        synthesis: Its decoder, on a backend that holds the tolerance.
        tile: Of one of its qualities.
    """
    faces = FACES if model.realism else ()
    return Canary(
        tile,
        _face(model, synthesis, tile, chosen_steps(model, None)),
        {steps: _face(model, synthesis, tile, steps) for steps in faces},
    )


def check_canary(model: ModelArtifact, synthesis: SynthesisTransform) -> None:
    """Decode the canary of a file, if there is one, and compare every face.

    Raises:
        ModelMismatchError: The pixels differ: a wrong or damaged decoder, or a broken backend.
    """
    canary = model.canary
    if canary is None:
        return
    stated = [(chosen_steps(model, None), canary.pixels), *canary.faces.items()]
    for steps, pixels in stated:
        _compare(model, _face(model, synthesis, canary.tile, steps), pixels)


def _face(model: ModelArtifact, synthesis: SynthesisTransform, tile: bytes, steps: int) -> Pixels:
    opened = unpack_tile(tile)
    symbols = unpack_latent_tiles(model, [opened])
    face: Pixels = synthesis.synthesize(synthesis_inputs(model, symbols, [opened], steps))[0]
    return face


def _compare(model: ModelArtifact, found: Pixels, stated: Pixels) -> None:
    if found.shape != stated.shape:
        raise ModelMismatchError(f"canary: expected pixels {stated.shape}, got {found.shape}")
    worst = int(np.abs(found.astype(np.int16) - stated).max())
    if worst > CANARY_TOLERANCE:
        raise ModelMismatchError(
            f"canary of model {model.name}: expected pixels within {CANARY_TOLERANCE}, "
            f"got one off by {worst}; the decoder is not the one that the file was made for, "
            "or PATHAE_BACKEND names one that is too coarse for it"
        )
