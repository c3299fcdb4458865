"""Files of every released version decode to the pixels that they decoded to then."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr

import pathae_codec  # noqa: F401 - registers with tifffile
from tests.fixtures.make_fixtures import FILES, FOLDER, WINDOW

VERSIONS = sorted(path for path in FOLDER.iterdir() if (path / "pixels.npz").exists())
PEAK_ERROR = 2  # between backends; spec v1, section 7


def read_level(path: Path, level: int) -> np.ndarray:
    if path.suffix == ".tif":
        return tifffile.imread(path, series=0, level=level)
    return np.moveaxis(np.asarray(zarr.open_group(path, mode="r")[str(level)]), 0, -1)


def test_there_are_fixtures() -> None:
    assert "0.1.0" in [path.name for path in VERSIONS]


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_released_file_decodes(version: Path, file: str) -> None:
    expected = np.load(version / "pixels.npz")
    window, coarse = read_level(version / file, 0)[WINDOW], read_level(version / file, 1)
    for actual, wanted in ((window, expected["window"]), (coarse, expected["level_1"])):
        assert np.abs(actual.astype(int) - wanted).max() <= PEAK_ERROR
