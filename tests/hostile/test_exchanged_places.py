"""Tiles are bound to their place: each exchange is told, and a forged one by a root kept elsewhere.

An attacker can change tile, hash and root alike. Then the file is sound in itself, and only
`validate --digest` with the root of before tells.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.errors import FormatError
from pathae_codec.geometry import tile_grid
from pathae_codec.verification.structure import validate_file
from tests.field_faults.small_slide import TILE, settings, write_model
from tests.field_faults.tampering import copied, put, shards, swap, take
from tests.hostile.changed_files import change_record
from tests.hostile.forged_files import forge, store
from tests.memory_storage import load_files
from tests.tiny_model import draw_tissue

TIFF, ZARR = "a.tif", "a.ome.zarr"
Attack = Callable[[Path, Path, Path], None]
"""Of the file, of one of another slide, of one of the same slide in another quality."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convert two slides of one size, one of them in two qualities, to both containers."""
    folder = tmp_path_factory.mktemp("places")
    model = write_model(folder)
    for slide, seed, quality in (("slide", 0, 20), ("other", 1, 20), ("finer", 0, 60)):
        pixels = np.asarray(draw_tissue(9 * TILE, 12 * TILE, seed))
        with tifffile.TiffWriter(folder / f"source-{slide}.tif") as writer:
            for step in (1, 4):
                level = np.ascontiguousarray(pixels[::step, ::step])
                writer.write(
                    level, photometric="rgb", tile=(TILE, TILE), metadata=None, subfiletype=step > 1
                )
        (folder / slide).mkdir()
        for name in (TIFF, ZARR):
            wishes = settings(model, quality=quality)
            convert_slide(folder / f"source-{slide}.tif", folder / slide / name, wishes)
    return folder


def within_a_level(path: Path, other: Path, finer: Path) -> None:
    swap(path, (0, 1, 2), (0, 3, 3))


def across_levels(path: Path, other: Path, finer: Path) -> None:
    swap(path, (0, 1, 2), (1, 0, 1))


def of_another_slide(path: Path, other: Path, finer: Path) -> None:
    put(path, 0, 1, 2, take(other, 0, 1, 2))


def of_another_quality(path: Path, other: Path, finer: Path) -> None:
    put(path, 0, 1, 2, take(finer, 0, 1, 2))


def a_whole_level(path: Path, other: Path, finer: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path / "1" / "c")
        shutil.copytree(other / "1" / "c", path / "1" / "c")
        return
    reader = open_container(path)
    for index in tile_grid(reader.levels[1], reader.tile):
        put(path, 1, index.row, index.column, take(other, 1, index.row, index.column))


def a_whole_shard(path: Path, other: Path, finer: Path) -> None:
    if path.is_dir():
        shutil.copy(shards(other, 0)[1], shards(path, 0)[1])
        return
    for row in range(8):
        for column in range(8, 12):
            put(path, 0, row, column, take(other, 0, row, column))


def two_shards(path: Path, other: Path, finer: Path) -> None:
    """Exchange what lies left and right, as far as both have it."""
    for row in range(2):
        for column in range(4):
            swap(path, (0, row, column), (0, row, column + 8))


EXCHANGES: list[Attack] = [
    within_a_level, across_levels, of_another_slide, of_another_quality, a_whole_level,
    a_whole_shard, two_shards,
]  # fmt: skip


def attacked(made: Path, name: str, attack: Attack, folder: Path) -> Path:
    path, other, finer = (
        copied(made / slide / name, folder, f"{slide}-{name}")
        for slide in ("slide", "other", "finer")
    )
    attack(path, other, finer)
    return path


@pytest.mark.parametrize("name", [TIFF, ZARR])
@pytest.mark.parametrize("attack", EXCHANGES)
def test_exchanges_are_told(made: Path, name: str, attack: Attack, tmp_path: Path) -> None:
    """Covers R-10.1-hash."""
    path = attacked(made, name, attack, tmp_path)
    assert any(": tile hash: expected" in problem for problem in validate_file(path).problems)


@pytest.mark.parametrize("name", [TIFF, ZARR])
@pytest.mark.parametrize("attack", EXCHANGES)
def test_forged_exchanges_are_told_by_a_root_kept_elsewhere(
    made: Path, name: str, attack: Attack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-10.2-compared."""
    kept = validate_file(made / "slide" / name).root
    path = attacked(made, name, attack, tmp_path)
    forged = forge(path)
    assert forged != kept
    problems = validate_file(path).problems
    if attack is of_another_quality:  # Its rung is none of this file's.
        assert all("quality: expected one of" in problem for problem in problems)
    else:
        # Its size is another one, which the history states: that can be forged too.
        assert [p for p in problems if "a ratio of" not in p] == []
    capsys.readouterr()
    assert main(["validate", str(path), "--digest", str(kept)]) == 3
    assert f"root: expected {kept}, got {forged}" in capsys.readouterr().err


@pytest.mark.parametrize("name", [TIFF, ZARR])
def test_the_record_of_another_file(made: Path, name: str, tmp_path: Path) -> None:
    kept = validate_file(made / "slide" / name).root
    path = copied(made / "slide" / name, tmp_path)
    theirs = open_container(made / "other" / name).record.as_json()

    def replaced(record: dict[str, object]) -> None:
        record.clear()
        record.update(json.loads(json.dumps(theirs)))

    files = load_files(path)
    change_record(files, replaced)
    store(files, path)
    problems = validate_file(path).problems
    assert any("slide record root: expected" in problem for problem in problems)
    # With its root made right it is sound: the tiles are those of before, and so is the root.
    assert forge(path) == kept


@pytest.mark.parametrize("name", [TIFF, ZARR])
def test_a_record_of_another_scale_with_a_right_root(
    made: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = validate_file(made / "slide" / name).root
    path = copied(made / "slide" / name, tmp_path)
    files = load_files(path)
    change_record(files, lambda record: record.update(mpp=[0.25, 0.25], magnification=40.0))
    store(files, path)
    forge(path)
    assert any("0.25" in problem for problem in validate_file(path).problems)
    assert main(["validate", str(path), "--digest", str(kept)]) == 3
    assert f"root: expected {kept}" in capsys.readouterr().err


@pytest.mark.parametrize("name", [TIFF, ZARR])
def test_an_exchanged_tile_is_no_picture(made: Path, name: str, tmp_path: Path) -> None:
    path = attacked(made, name, within_a_level, tmp_path)
    reader = open_container(path)
    places = list(tile_grid(reader.levels[0], reader.tile))
    assert reader.tile_bytes(0, places[0]) is not None
    with pytest.raises(FormatError, match="level 0, row 1, column 2: tile hash"):
        reader.tiles_bytes(0, places)
