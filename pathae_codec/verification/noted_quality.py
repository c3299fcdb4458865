"""What a comparison measured, noted in the file that a conversion has just written."""

from pathlib import Path

import numpy as np

from pathae_codec.container import open_container
from pathae_codec.container.quality import note_quality
from pathae_codec.record.ledger import BEST_MEASURED, EQUAL, NOT_MEASURED, Bytes
from pathae_codec.verification.figures import LevelFigures, State


def note_measured(file: Path, levels: tuple[LevelFigures, ...]) -> bool:
    """Note the quality of the tiles that were compared and not measured before.

    Args:
        file: That they are of, at a local path.
        levels: What comparing gave.

    Returns:
        Whether there was anything to note.

    Raises:
        FormatError: The ledger is damaged.
        OSError: The file cannot be written.
    """
    quality = np.concatenate([_quality(level) for level in levels])
    return note_quality(open_container(file), quality)


def _quality(level: LevelFigures) -> Bytes:
    """Return the values of `quality_value`, uint8 (tiles,), row by row."""
    compared = (level.state == State.COMPARED) & ~np.isnan(level.psnr)
    finite = np.where(np.isfinite(level.psnr), level.psnr, 0)
    # A float32 may have been rounded up.
    quarters = np.clip(4 * np.nextafter(finite, np.float32(0)), 1, BEST_MEASURED).astype(np.uint8)
    values = np.where(np.isposinf(level.psnr), EQUAL, quarters)
    return np.where(compared, values, NOT_MEASURED).astype(np.uint8).ravel()
