"""ome-zarr-py: its reader's nodes."""

import numpy as np
from numpy.typing import NDArray
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader


def read(location: str) -> list[NDArray[np.uint8]]:
    (image, *_) = list(Reader(parse_url(location, mode="r"))())
    return [np.asarray(np.moveaxis(level, 0, -1)) for level in image.data]
