"""The canary: a tile whose pixels prove a decoder. Spec: v1, section 7.2."""

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.faces import chosen_steps, synthesis_inputs
from pathae_codec.codec.latent import unpack_latent_tiles
from pathae_codec.errors import ArtifactError, ModelMismatchError
from pathae_codec.model.artifact import ModelArtifact

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
    shown = [(chosen_steps(model, None), canary.pixels), *canary.faces.items()]
    return [face for face in shown if face[0] == steps] or list(canary.faces.items())


def check_face(model: ModelArtifact, synthesis: SynthesisTransform, stated: Pixels) -> None:
    """Decode the canary with the network of a face, and compare.

    Args:
        model: Parameters of a file, with a canary.
        synthesis: The network.
        stated: The pixels of that face.

    Raises:
        ModelMismatchError: The pixels differ: a wrong or damaged decoder, or a broken backend.
    """
    assert model.canary is not None, "it is where the stated pixels are from"
    tile = unpack_tile(model.canary.tile)
    symbols = unpack_latent_tiles(model, [tile])
    found = synthesis.synthesize(synthesis_inputs(model, symbols, [tile]))[0]
    if found.shape != stated.shape:
        raise ModelMismatchError(f"canary: expected pixels {stated.shape}, got {found.shape}")
    worst = int(np.abs(found.astype(np.int16) - stated).max())
    if worst > CANARY_TOLERANCE:
        raise ModelMismatchError(
            f"canary of model {model.name}: expected pixels within {CANARY_TOLERANCE}, "
            f"got one off by {worst}; the decoder is not the one that the file was made for, "
            "or PATHAE_BACKEND names one that is too coarse for it"
        )
