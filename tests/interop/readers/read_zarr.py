"""zarr: a folder, or a URL through fsspec."""

from collections.abc import Callable

import numpy as np
import zarr
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    return read_group(zarr.open_group(location, mode="r"))


def read_group(group: zarr.Group) -> list[NDArray[np.uint8]]:
    attributes = dict(group.attrs)
    ome = attributes.get("ome", attributes)
    paths = [dataset["path"] for dataset in ome["multiscales"][0]["datasets"]]
    return [np.asarray(group[path][:]).transpose(1, 2, 0) for path in paths]


def open_window(location: str) -> Callable[[int, int, int], NDArray[np.uint8]]:
    return window_of(zarr.open_group(location, mode="r"))


def window_of(group: zarr.Group) -> Callable[[int, int, int], NDArray[np.uint8]]:
    """Return what reads a square of level 0 at x and y, (side, side, 3)."""
    array = group["0"]
    return lambda x, y, side: np.asarray(array[:, y : y + side, x : x + side]).transpose(1, 2, 0)
