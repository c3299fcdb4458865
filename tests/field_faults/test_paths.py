"""Public functions take a path as text."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from tests.tiny_model import NAME, draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


def test_paths_are_texts_or_path_objects(tmp_path: Path) -> None:
    picture, source = draw_tissue(64, 80), str(tmp_path / "a.tif")
    tifffile.imwrite(source, picture, photometric="rgb", tile=(16, 16))
    with pathae_codec.open_slide(source) as slide:
        np.testing.assert_array_equal(slide.read_region(0, 0, 0, 80, 64), picture)
    area = '{"type": "Polygon", "coordinates": [[[0, 0], [8, 0], [8, 8], [0, 8]]]}'
    region = str(tmp_path / "a.geojson")
    Path(region).write_text(area)
    settings = pathae_codec.ConvertSettings(model=NAME, tile=32, min_psnr=0, keep_region=region)
    summary = pathae_codec.convert_slide(source, str(tmp_path / "c.tif"), settings)
    assert summary.tally is not None
    assert summary.tally.kept == 1
    assert pathae_codec.open(str(tmp_path / "c.tif")).dimensions == (80, 64)
