"""A tile that is not there is an error by name, never glass, unless the file states it omitted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.errors import MissingTileError
from tests.field_faults.small_slide import TILE, settings, write_model
from tests.field_faults.tampering import copied, shards
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
ZARRS = {"a.ome.zarr": "0.5", "b.ome.zarr": "0.4"}
PLACE = r"level 0, row \d+, column \d+: tile: expected it, since it is not stated to be omitted"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convert a slide of tissue and glass, 10 x 14 tiles, to each container."""
    folder = tmp_path_factory.mktemp("lost")
    pixels = np.asarray(draw_tissue(10 * TILE, 14 * TILE))
    pixels[:, : 3 * TILE] = 255
    tifffile.imwrite(folder / "s.tif", pixels, photometric="rgb", tile=(TILE, TILE))
    model = write_model(folder)
    for name, ngff in (ZARRS | {"a.tif": "0.5"}).items():
        convert_slide(folder / "s.tif", folder / name, settings(model, ngff=ngff))
    return folder


def a_chunk(path: Path) -> None:
    shards(path, 0)[-1].unlink()


def half_of_the_chunks(path: Path) -> None:
    for file in shards(path, 0)[::2]:
        file.unlink()


def a_row(path: Path) -> None:
    shutil.rmtree(shards(path, 0)[0].parent)


def a_level(path: Path) -> None:
    for folder in (path / "0").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)


LOSSES: list[Callable[[Path], None]] = [a_chunk, half_of_the_chunks, a_row, a_level]


@pytest.mark.parametrize("name", ZARRS)
def test_what_is_omitted_is_white_to_all(name: str, made: Path) -> None:
    slide = pathae_codec.open(made / name)
    assert (slide.read_array((0, 0), 0, (3 * TILE, 10 * TILE)) == 255).all()
    assert main(["validate", str(made / name)]) == 0


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("name", ZARRS)
def test_nobody_takes_a_lost_tile_for_glass(
    name: str,
    lose: Callable[[Path], None],
    made: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Covers R-10.1-lost and R-zarr-omitted."""
    path = copied(made / name, tmp_path)
    lose(path)
    slide = pathae_codec.open(path)
    with pytest.raises(MissingTileError, match=PLACE):
        slide.read_array((0, 0), 0, slide.dimensions)
    with pytest.raises(MissingTileError, match=PLACE):
        pathae_codec.TileDataset([path])
    with pytest.raises(MissingTileError, match=PLACE):
        list(pathae_codec.TileDataset([path], tissue=False))
    capsys.readouterr()
    assert main(["validate", str(path)]) == 3
    assert "is not stated to be omitted" in capsys.readouterr().err
    model = str(made / "tiny.safetensors")
    for command in (
        ["transcode", str(path), str(tmp_path / "t.tif")],
        ["export", str(path), str(tmp_path / "e.tif")],
        ["convert", str(path), str(tmp_path / "c.tif"), "--model", model, "--tile", "64"],
    ):
        assert main(command) == 2, command
        assert "is not stated to be omitted" in capsys.readouterr().err, command
    assert {file.name for file in tmp_path.iterdir()} == {name, "models"}
    assert main(["verify", str(path), "--against", str(made / "s.tif")]) == 3
    said = capsys.readouterr()
    assert "is not stated to be omitted" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", ZARRS)
def test_many_lost_tiles_are_told_in_few_lines(name: str, made: Path, tmp_path: Path) -> None:
    from pathae_codec.verification.structure import validate_file

    path = copied(made / name, tmp_path)
    a_level(path)
    problems = validate_file(path).problems
    assert len(problems) == 17
    assert problems[0].startswith("level 0, row 0, column 3: tile")
    assert problems[-1] == "level 0: 110 tiles are missing in all"


@pytest.mark.parametrize("name", ZARRS)
def test_without_a_ledger_nothing_opens(
    name: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(made / name, tmp_path)
    shutil.rmtree(path / "ledger")
    assert main(["validate", str(path)]) == 3
    assert "expected the ledger, found none" in capsys.readouterr().err


@pytest.mark.parametrize(("tag", "what"), [(324, "of no bytes"), (65503, "without a ledger")])
def test_a_tiff_leaves_nothing_out(
    tag: int, what: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-tiff-no-empty and R-tiff-tags."""
    path = copied(made / "a.tif", tmp_path)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tags = tiff.pages.first.tags
        if tag == 65503:
            with path.open("r+b") as file:
                file.seek(tags[tag].offset)
                file.write((65000).to_bytes(2, "little"))
        else:
            for code in (324, 325):
                tags[code].overwrite((*tags[code].value[:20], 0, *tags[code].value[21:]))
    assert main(["validate", str(path)]) == 3
    said = capsys.readouterr().err
    assert ("row 1, column 6" if tag == 324 else "tag 65503: expected it") in said, what
    assert main(["transcode", str(path), str(tmp_path / "t.ome.zarr")]) == 2
