"""ome-zarr-models: the metadata hold to the specification; then the arrays that they name."""

import numpy as np
import zarr
from numpy.typing import NDArray
from ome_zarr_models import open_ome_zarr


def read(location: str) -> list[NDArray[np.uint8]]:
    group = zarr.open_group(location, mode="r")
    image = open_ome_zarr(group)
    attributes = image.attributes
    multiscale = getattr(attributes, "ome", attributes).multiscales[0]
    return [np.asarray(group[d.path][:]).transpose(1, 2, 0) for d in multiscale.datasets]
