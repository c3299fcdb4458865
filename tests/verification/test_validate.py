"""`pathae validate`: sound files are sound, damaged ones are told by one line a problem."""

import json
import shutil
from pathlib import Path

import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.bitstream.constant import encode_white
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ContainerError, FormatError, NotPathAEError
from pathae_codec.geometry import TileIndex, tile_grid
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.verification.structure import validate_file
from tests.tiny_model import tiny_model

NAMES = ("a.tif", "a.ome.zarr", "b.ome.zarr")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("validate")
    model = folder / "tiny.safetensors"
    model.write_bytes(save_artifact(tiny_model()))
    write_synthetic_slide(folder / "drawn.svs", width=900, height=700, levels=2)
    for name in NAMES:
        ngff = "0.4" if name.startswith("b") else "0.5"
        settings = ConvertSettings(tile=64, model=str(model), embed_model=True, ngff=ngff)
        convert_slide(folder / "drawn.svs", folder / name, settings)
    return folder


def copy(made: Path, name: str, folder: Path) -> Path:
    path = folder / name
    if (made / name).is_dir():
        shutil.copytree(made / name, path)
    else:
        shutil.copy(made / name, path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_converted_files_are_sound(
    name: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(made / name), "--decode"]) == 0
    captured = capsys.readouterr()
    assert "sound; 2 levels" in captured.out
    assert not captured.err


def test_containers_give_the_same_tiles(made: Path) -> None:
    readers = [open_container(made / name) for name in NAMES]
    first = readers[0]
    assert [(v.width, v.height) for v in first.levels] == [(900, 700), (225, 175)]
    for level in first.levels:
        for index in tile_grid(level, 64):
            tiles = {
                reader.tile_bytes(level.index, index) or encode_white(64) for reader in readers
            }
            assert len(tiles) == 1
    assert len({reader.parameters for reader in readers}) == 1
    for reader in readers:
        assert reader.levels == first.levels
        with pytest.raises(ValueError, match="expected one of"):
            reader.tile_bytes(0, TileIndex(99, 0))


def place_of_a_tile(path: Path) -> tuple[int, int]:
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages.first
        return page.dataoffsets[40], page.databytecounts[40]


def test_a_flipped_bit_in_a_tile_is_told(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy(made, "a.tif", tmp_path)
    offset, size = place_of_a_tile(path)
    data = bytearray(path.read_bytes())
    data[offset + size // 2] ^= 16
    path.write_bytes(data)
    assert main(["validate", str(path)]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("pathae: problem: ")
    assert "level 0, row 2, column 10: tile crc: expected" in line


def test_a_cut_tiff_is_told(made: Path, tmp_path: Path) -> None:
    path = copy(made, "a.tif", tmp_path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    assert len(validate_file(path).problems) == 1


@pytest.mark.parametrize("name", ["a.ome.zarr", "b.ome.zarr"])
def test_damaged_chunks_are_told(name: str, made: Path, tmp_path: Path) -> None:
    path = copy(made, name, tmp_path)
    chunks = sorted(p for p in (path / "0").rglob("*") if p.is_file() and p.name.isdigit())
    data = bytearray(chunks[0].read_bytes())
    data[-3] ^= 1
    chunks[0].write_bytes(data)
    chunks[1].write_bytes(b"")
    (chunks[2].parent / "stray").write_bytes(b"?")
    problems = validate_file(path).problems
    assert any("crc" in problem for problem in problems)
    assert any("files that are no chunks" in problem for problem in problems)
    assert len(problems) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_thumbnail_is_told(name: str, made: Path, tmp_path: Path) -> None:
    """`transcode` and `export` stop at it."""
    path = copy(made, name, tmp_path)
    if path.is_dir():
        (chunk,) = (p for p in (path / "associated/thumbnail").rglob("0") if p.is_file())
        chunk.write_bytes(chunk.read_bytes()[:-9])
    else:
        with tifffile.TiffFile(path) as tiff:
            (page,) = (page for page in tiff.pages if page.aspage().compression == 7)
            place, size = page.aspage().dataoffsets[0], page.aspage().databytecounts[0]
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes(size))
    (problem,) = validate_file(path).problems
    assert problem.startswith("associated image thumbnail: ")


def change_json(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("zarr.json", '"path": "0"', '"path": "../0"', "name of an array in the group"),
        ("zarr.json", '"tile": 64', '"tile": 65536', "slide record tile"),
        ("zarr.json", '"version": 1', '"version": 2', "version: expected 1, got 2"),
        ("0/zarr.json", "900", "999999999", "array 0 side: expected 1 to"),
        ("0/zarr.json", '"uint8"', '"uint16"', "data_type: expected uint8"),
        ("0/zarr.json", '"codecs": [', '"codecs": [1,', "metadata"),
        ("1/zarr.json", '"channel_axis": 0', '"channel_axis": 1', "channel_axis: expected 0, got"),
        ("1/zarr.json", "{", "[" * 100_000, "expected JSON"),
    ],
)
def test_hostile_metadata_is_refused(
    file: str, old: str, new: str, message: str, made: Path, tmp_path: Path
) -> None:
    """Covers R-9-hostile and R-8-beyond for OME-Zarr."""
    path = copy(made, "a.ome.zarr", tmp_path)
    change_json(path / file, old, new)
    with pytest.raises(FormatError, match=message):
        open_container(path)


def test_a_link_out_of_the_group_is_refused(made: Path, tmp_path: Path) -> None:
    path = copy(made, "a.ome.zarr", tmp_path)
    shutil.move(path / "0", tmp_path / "elsewhere")
    (path / "0").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContainerError, match="expected it inside the folder"):
        open_container(path)


def test_other_files_are_no_pathae(made: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.tif"
    shutil.copy(made / "drawn.svs", plain)
    with pytest.raises(NotPathAEError):
        open_container(plain)
    (tmp_path / "empty.zarr").mkdir()
    with pytest.raises(NotPathAEError):
        open_container(tmp_path / "empty.zarr")


@pytest.mark.parametrize("name", ["a.ome.zarr", "b.ome.zarr"])
def test_a_replaced_container_is_noticed(name: str, made: Path, tmp_path: Path) -> None:
    """A missing shard is white: without a check, a reader would see glass."""
    path = copy(made, name, tmp_path)
    reader = open_container(path)
    assert reader.tile_bytes(0, next(reader.stored_tiles(0)).index)
    path.rename(tmp_path / "aside")
    with pytest.raises(ContainerError, match="was replaced since it was opened"):
        reader.tile_bytes(0, TileIndex(9, 9))


def test_the_record_is_checked(made: Path, tmp_path: Path) -> None:
    path = copy(made, "a.ome.zarr", tmp_path)
    metadata = json.loads((path / "zarr.json").read_text())
    metadata["attributes"]["pathae"] |= {"mpp": [0.5], "quality": 33, "model": {"name": "x"}}
    (path / "zarr.json").write_text(json.dumps(metadata))
    problems = validate_file(path).problems
    for name in ("mpp", "quality", "model"):
        assert any(f"slide record {name}" in problem for problem in problems)
