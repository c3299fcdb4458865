"""What a user supplies for sources that do not state it, and that the record says so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from pathae_codec.cli import main
from tests.field_faults.exact_conversion import convert, record, shown
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
PICTURE = draw_tissue(70, 90)


def test_a_user_supplies_what_the_source_does_not_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out, again = (tmp_path / name for name in ("a.tif", "c.tif", "d.ome.zarr"))
    tifffile.imwrite(source, PICTURE, photometric="rgb", tile=(32, 32))
    convert(source, out, "--mpp", "0.25,0.3", "--magnification", "40")
    found = record(out)
    assert (found["mpp"], found["magnification"]) == ([0.25, 0.3], 40)
    assert found["source"]["supplied"] == ["magnification", "mpp"]
    assert "states no microns" not in capsys.readouterr().err
    assert main(["verify", str(out), "--against", str(source)]) == 0
    # A file made of it still says who said so.
    convert(out, again)
    assert record(again)["source"]["supplied"] == ["magnification", "mpp"]
    stated = tmp_path / "stated.tif"
    resolution: dict[str, Any] = {"resolution": (20_000, 20_000), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(stated, PICTURE, photometric="rgb", tile=(32, 32), **resolution)
    capsys.readouterr()
    convert(stated, tmp_path / "e.tif", "--mpp", "0.25", expected=2)
    assert "the source states 0.5 x 0.5" in capsys.readouterr().err
    convert(source, tmp_path / "e.tif", "--mpp", "25000", expected=2)
    assert "0.01 to 20 microns per pixel" in capsys.readouterr().err
    assert not (tmp_path / "e.tif").exists()


def test_what_is_supplied_blanks_no_more(tmp_path: Path) -> None:
    """Computed levels stay those of the blanked source: white is what the source cannot give."""
    source, plain, out = (tmp_path / name for name in ("a.tif", "c.tif", "d.tif"))
    picture = draw_tissue(64, 1100)
    tifffile.imwrite(source, picture, photometric="rgb", tile=(64, 64), compression="deflate")
    with tifffile.TiffFile(source) as tiff:
        (place, *_), (size, *_) = tiff.pages[0].dataoffsets, tiff.pages[0].databytecounts
    with source.open("r+b") as file:
        file.seek(place)
        file.write(bytes(size))
    convert(source, plain, "--on-bad-tile", "blank")
    convert(source, out, "--on-bad-tile", "blank", "--mpp", "0.25")
    coarse = shown(plain, 1)
    assert (coarse[:, :64] == 255).all()
    assert (coarse[:, 64:256] != 255).any(axis=(0, 2)).all()
    for level in (0, 1):
        np.testing.assert_array_equal(shown(out, level), shown(plain, level))
    assert record(out)["tiles"]["blanked"] == record(plain)["tiles"]["blanked"]
