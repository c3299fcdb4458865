"""Nothing is written into a Zarr that is there: it would be moved, replaced and checked with it."""

from pathlib import Path

import pytest

from pathae_codec.cli import main
from tests.field_faults.small_slide import write_converted
from tests.tiny_model import NAME


@pytest.fixture
def folder(tmp_path: Path, tiny_model_folder: Path) -> Path:
    write_converted(tmp_path)
    for version in ("0.5", "0.4"):
        out = str(tmp_path / f"{version}.ome.zarr")
        assert main(["transcode", str(tmp_path / "c.tif"), out, "--ngff", version]) == 0
    return tmp_path


@pytest.mark.parametrize("zarr", ["0.5.ome.zarr", "0.4.ome.zarr", "link"])
def test_a_destination_inside_a_zarr_is_refused(
    zarr: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "link").symlink_to(folder / "0.5.ome.zarr")
    tiff, inside = str(folder / "c.tif"), folder / zarr
    before = sorted(inside.rglob("*"))
    capsys.readouterr()
    for arguments in (
        ["convert", str(folder / "s.tif"), str(inside / "d.tif"), "--model", NAME, "--tile", "64"],
        ["convert", str(folder / "s.tif"), str(inside / "0" / "d.zarr"), "--model", NAME],
        ["transcode", tiff, str(inside / "d.tif")],
        ["export", tiff, str(inside / "d.tif")],
        ["export", tiff, str(inside / "c" / "d.ome.zarr")],
        ["kerchunk", tiff, "-o", str(inside / "d.json")],
        ["verify", tiff, "--against", str(folder / "s.tif"), "--report", str(inside / "r.html")],
    ):
        assert main(arguments) == 2, arguments
        assert "expected a place outside of the Zarr" in capsys.readouterr().err
    assert sorted(inside.rglob("*")) == before
