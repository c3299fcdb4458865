"""spatialdata: the levels as an image element with microns as coordinates, by dask."""

import dask.array
import numpy as np
import zarr
from numpy.typing import NDArray
from spatialdata import SpatialData
from spatialdata.models import Image2DModel
from spatialdata.transformations import Scale


def read(location: str) -> list[NDArray[np.uint8]]:
    attributes = dict(zarr.open_group(location, mode="r").attrs)
    ome = attributes.get("ome", attributes)
    images = {}
    for dataset in ome["multiscales"][0]["datasets"]:
        scale = dataset["coordinateTransformations"][0]["scale"]
        images[f"level{dataset['path']}"] = Image2DModel.parse(
            dask.array.from_zarr(location, component=dataset["path"]),
            dims=("c", "y", "x"),
            transformations={"global": Scale(scale[1:], axes=("y", "x"))},
        )
    slide = SpatialData(images=images)
    return [np.asarray(slide[name].transpose("y", "x", "c")) for name in sorted(images)]
