"""OpenSlide's Python interface after `pathae_codec.patch_openslide()`."""

import numpy as np
import openslide
from numpy.typing import NDArray

import pathae_codec


def read(location: str) -> list[NDArray[np.uint8]]:
    pathae_codec.patch_openslide()
    with openslide.open_slide(location) as slide:
        return [
            np.asarray(slide.read_region((0, 0), level, size))[..., :3]
            for level, size in enumerate(slide.level_dimensions)
        ]
