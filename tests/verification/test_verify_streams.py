"""`verify` of exact tiles: each stream against the source's, byte for byte."""

from pathlib import Path

import pytest

from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.verification.verify import verify_file
from tests.jpeg_slides import KINDS, Kind, stored_streams, write_jpeg_slide


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two slides of the same pixels and other streams, the first converted."""
    folder = tmp_path_factory.mktemp("streams")
    for name in ("one", "two"):
        kind = Kind(pillow=(("comment", name.encode()),))
        write_jpeg_slide(folder / f"{name}.tif", kind, levels=1)
    settings = ConvertSettings(lossless=True, keep_metadata=True)
    convert_slide(folder / "one.tif", folder / "stored.tif", settings)
    return folder


def test_streams_that_come_back_are_counted(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify_file(made / "stored.tif", made / "one.tif")
    assert found.problems == ()
    assert found.streams == len(stored_streams(made / "one.tif")[0])
    command = ["verify", str(made / "stored.tif"), "--against", str(made / "one.tif")]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "exact: the source's own, bit for bit" in printed
    assert "bit for bit: 12 compressed tiles of the source came back" in printed


def test_other_streams_of_the_same_pixels_are_told(made: Path) -> None:
    found = verify_file(made / "stored.tif", made / "two.tif")
    assert found.streams == 0
    assert found.below == ()
    told = [problem for problem in found.problems if "its streams are not those" in problem]
    assert len(told) == found.tiles


def test_info_counts_exact_tiles(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(made / "stored.tif")]) == 0
    printed = capsys.readouterr().out
    assert "exact tiles:        4 of 4: the source's own, bit for bit" in printed
    assert "yes, with no network" in printed


def test_requantizing_leaves_exact_tiles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("shapely")
    from pathae_codec.bitstream.header import Mode, parse_header
    from pathae_codec.container import open_container
    from pathae_codec.geometry import tile_grid

    source, stored, out = (tmp_path / n for n in ("source.tif", "stored.tif", "out.ome.zarr"))
    regions = tmp_path / "regions.geojson"
    write_jpeg_slide(source, KINDS["444"], levels=1)
    regions.write_text(
        '{"type": "Polygon", "coordinates": [[[10, 10], [90, 10], [90, 90], [10, 90], [10, 10]]]}'
    )
    settings = ConvertSettings(keep_region=regions, tile=256, min_psnr=0, quality=60)
    convert_slide(source, stored, settings)
    assert main(["transcode", str(stored), str(out), "--quality", "20"]) == 0
    assert "requantized to quality 20, 1 exact tile left as found" in capsys.readouterr().out
    before, after = open_container(stored), open_container(out)
    indices = list(tile_grid(before.levels[0], before.tile))
    pairs = [[c.tile_bytes(0, index) or b"" for c in (before, after)] for index in indices]
    same = [old for old, new in pairs if old == new]
    assert [parse_header(tile).mode for tile in same] == [Mode.EXACT]
