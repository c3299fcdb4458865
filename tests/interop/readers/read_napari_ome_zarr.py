"""napari-ome-zarr: the function that napari calls, without napari's window."""

import numpy as np
from napari_ome_zarr import napari_get_reader
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    reader = napari_get_reader(location)
    if reader is None:
        raise ValueError("napari-ome-zarr does not take the file")
    layers = [layer for layer in reader(location) if layer[2] == "image"]
    axis = layers[0][1].get("channel_axis", 0)
    if len(layers) == 3:
        # One layer a channel, as newer releases give them.
        return [
            np.stack([np.asarray(c) for c in level], -1)
            for level in zip(*[layer[0] for layer in layers], strict=True)
        ]
    return [np.moveaxis(np.asarray(level), axis, -1) for level in layers[0][0]]
