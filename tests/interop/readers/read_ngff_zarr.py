"""ngff-zarr."""

import ngff_zarr
import numpy as np
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    multiscales = ngff_zarr.from_ngff_zarr(location)
    return [np.moveaxis(np.asarray(image.data), 0, -1) for image in multiscales.images]
