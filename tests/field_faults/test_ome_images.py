"""What OME-XML says is taken from the image whose pixels are read."""

from pathlib import Path

import pytest

from tests.field_faults.exact_conversion import convert, record
from tests.field_faults.ome_documents import DATA, ELSEWHERE, image, ome, write

pytestmark = pytest.mark.usefixtures("tiny_model_folder")


@pytest.mark.parametrize("first", ["<MetadataOnly/>", ELSEWHERE, ""])
def test_ome_sizes_are_of_the_image_whose_pixels_are_read(tmp_path: Path, first: str) -> None:
    xml = ome(image(0, "5", first, 0), image(1, "0.25", DATA.format(ifd=0), 1))
    convert(write(tmp_path / "a.ome.tif", xml), tmp_path / "c.tif")
    found = record(tmp_path / "c.tif")
    assert (found["mpp"], found["magnification"]) == ([0.25, 0.25], 40)


def test_ome_sizes_of_a_file_that_was_renamed(tmp_path: Path) -> None:
    xml = ome(image(0, "0.25", ELSEWHERE, 1))
    convert(write(tmp_path / "a.ome.tif", xml), tmp_path / "c.tif")
    found = record(tmp_path / "c.tif")
    assert (found["mpp"], found["magnification"]) == ([0.25, 0.25], 40)
