"""tiffslide, which also has to find microns per pixel and magnification."""

import numpy as np
from numpy.typing import NDArray
from tiffslide import TiffSlide


def read(location: str) -> list[NDArray[np.uint8]]:
    with TiffSlide(location) as slide:
        for name in ("mpp-x", "mpp-y", "objective-power"):
            if slide.properties[f"tiffslide.{name}"] is None:
                raise ValueError(f"tiffslide.{name}: is missing")
        return [
            np.asarray(slide.read_region((0, 0), level, size, as_array=True))[..., :3]
            for level, size in enumerate(slide.level_dimensions)
        ]
