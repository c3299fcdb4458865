"""The quality of each tile stands in the file where the conversion measured it."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import TileIndex
from pathae_codec.record.ledger import quality_value
from tests.field_faults.small_slide import TILE, write_model
from tests.tiny_model import draw_tissue

NAMES = {"a.tif": "0.5", "a.ome.zarr": "0.5", "b.ome.zarr": "0.4"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quality")
    pixels = np.asarray(draw_tissue(3 * TILE - 20, 4 * TILE - 10))
    pixels[:TILE, :TILE] = 255
    tifffile.imwrite(folder / "s.tif", pixels, photometric="rgb", tile=(TILE, TILE))
    write_model(folder)
    return folder


def convert(made: Path, out: Path, *options: str) -> None:
    model = ["--model", str(made / "tiny.safetensors"), "--tile", "64", "--embed-model"]
    assert main(["convert", str(made / "s.tif"), str(out), *model, *options]) == 0


def expected(made: Path, path: Path) -> list[int]:
    """Work the quality of the tiles of level 0 out anew."""
    source, slide = tifffile.imread(made / "s.tif"), pathae_codec.open(path)
    decoded = slide.read_array((0, 0), 0, slide.dimensions)
    boxes = [
        (slice(row * TILE, (row + 1) * TILE), slice(column * TILE, (column + 1) * TILE))
        for row in range(3)
        for column in range(4)
    ]
    return [quality_value(psnr(source[box], decoded[box])) for box in boxes]


@pytest.mark.parametrize("name", NAMES)
def test_the_floor_measures(name: str, made: Path, tmp_path: Path) -> None:
    convert(made, tmp_path / name, "--min-psnr", "1", "--ngff", NAMES[name])
    quality = open_container(tmp_path / name).ledger().quality[:12].tolist()
    assert quality == expected(made, tmp_path / name)
    assert quality[0] == 255
    assert 0 < min(quality) < 255


@pytest.mark.parametrize("name", NAMES)
def test_verify_measures_what_no_floor_did(
    name: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = tmp_path / name, ["--min-psnr", "none", "--ngff", NAMES[name]]
    convert(made, path, *options)
    root = open_container(path).record.root
    assert set(open_container(path).ledger().quality.tolist()) == {0, 255}
    convert(made, path, *options, "--overwrite", "--verify")
    container = open_container(path)
    assert container.ledger().quality[:12].tolist() == expected(made, path)
    assert container.record.root == root
    assert main(["validate", str(path)]) == 0
    assert (tifffile.imread(path) if name == "a.tif" else np.empty((1, 1, 3))).ndim == 3
    # What was measured comes along, and a requantized tile is not measured.
    capsys.readouterr()
    assert main(["transcode", str(path), str(tmp_path / "t.tif")]) == 0
    moved = open_container(tmp_path / "t.tif")
    assert np.array_equal(moved.ledger().quality, container.ledger().quality)
    assert moved.tile_bytes(0, TileIndex(1, 1)) == container.tile_bytes(0, TileIndex(1, 1))


def test_info_shows_the_worst_tiles(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    convert(made, tmp_path / "a.tif", "--min-psnr", "1")
    quality = open_container(tmp_path / "a.tif").ledger().quality[:12].tolist()
    worst = min(quality)
    row, column = divmod(quality.index(worst), 4)
    capsys.readouterr()
    assert main(["info", str(tmp_path / "a.tif")]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("tiles:")]
    assert f"worst {worst / 4:g} dB at level 0, row {row}, column {column}; then" in line
    assert "1 equal to the source" in line
    assert main(["info", "--json", str(tmp_path / "a.tif")]) == 0
    measured = json.loads(capsys.readouterr().out)["measured"]
    assert measured["worst"][0] == {
        "psnr": worst / 4,
        "place": f"level 0, row {row}, column {column}",
    }
    assert measured["tiles"] == 12
    assert measured["equal"] == 1


def test_requantized_tiles_are_not_measured(
    made: Path, tmp_path: Path, tiny_model_folder: Path
) -> None:
    convert(made, tmp_path / "a.tif", "--min-psnr", "1", "--quality", "60")
    low = tmp_path / "low.ome.zarr"
    assert main(["transcode", str(tmp_path / "a.tif"), str(low), "--quality", "20"]) == 0
    before, after = (open_container(path).ledger() for path in (tmp_path / "a.tif", low))
    same = before.hashes == after.hashes
    assert not same.all()
    assert same[0]
    assert np.array_equal(after.quality, np.where(same, before.quality, 0))
    assert main(["validate", str(low)]) == 0
