"""tifffile: levels of the first series."""

import numpy as np
import tifffile
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    with tifffile.TiffFile(location) as tiff:
        return [level.asarray() for level in tiff.series[0].levels]
