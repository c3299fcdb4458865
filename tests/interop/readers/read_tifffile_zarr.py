"""tifffile's `aszarr`: the TIFF as a Zarr store, read by zarr."""

import numpy as np
import tifffile
import zarr
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    with tifffile.TiffFile(location) as tiff:
        levels = []
        for level in range(len(tiff.series[0].levels)):
            store = tiff.aszarr(series=0, level=level)
            levels.append(np.asarray(zarr.open_array(store, mode="r")[:]))
        return levels
