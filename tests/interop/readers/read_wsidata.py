"""wsidata, on which lazyslide works: TIFF by tiffslide, OME-Zarr by the patched openslide."""

import numpy as np
from numpy.typing import NDArray
from wsidata import open_wsi

import pathae_codec


def read(location: str) -> list[NDArray[np.uint8]]:
    pathae_codec.patch_openslide()
    slide = open_wsi(location, reader="openslide")
    properties = slide.properties
    if not properties.mpp:
        raise ValueError("wsidata: mpp is missing")
    return [
        np.asarray(slide.read_region(0, 0, width, height, level=level))[..., :3]
        for level, (height, width) in enumerate(properties.level_shape)
    ]
