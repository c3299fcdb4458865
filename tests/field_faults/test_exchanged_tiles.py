"""A tile that was moved, swapped or written over is told by name, whoever did it and why."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.errors import ChecksumError, FormatError
from tests.field_faults.small_slide import TILE, settings, write_model
from tests.field_faults.tampering import copied, put, shards, swap, take, write_over
from tests.tiny_model import draw_tissue

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
NAMES = {"a.tif": "0.5", "a.ome.zarr": "0.5", "b.ome.zarr": "0.4"}
ZARRS = [name for name in NAMES if name.endswith("zarr")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Convert two slides of one size to each container."""
    folder = tmp_path_factory.mktemp("exchanged")
    model = write_model(folder)
    for slide, seed in (("s", 0), ("other", 1)):
        pixels = np.asarray(draw_tissue(9 * TILE, 20 * TILE, seed))
        pixels[:TILE, :TILE] = 255
        # A level of a quarter, so that there are levels to swap across.
        with tifffile.TiffWriter(folder / f"source-{slide}.tif") as writer:
            for step in (1, 4):
                writer.write(
                    pixels[::step, ::step], photometric="rgb", tile=(TILE, TILE), metadata=None,
                    subfiletype=step > 1,
                )  # fmt: skip
        for name, ngff in NAMES.items():
            (folder / slide).mkdir(exist_ok=True)
            convert_slide(
                folder / f"source-{slide}.tif", folder / slide / name, settings(model, ngff=ngff)
            )
    return folder


def within_a_level(path: Path, other: Path) -> None:
    swap(path, (0, 1, 2), (0, 3, 3))


def across_levels(path: Path, other: Path) -> None:
    swap(path, (0, 1, 2), (1, 0, 1))


def across_files(path: Path, other: Path) -> None:
    swap(path, (0, 1, 2), (0, 1, 2), other)


def a_copy(path: Path, other: Path) -> None:
    put(path, 0, 1, 2, take(path, 0, 1, 3))


SWAPS: list[Callable[[Path, Path], None]] = [within_a_level, across_levels, across_files, a_copy]


def check_refused(path: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slide = pathae_codec.open(path)
    with pytest.raises(FormatError, match=r"level 0, row \d+, column \d+: tile"):
        slide.read_array((0, 0), 0, slide.dimensions)
    capsys.readouterr()
    assert main(["validate", str(path)]) == 3
    assert "level 0, row" in capsys.readouterr().err
    for command in ("transcode", "export"):
        assert main([command, str(path), str(folder / "out.tif")]) == 2
        assert "level 0, row" in capsys.readouterr().err


@pytest.mark.parametrize("exchange", SWAPS)
@pytest.mark.parametrize("name", NAMES)
def test_tiles_stay_in_their_places(
    name: str,
    exchange: Callable[[Path, Path], None],
    made: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Covers R-10.1-hash."""
    path = copied(made / "s" / name, tmp_path)
    exchange(path, copied(made / "other" / name, tmp_path, f"other-{name}"))
    with pytest.raises(ChecksumError, match=r"level 0, row 1, column 2: tile hash.*another tile"):
        pathae_codec.open(path).read_array((2 * TILE, TILE), 0, (4, 4))
    check_refused(path, tmp_path, capsys)


def test_shards_stay_in_their_places(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(made / "s" / "a.ome.zarr", tmp_path)
    first, second = shards(path, 0)[:2]
    first.rename(tmp_path / "aside")
    second.rename(first)
    (tmp_path / "aside").rename(second)
    check_refused(path, tmp_path, capsys)


def test_a_shard_of_another_slide_is_told(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(made / "s" / "a.ome.zarr", tmp_path)
    shutil.copy(shards(made / "other" / "a.ome.zarr", 0)[1], shards(path, 0)[1])
    check_refused(path, tmp_path, capsys)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("name", ZARRS)
def test_a_level_that_was_written_over_is_told(
    name: str, value: int, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(made / "s" / name, tmp_path)
    write_over(path, value)
    check_refused(path, tmp_path, capsys)


@pytest.mark.parametrize("name", NAMES)
def test_a_ledger_of_another_slide_is_told(
    name: str, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-10.2-compared: tiles and ledger fit each other, and not the record."""
    path, other = copied(made / "s" / name, tmp_path), made / "other" / name
    if path.is_dir():
        for part in ("0", "1", "ledger"):
            shutil.rmtree(path / part)
            shutil.copytree(other / part, path / part)
    else:
        with tifffile.TiffFile(other) as tiff:
            text = tiff.pages.first.tags[65501].value
        shutil.copy(other, path)
        found, stated = (open_container(made / s / name).record.root for s in ("other", "s"))
        with tifffile.TiffFile(path, mode="r+") as tiff:
            tiff.pages.first.tags[65501].overwrite(text.replace(found, stated))
    assert main(["validate", str(path)]) == 3
    assert "slide record root: expected sha256:" in capsys.readouterr().err
    assert main(["transcode", str(path), str(tmp_path / "out.tif")]) == 2
    assert "slide record root: expected sha256:" in capsys.readouterr().err


def test_the_digest_is_that_of_the_tiles(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Covers R-10.2-root: the same in every container, another for other tiles."""
    assert main(["transcode", str(made / "s" / "b.ome.zarr"), str(tmp_path / "t.tif")]) == 0
    capsys.readouterr()
    files = [made / "s" / name for name in NAMES] + [tmp_path / "t.tif"]
    for file in files:
        assert main(["validate", str(file), "--digest"]) == 0
    (root,) = set(capsys.readouterr().out.split())
    assert root == open_container(files[0]).record.root
    for given in (root, root.removeprefix("sha256:"), root.upper().replace("SHA", "sha")):
        assert main(["validate", str(files[1]), "--digest", given]) == 0
    assert main(["validate", "--digest", str(files[1])]) == 0
    assert main(["validate", str(made / "other" / "a.tif"), "--digest", root]) == 3
    assert "these are other tiles" in capsys.readouterr().err
    assert main(["validate", str(files[1]), "--digest", "0" * 63]) == 2


def test_plain_readers_read_the_ledger_and_the_levels(made: Path) -> None:
    """Covers R-zarr-ledger: foreign readers see an array more, and no warning."""
    for name in ZARRS:
        reader = open_container(made / "s" / name)
        group = zarr.open_group(made / "s" / name, mode="r")
        assert {key for key, _ in group.members()} == {"0", "1", "associated", "ledger"}
        ledger = group["ledger"]
        assert isinstance(ledger, zarr.Array)
        assert np.asarray(ledger[:]).tobytes() == reader.ledger().pack()
    assert tifffile.imread(made / "s" / "a.tif").shape == (9 * TILE, 20 * TILE, 3)
