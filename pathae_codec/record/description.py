"""What a container says of the slide beside its tiles, the same for every container.

Spec: v1, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.geometry import Level

Pixels = NDArray[np.uint8]
FORMAT_VERSION = 1


@dataclass(frozen=True)
class SlideDescription:
    """A slide as a container stores it, without the tiles.

    Attributes:
        levels: The pyramid, finest first.
        tile: Side of a tile in pixels.
        mpp: Microns per pixel of level 0, (x, y); None where the source has none.
        magnification: Of the objective; None where the source has none.
        icc_profile: As the source stores it.
        associated: Label, macro and thumbnail as far as they are kept, uint8 (H, W, 3).
        parameters: Codec parameters as bytes (see `model.artifact`).
        record: The `pathae` JSON record for people and tools.
    """

    levels: tuple[Level, ...]
    tile: int
    mpp: tuple[float, float] | None
    magnification: float | None
    icc_profile: bytes | None
    associated: Mapping[str, Pixels]
    parameters: bytes
    record: Mapping[str, Any]
