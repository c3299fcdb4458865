"""bioio with bioio-ome-zarr, chosen by bioio itself."""

import numpy as np
from bioio import BioImage
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    image = BioImage(location)
    levels = []
    for level in image.resolution_levels:
        image.set_resolution_level(level)
        levels.append(np.asarray(image.get_image_data("YXC")))
    return levels
