"""The realism at which readers decode: the caller's, else `PATHAE_REALISM`, else the file's.

Readers decide by this alone: `pathae_codec.open`, `TileDataset`, and the plugins of zarr, numcodecs
and tifffile, which have no argument for it. What is stated of a file, its floor and what `verify`
measures, is of the file's own realism, and so is what is made of a file; neither heeds the
environment.
"""

import os
from typing import TYPE_CHECKING

from pathae_codec.codec import decode_queue
from pathae_codec.codec.faces import chosen_steps
from pathae_codec.errors import SettingError
from pathae_codec.model.realism import STEPS, eighths

if TYPE_CHECKING:
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

VARIABLE = "PATHAE_REALISM"


def reader_realism(parameters: bytes, realism: float | None = None) -> float | None:
    """Return the realism at which a reader decodes a file; None for the one that it states.

    Args:
        parameters: The file's codec parameters.
        realism: What the caller says. `PATHAE_REALISM` is taken where that is nothing and the
            file's model takes realism; it is for all files, of whatever models.

    Raises:
        SettingError: The caller's is no eighth from 0 to 1, or the model takes none; the
            environment's is no eighth.
        ArtifactError: The parameters are not sound.
    """
    stated = os.environ.get(VARIABLE)
    if realism is None and not stated:
        return None
    model = decode_queue.codec_for(parameters).model
    if realism is not None:
        return chosen_steps(model, realism) / STEPS
    assert stated, "one of the two is there"
    parsed = _parse(stated)
    return parsed if model.realism else None


def read_later(parameters: bytes, tile: bytes) -> "Future[NDArray[np.uint8]]":
    """Queue a tile for a reader that has no argument for realism; see `decode_later`."""
    return decode_queue.decode_later(parameters, tile, reader_realism(parameters))


def _parse(stated: str) -> float:
    try:
        return eighths(float(stated)) / STEPS
    except (ValueError, SettingError):
        raise SettingError(
            f"{VARIABLE}: expected 0 to 1 in steps of an eighth (0.125), got {stated!r:.20}"
        ) from None
