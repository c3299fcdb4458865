"""tifffile over HTTP, on the file that fsspec opens."""

from collections.abc import Callable

import fsspec
import numpy as np
import tifffile
import zarr
from numpy.typing import NDArray

BLOCK = 64 << 10
"""fsspec fetches 5 MB at a time by itself, more than most of our levels have."""


def read(location: str) -> list[NDArray[np.uint8]]:
    with _open(location) as file, tifffile.TiffFile(file) as tiff:
        return [level.asarray() for level in tiff.series[0].levels]


def open_window(location: str) -> Callable[[int, int, int], NDArray[np.uint8]]:
    tiff = tifffile.TiffFile(_open(location).open())
    array = zarr.open_array(tiff.aszarr(series=0, level=0), mode="r")
    return lambda x, y, side: np.asarray(array[y : y + side, x : x + side])


def _open(location: str) -> fsspec.core.OpenFile:
    return fsspec.open(location, "rb", block_size=BLOCK, cache_type="blockcache")
