"""dask, on threads."""

import dask.array
import numpy as np
import zarr
from numpy.typing import NDArray

SCHEDULER = "threads"


def read(location: str, scheduler: str = SCHEDULER) -> list[NDArray[np.uint8]]:
    attributes = dict(zarr.open_group(location, mode="r").attrs)
    ome = attributes.get("ome", attributes)
    levels = []
    for dataset in ome["multiscales"][0]["datasets"]:
        array = dask.array.from_zarr(location, component=dataset["path"])
        levels.append(np.moveaxis(array, 0, -1).compute(scheduler=scheduler, num_workers=2))
    return levels
