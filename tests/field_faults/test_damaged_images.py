"""A thumbnail that does not decode keeps no slide from being moved or exported."""

from pathlib import Path

import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from tests.field_faults.small_slide import write_converted


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_converted(tmp_path_factory.mktemp("images")).parent
    assert main(["transcode", str(folder / "c.tif"), str(folder / "c.ome.zarr")]) == 0
    with tifffile.TiffFile(folder / "c.tif") as tiff:
        (page,) = (page for page in tiff.pages if page.compression != 44718)
        place = page.dataoffsets[0]
    chunk = next(
        p for p in (folder / "c.ome.zarr/associated/thumbnail/c").rglob("*") if p.is_file()
    )
    for path, offset in ((folder / "c.tif", place), (chunk, 0)):
        with path.open("r+b") as file:
            file.seek(offset)
            file.write(b"\xff" * 8)
    return folder


@pytest.mark.parametrize("source", ["c.tif", "c.ome.zarr"])
@pytest.mark.parametrize("command", ["transcode", "export"])
def test_it_is_left_out_if_asked(
    command: str, source: str, converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.tif"
    arguments = [command, str(converted / source), str(out)]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "thumbnail: damaged: " in said
    assert "--drop-damaged-images goes on without" in said
    assert not out.exists()
    assert main([*arguments, "--drop-damaged-images"]) == 0
    assert "warning: thumbnail: damaged, and left out: " in capsys.readouterr().err
    with tifffile.TiffFile(out) as tiff:
        assert len(tiff.pages) == 1
        assert tiff.pages.first.shape == (200, 264, 3)
    if command == "transcode":
        assert pathae_codec.open(out).associated_images == {}
        assert main(["validate", str(out)]) == 0
