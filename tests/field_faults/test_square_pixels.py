"""A description has one MPP for both axes: it is there only where that is right."""

from pathlib import Path
from typing import Any

import pytest
import tifffile
import tiffslide

from pathae_codec.cli import main
from tests.field_faults.exact_conversion import convert, record
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
PICTURE = draw_tissue(70, 90)


@pytest.mark.parametrize("name", ["c.tif", "c.ome.zarr"])
def test_pixels_that_are_not_square_keep_both_sizes(tmp_path: Path, name: str) -> None:
    source = tmp_path / "a.tif"
    options: dict[str, Any] = {"resolution": (40_000, 20_000), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(source, PICTURE, photometric="rgb", tile=(32, 32), **options)
    out = tmp_path / name
    convert(source, out)
    assert record(out)["mpp"] == [0.25, 0.5]
    assert main(["verify", str(out), "--against", str(source)]) == 0
    if name == "c.tif":
        with tifffile.TiffFile(out) as tiff:
            assert "MPP" not in tiff.pages.first.description
        stated = tiffslide.TiffSlide(out).properties
        # What the description says would be for both axes; without it tiffslide takes the tags.
        assert stated["tiffslide.mpp-y"] == pytest.approx(0.5)
        assert stated["tiffslide.mpp-x"] == pytest.approx(0.25)


def test_square_pixels_keep_their_mpp_in_the_description(tmp_path: Path) -> None:
    source, out = tmp_path / "a.tif", tmp_path / "c.tif"
    options: dict[str, Any] = {"resolution": (40_000, 40_000), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(source, PICTURE, photometric="rgb", tile=(32, 32), **options)
    convert(source, out)
    with tifffile.TiffFile(out) as tiff:
        assert tiff.pages.first.description.endswith("|MPP = 0.25")
    assert tiffslide.TiffSlide(out).properties["tiffslide.mpp-x"] == 0.25
