"""Container to container: no byte of a tile changes, or all latent ones go to a lower rung."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.header import Mode, parse_header
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ChecksumError, ModelNotFoundError, SettingError
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import tile_grid
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from pathae_codec.verification.structure import validate_file
from tests.tiny_model import tiny_model


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=1100, height=600, levels=2)
    return path


@pytest.fixture(scope="module")
def stored(drawn: Path) -> Path:
    """Return a PathAE TIFF with latent, constant and fallback tiles."""
    region = drawn.with_name("regions.geojson")
    region.write_text('{"type": "Polygon", "coordinates": [[[5, 5], [9, 5], [9, 9], [5, 5]]]}')
    path = drawn.with_name("stored.tif")
    convert_slide(drawn, path, ConvertSettings(tile=256, min_psnr=0, keep_region=region))
    return path


def tiles(container: ContainerReader) -> list[bytes]:
    """Return all tiles; one that is left out as the constant tile that it stands for."""
    white = encode_constant(np.full((container.tile, container.tile, 3), 255, np.uint8))
    return [
        container.tile_bytes(level.index, index) or white or b""
        for level in container.levels
        for index in tile_grid(level, container.tile)
    ]


@pytest.mark.parametrize("name", ["a.ome.zarr", "a.tif"])
@pytest.mark.parametrize("ngff", ["0.5", "0.4"])
def test_every_tile_keeps_every_byte(stored: Path, tmp_path: Path, name: str, ngff: str) -> None:
    transcode_slide(stored, tmp_path / name, TranscodeSettings(ngff=ngff))
    before, after = open_container(stored), open_container(tmp_path / name)
    assert tiles(before) == tiles(after)
    assert before.levels == after.levels
    assert before.record == after.record
    assert before.parameters == after.parameters
    assert before.icc_profile == after.icc_profile
    assert set(before.associated) == set(after.associated)
    assert validate_file(tmp_path / name).problems == ()


def test_round_trip_differs_in_the_thumbnail_only(stored: Path, tmp_path: Path) -> None:
    """TIFF -> OME-Zarr -> TIFF: the thumbnail is coded anew, every other directory is equal."""
    transcode_slide(stored, tmp_path / "a.ome.zarr")
    transcode_slide(tmp_path / "a.ome.zarr", tmp_path / "b.tif")
    places = ("TileOffsets", "StripOffsets", "StripByteCounts")
    with tifffile.TiffFile(stored) as before, tifffile.TiffFile(tmp_path / "b.tif") as after:
        assert len(before.pages) == len(after.pages)
        for first, second in zip(before.pages, after.pages, strict=True):
            names = [tag.name for tag in first.tags]
            assert names == [tag.name for tag in second.tags]
            changed = [n for n in names if first.tags[n].value != second.tags[n].value]
            assert set(changed) <= set(places)
        # The thumbnail follows level 0: up to there the files are the same.
        first = before.pages.first
        end = first.dataoffsets[-1] + first.databytecounts[-1]
    assert stored.read_bytes()[:end] == (tmp_path / "b.tif").read_bytes()[:end]


def test_requantized_tiles_are_those_of_the_lower_rung(
    stored: Path, drawn: Path, tmp_path: Path
) -> None:
    """Covers R-6-requantized, R-6-requantized-unknown and R-10.3-requantized."""
    path, direct = tmp_path / "a.ome.zarr", tmp_path / "direct.tif"
    summary = transcode_slide(stored, path, TranscodeSettings(quality=20))
    assert summary.quality == 20
    convert_slide(drawn, direct, ConvertSettings(tile=256, min_psnr=0, quality=20))
    before, after = open_container(stored), open_container(path)
    assert after.record.quality == 20
    assert after.record.lossy_history[:-1] == before.record.lossy_history
    step = after.record.lossy_history[-1]
    assert (step.method, step.quality) == ("PathAE", 20)
    assert step.parameters == {"requantized_from": 50}
    assert before.record.conversion is not None
    assert after.record.conversion is None
    assert after.record.tiles is not None
    assert set(after.record.tiles.rungs) == {"20"}
    unknown = ("min_psnr", "max_error", "worst_psnr", "worst_error")
    assert [after.record.as_json()["tiles"][key] for key in unknown] == [None] * 4
    for old, new in zip(tiles(before), tiles(after), strict=True):
        if parse_header(old).mode is Mode.LATENT:
            assert parse_header(new).quality == 20
            assert len(new) < len(old)
        else:
            assert new == old
    # Rounded twice: a little worse than once, and of about as many bytes.
    size = pathae_codec.open(stored).dimensions
    original, fine, lowered, once = (
        np.asarray(tifffile.imread(drawn, series=0, level=0)),
        *(pathae_codec.open(p).read_array((0, 0), 0, size) for p in (stored, path, direct)),
    )
    assert psnr(original, once) - 1 < psnr(original, lowered) < psnr(original, fine)
    latent = [
        sum(
            len(tile) for tile in tiles(open_container(p)) if parse_header(tile).mode is Mode.LATENT
        )
        for p in (path, direct)
    ]
    assert latent[0] == pytest.approx(latent[1], rel=0.25)
    assert validate_file(path, decode=True).problems == ()


def test_no_network_is_run(stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHAE_BACKEND", "none-such")
    transcode_slide(stored, tmp_path / "a.tif", TranscodeSettings(quality=0))
    assert open_container(tmp_path / "a.tif").record.quality == 0


def test_canary_still_tells_a_wrong_decoder(stored: Path, tmp_path: Path) -> None:
    transcode_slide(stored, tmp_path / "a.tif", TranscodeSettings(quality=20))
    before, after = (
        load_artifact(open_container(p).parameters) for p in (stored, tmp_path / "a.tif")
    )
    assert before.canary is not None
    assert after.canary is not None
    assert after.canary.tile == before.canary.tile
    assert after.qualities == (20, 50)


@pytest.mark.parametrize("quality", [50, 60, 101])
def test_quality_only_goes_down(stored: Path, tmp_path: Path, quality: int) -> None:
    with pytest.raises(SettingError, match="quality"):
        transcode_slide(stored, tmp_path / "a.tif", TranscodeSettings(quality=quality))
    assert list(tmp_path.iterdir()) == []


def test_lower_rungs_come_from_the_whole_model(
    drawn: Path, tmp_path: Path, forget_models: None
) -> None:
    """An embedded decoder decodes; the tables of other rungs are the model's."""
    model = tmp_path / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    settings = ConvertSettings(model=str(model), quality=60, min_psnr=0, embed_model=True)
    convert_slide(drawn, tmp_path / "a.tif", settings)
    with pytest.raises(ModelNotFoundError):
        transcode_slide(tmp_path / "a.tif", tmp_path / "b.tif", TranscodeSettings(quality=20))


def test_damage_is_not_handed_on(stored: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tif"
    data = bytearray(stored.read_bytes())
    with tifffile.TiffFile(stored) as tiff:
        data[tiff.pages.first.dataoffsets[1] + 20] ^= 1
    bad.write_bytes(data)
    with pytest.raises(ChecksumError, match="level 0, row 0, column 1"):
        transcode_slide(bad, tmp_path / "out.ome.zarr")
    assert list(tmp_path.iterdir()) == [bad]


def test_command(stored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "a.ome.zarr"
    assert main(["transcode", str(stored), str(out)]) == 0
    assert "2 levels, 17 tiles, every tile as it was" in capsys.readouterr().out
    assert main(["transcode", str(out), str(tmp_path / "b.tif"), "--quality", "20"]) == 0
    assert "requantized to quality 20" in capsys.readouterr().out
    assert main(["transcode", str(stored), str(out)]) == 2
    assert "exists; use --overwrite" in capsys.readouterr().err
    assert main(["transcode", str(out), str(tmp_path / "c.tif"), "--quality", "90"]) == 2
    assert "does not come back" in capsys.readouterr().err
