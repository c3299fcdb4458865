"""TIFF's Orientation (tag 274) is followed, or the slide is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.slide import open_slide
from tests.field_faults.exact_conversion import convert, record, shown
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
PICTURE = draw_tissue(96, 160)
UPRIGHT = {
    1: PICTURE,
    2: PICTURE[:, ::-1],
    3: PICTURE[::-1, ::-1],
    4: PICTURE[::-1],
    5: PICTURE.transpose(1, 0, 2),
    6: np.rot90(PICTURE, -1),
    7: PICTURE[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(PICTURE, 1),
}
"""What TIFF 6.0 says is seen of stored pixels, by Orientation."""


@pytest.mark.parametrize("orientation", sorted(UPRIGHT))
def test_pixels_come_upright(
    tmp_path: Path, orientation: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "turned.tif", tmp_path / "c.ome.zarr"
    with tifffile.TiffWriter(path) as tiff:
        tag = (274, "H", 1, orientation, True)
        options: dict[str, Any] = {"photometric": "rgb", "tile": (32, 32), "extratags": [tag]}
        resolution: dict[str, Any] = {
            "resolution": (40_000, 20_000),
            "resolutionunit": "CENTIMETER",
        }
        tiff.write(PICTURE, **options, **resolution)
        tiff.write(PICTURE[::2, ::2].copy(), subfiletype=1, **options)
    convert(path, out)
    upright = UPRIGHT[orientation]
    np.testing.assert_array_equal(shown(out), upright)
    coarse = shown(out, 1)
    assert coarse.shape == (upright.shape[0] // 2, upright.shape[1] // 2, 3)
    assert np.abs(coarse.astype(int) - upright[::2, ::2]).mean() < 8
    # XResolution is along the stored rows: with the axes exchanged it is that of y.
    assert record(out)["mpp"] == ([0.5, 0.25] if orientation >= 5 else [0.25, 0.5])
    assert ("turned upright" in capsys.readouterr().err) == (orientation != 1)
    assert record(out)["source"].get("orientation", 1) == orientation
    assert main(["verify", str(out), "--against", str(path)]) == 0


def test_regions_fit_together_and_keep_region_counts_upright_pixels(tmp_path: Path) -> None:
    path = tmp_path / "turned.tif"
    tag = (274, "H", 1, 6, True)
    tifffile.imwrite(path, PICTURE, photometric="rgb", tile=(32, 32), extratags=[tag])
    with open_slide(path) as slide:
        piece = slide.read_region(0, 11, 17, 60, 101)
    np.testing.assert_array_equal(piece, UPRIGHT[6][17:118, 11:71])
    area = '{"type": "Polygon", "coordinates": [[[70, 135], [90, 135], [90, 155], [70, 155]]]}'
    (tmp_path / "a.geojson").write_text(area)
    out = tmp_path / "c.tif"
    options = ["--keep-region", str(tmp_path / "a.geojson"), "--model", "tiny-f8c4"]
    arguments = ["convert", str(path), str(out), "--tile", "64", "--min-psnr", "none", *options]
    assert main(arguments) == 0
    # The last tile of three rows and two columns: there is none such in the stored picture.
    np.testing.assert_array_equal(shown(out)[128:, 64:], UPRIGHT[6][128:, 64:])
    assert record(out)["tiles"]["kept"] == 1


def test_levels_of_several_orientations_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "turned.tif"
    with tifffile.TiffWriter(path) as tiff:
        for level, orientation in enumerate((6, 3)):
            tag = (274, "H", 1, orientation, True)
            pixels = PICTURE[:: level + 1, :: level + 1].copy()
            tiff.write(pixels, photometric="rgb", tile=(32, 32), extratags=[tag], subfiletype=level)
    convert(path, tmp_path / "c.tif", expected=2)
    assert "one Orientation (tag 274) of all levels" in capsys.readouterr().err


def test_slides_of_scanners_that_are_not_upright_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """OpenSlide turns each tile in its place where libtiff decodes it, and else none."""
    path = tmp_path / "turned.svs"
    write_synthetic_slide(path, width=200, height=120)
    with tifffile.TiffFile(path) as tiff:
        description, pixels = tiff.pages.first.description, tiff.pages.first.asarray()
    options: dict[str, Any] = {"extratags": [(274, "H", 1, 3, True)], "metadata": None}
    tifffile.imwrite(
        path, pixels, photometric="rgb", tile=(64, 64), description=description, **options
    )
    convert(path, tmp_path / "c.tif", expected=2)
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "Orientation 3 (tag 274), which OpenSlide does not follow" in line
