"""Files of several images, and canvases that are mostly empty."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import openslide
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from tests.field_faults.exact_conversion import convert, record, shown
from tests.field_faults.ome_documents import DATA, image, ome, write
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
SCN = """<?xml version="1.0" encoding="UTF-8"?>
<scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01" uuid="u">
<collection name="c" uuid="u2" sizeX="500000" sizeY="400000"><image name="i" uuid="u3">
<creationDate>2020-01-01T00:00:00Z</creationDate><device model="Leica SCN400" version="1"/>
<pixels sizeX="300" sizeY="200"><dimension sizeX="300" sizeY="200" r="0" ifd="0"/>
<dimension sizeX="75" sizeY="50" r="1" ifd="1"/></pixels>
<view sizeX="150000" sizeY="100000" offsetX="200000" offsetY="120000" spacingZ="0"/>
<scanSettings><objectiveSettings><objective>20</objective></objectiveSettings>
<illuminationSettings><numericalAperture>0.4</numericalAperture>
<illuminationSource>brightfield</illuminationSource></illuminationSettings></scanSettings></image>
</collection></scn>"""


def test_a_file_of_several_images_says_which_was_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [draw_tissue(70, 90, 1), draw_tissue(110, 130, 2), draw_tissue(50, 60, 3)]
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as tiff:
        for picture in pictures:
            metadata = {"axes": "YXS"}
            tiff.write(picture, photometric="rgb", tile=(32, 32), metadata=metadata)
    convert(path, tmp_path / "all.tif")
    said = capsys.readouterr().err
    assert "holds 3 images that may be slides; 1, the largest, was taken (0: 90 x 70 pixels" in said
    np.testing.assert_array_equal(shown(tmp_path / "all.tif"), pictures[1])
    for number, picture in enumerate(pictures):
        out = tmp_path / f"{number}.ome.zarr"
        convert(path, out, "--series", str(number))
        assert "may be slides" not in capsys.readouterr().err
        np.testing.assert_array_equal(shown(out), picture)
        assert record(out)["source"]["series"] == number
        assert main(["verify", str(out), "--against", str(path)]) == 0
        capsys.readouterr()
    for wrong in ("3", "-1"):
        convert(path, tmp_path / "c.tif", "--series", wrong, expected=2)
        assert "series: expected 0 to 2" in capsys.readouterr().err


def test_one_slide_with_its_label_and_macro_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_synthetic_slide(tmp_path / "a.svs", width=300, height=200)
    convert(tmp_path / "a.svs", tmp_path / "c.tif", "--series", "0")
    assert "may be slides" not in capsys.readouterr().err
    convert(tmp_path / "a.svs", tmp_path / "d.tif", "--series", "1", expected=2)
    assert "OpenSlide gives one slide of aperio files" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["c.tif", "c.ome.zarr"])
def test_a_canvas_is_cropped_to_its_bounds(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    picture, path, out = draw_tissue(200, 300), tmp_path / "a.scn", tmp_path / name
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        options: dict[str, Any] = {"tile": (64, 64), "photometric": "rgb", "compression": "jpeg"}
        tiff.write(picture, description=SCN, metadata=None, software=False, **options)
        small = picture[::4, ::4].copy()
        tiff.write(small, subfiletype=1, metadata=None, software=False, **options)
    with openslide.OpenSlide(path) as slide:
        assert slide.dimensions == (1000, 800)
        expected = np.asarray(slide.read_region((400, 240), 0, (300, 200)))[..., :3]
        coarse = np.asarray(slide.read_region((400, 240), 1, (75, 50)))[..., :3]
    convert(path, tmp_path / "whole.tif")
    assert "--crop bounds leaves out the rest" in capsys.readouterr().err
    assert record(tmp_path / "whole.tif")["levels"][0] == [1000, 800]
    convert(path, out, "--crop", "bounds")
    assert "cropped to its bounds: 300 x 200 pixels at 400, 240" in capsys.readouterr().err
    assert record(out)["source"]["crop"] == [400, 240, 300, 200]
    assert record(out)["levels"] == [[300, 200], [75, 50]]
    np.testing.assert_array_equal(shown(out), expected)
    np.testing.assert_array_equal(shown(out, 1), coarse)
    assert main(["verify", str(out), "--against", str(path)]) == 0
    assert main(["validate", str(out)]) == 0
    capsys.readouterr()
    assert main(["info", "--phi", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [entry for entry in found if "slide record" in entry["where"]] == []


def test_a_slide_without_bounds_is_not_cropped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, draw_tissue(70, 90), photometric="rgb", tile=(32, 32))
    convert(path, tmp_path / "c.tif", "--crop", "bounds")
    assert "states no bounds within its canvas; it was not cropped" in capsys.readouterr().err
    assert "crop" not in record(tmp_path / "c.tif")["source"]


def test_ome_sizes_of_images_of_one_size_go_by_their_directory(tmp_path: Path) -> None:
    images = [image(n, size, DATA.format(ifd=1 - n), n) for n, size in enumerate(("5", "0.25"))]
    path = write(tmp_path / "a.ome.tif", ome(*images), pages=2)
    for series, expected in (("0", [5.0, 5.0]), ("1", [0.25, 0.25])):
        out = tmp_path / f"{series}.tif"
        convert(path, out, "--series", series)
        assert record(out)["mpp"] == expected


def test_an_unnamed_image_in_strips_beside_tiles_is_no_slide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(draw_tissue(70, 90), photometric="rgb", tile=(32, 32), metadata=None)
        tiff.write(draw_tissue(40, 60), photometric="rgb", metadata=None)
    convert(path, tmp_path / "c.tif")
    assert "may be slides" not in capsys.readouterr().err
