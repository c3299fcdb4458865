"""OpenSlide itself, without `patch_openslide`."""

import numpy as np
import openslide
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    with openslide.OpenSlide(location) as slide:
        return [np.asarray(slide.read_region((0, 0), 0, slide.dimensions))[..., :3]]
