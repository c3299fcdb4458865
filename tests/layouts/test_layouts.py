"""Some of the layouts in full, and how each of them is read."""

from pathlib import Path

import pytest

from pathae_codec.slide import open_slide
from tests.layouts.__main__ import PAGE
from tests.layouts.check import LAYOUTS, check_layout
from tests.tiny_model import NAME

TINY = ("--model", NAME, "--quality", "60", "--min-psnr", "none", "--tile", "256")
FORMATS = {
    "Aperio SVS, JPEG": "aperio",
    "Aperio SVS, JPEG 2000": "aperio",
    "Leica SCN": "leica",
    "Hamamatsu NDPI": "hamamatsu",
    "Philips TIFF": "philips",
    "Ventana BIF": "ventana",
    "Trestle TIFF": "trestle",
}


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_model_folder")
@pytest.mark.parametrize(
    "name", ["Philips TIFF", "OME-TIFF, several series", "GDAL TIFF, sparse", "TIFF, padded levels"]
)
def test_a_layout_is_converted_rightly(name: str, tmp_path: Path) -> None:
    found = check_layout(name, tmp_path, TINY)
    assert (found.tiff, found.zarr) == ((), ())


@pytest.mark.parametrize("name", sorted(LAYOUTS.keys() - {"DICOM"}))
def test_a_layout_is_read_as_what_it_is(name: str, tmp_path: Path) -> None:
    built = LAYOUTS[name](tmp_path)
    with open_slide(built.path) as slide:
        assert slide.properties.format == FORMATS.get(
            name, "ome-tiff" if name.startswith("OME") else "tiff"
        )


def test_the_table_is_of_layouts_that_are_converted_rightly() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines() if "| " in line][1:]
    assert rows
    names = [row[0].removeprefix("| ") for row in rows]
    assert names == [name for name in LAYOUTS if name in names]
    assert all(row[-2] == "yes" and row[-1] == "yes |" for row in rows)
