"""numcodecs alone: the chunks of a Zarr v2 array, one file each, placed by hand."""

import json
from pathlib import Path

import numcodecs
import numpy as np
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    attributes = json.loads((Path(location) / ".zattrs").read_text())
    return [
        _read_array(Path(location) / dataset["path"])
        for dataset in attributes["multiscales"][0]["datasets"]
    ]


def _read_array(folder: Path) -> NDArray[np.uint8]:
    metadata = json.loads((folder / ".zarray").read_text())
    codec = numcodecs.get_codec(metadata["compressor"])
    (_, height, width), (_, high, wide) = metadata["shape"], metadata["chunks"]
    pixels = np.full((height, width, 3), metadata["fill_value"], np.uint8)
    for file in folder.glob("0/*/*"):
        top, left = int(file.parent.name) * high, int(file.name) * wide
        chunk = np.asarray(codec.decode(file.read_bytes())).reshape(3, high, wide)
        place = pixels[top : top + high, left : left + wide]
        place[...] = chunk.transpose(1, 2, 0)[: place.shape[0], : place.shape[1]]
    return pixels
