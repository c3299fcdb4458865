"""zarr.storage.ZipStore: the OME-Zarr as one file."""

import tempfile
import zipfile
from pathlib import Path

import numpy as np
import zarr
from numpy.typing import NDArray
from read_zarr import read_group
from zarr.storage import ZipStore


def read(location: str) -> list[NDArray[np.uint8]]:
    root = Path(location)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(root.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(root))
        return read_group(zarr.open_group(ZipStore(path, mode="r"), mode="r"))
