"""The canary <-> tensors of an artifact. Spec: v1, model artifact, section 2."""

import numpy as np

from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import ArtifactError, FormatError
from pathae_codec.model.artifact import Canary, Tensors
from pathae_codec.model.realism import FACES, Realism


def canary_tensors(canary: Canary) -> Tensors:
    """Return the tensors of a canary, by name."""
    return {
        "canary.tile": np.frombuffer(canary.tile, np.uint8),
        "canary.pixels": canary.pixels,
    } | {_face_name(steps): pixels for steps, pixels in canary.faces.items()}


def read_canary(tensors: Tensors, realism: Realism | None) -> Canary | None:
    """Return the canary, None if there is none.

    Args:
        tensors: Of the artifact.
        realism: As its synthesis takes it: then there are faces beside the default one.

    Raises:
        ArtifactError: It is not a sound latent tile with pixels of its size.
        KeyError: Pixels, or a face, are missing.
    """
    if "canary.tile" not in tensors:
        return None
    tile = tensors["canary.tile"].tobytes()
    pixels = tensors["canary.pixels"]
    faces = {steps: tensors[_face_name(steps)] for steps in FACES} if realism else {}
    try:
        header, _ = unpack_tile(tile)
    except FormatError as error:
        raise ArtifactError(f"canary.tile: {error}") from None
    shape = (header.height, header.width, 3)
    for found in (pixels, *faces.values()):
        if header.mode is not Mode.LATENT or found.dtype != np.uint8 or found.shape != shape:
            raise ArtifactError(
                f"canary: expected a latent tile and its pixels, uint8 {shape}, "
                f"got mode {header.mode.name.lower()} and {found.dtype} {found.shape}"
            )
    return Canary(tile, pixels, faces)


def _face_name(steps: int) -> str:
    return f"canary.pixels.{steps}"
