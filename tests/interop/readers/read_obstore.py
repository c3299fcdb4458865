"""obstore under zarr, over HTTP."""

from collections.abc import Callable

import numpy as np
import zarr
from numpy.typing import NDArray
from obstore.store import from_url
from read_zarr import read_group, window_of
from zarr.storage import ObjectStore


def read(location: str) -> list[NDArray[np.uint8]]:
    return read_group(_open(location))


def open_window(location: str) -> Callable[[int, int, int], NDArray[np.uint8]]:
    return window_of(_open(location))


def _open(location: str) -> zarr.Group:
    http = from_url(location, client_options={"allow_http": True})
    return zarr.open_group(ObjectStore(http, read_only=True), mode="r")
