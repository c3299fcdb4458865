"""xarray: each level a data set, its axes by their names."""

import numpy as np
import xarray
import zarr
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    group = zarr.open_group(location, mode="r")
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    paths = [dataset["path"] for dataset in ome["multiscales"][0]["datasets"]]
    levels = []
    for path in paths:
        # Levels are of several sizes, which a data set cannot hold together.
        others = [other for other in paths if other != path]
        # White is the fill value, not a missing one: without the last word 0.4 gives NaN for it.
        with xarray.open_dataset(
            location, engine="zarr", consolidated=False, drop_variables=others, mask_and_scale=False
        ) as data:
            levels.append(data[path].transpose("y", "x", "c").to_numpy())
    return levels
