"""The quality of tiles, noted in a container that is written already."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from pathae_codec.container.interface import ContainerReader
from pathae_codec.record.ledger import NOT_MEASURED, Bytes


def note_quality(container: ContainerReader, quality: Bytes) -> bool:
    """Note the quality of the tiles that the ledger has none of.

    Only these bytes and the ledger's CRC are written over, in their places: whoever is stopped on
    the way leaves tiles that are read as before. The container is opened anew to be read on.

    Args:
        container: At a local path.
        quality: Of each tile, see `Ledger`.

    Returns:
        Whether there was anything to note.

    Raises:
        FormatError: The ledger is damaged.
        OSError: The file cannot be written.
    """
    ledger = container.ledger()
    unmeasured = ledger.quality == NOT_MEASURED
    noted = replace(ledger, quality=np.where(unmeasured, quality, ledger.quality).astype(np.uint8))
    place, data = container.ledger_place, noted.pack()
    if np.array_equal(noted.quality, ledger.quality):
        return False
    path = Path(container.location)
    with (path / place.name if place.name else path).open("r+b") as file:
        file.seek(place.start)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return True
