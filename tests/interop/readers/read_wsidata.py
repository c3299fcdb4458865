"""wsidata, on which lazyslide works, by the patched openslide."""

import numpy as np
from numpy.typing import NDArray
from wsidata import open_wsi

import pathae_codec


def read(location: str) -> list[NDArray[np.uint8]]:
    pathae_codec.patch_openslide()
    # By itself it takes a slide that is an OME-Zarr for the store of its results.
    slide = open_wsi(location, reader="openslide", store=None)
    properties = slide.properties
    if not properties.mpp:
        raise ValueError("wsidata: mpp is missing")
    return [
        np.asarray(slide.read_region(0, 0, width, height, level=level))[..., :3]
        for level, (height, width) in enumerate(properties.level_shape)
    ]
