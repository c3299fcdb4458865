"""Our own reader at a URL."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import pathae_codec


def read(location: str) -> list[NDArray[np.uint8]]:
    with pathae_codec.open(location) as slide:
        return [
            slide.read_array((0, 0), level, size)
            for level, size in enumerate(slide.level_dimensions)
        ]


def open_window(location: str) -> Callable[[int, int, int], NDArray[np.uint8]]:
    slide = pathae_codec.open(location)
    return lambda x, y, side: slide.read_array((x, y), 0, (side, side))
