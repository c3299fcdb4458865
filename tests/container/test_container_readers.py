"""One reader a container: what it holds, where its tiles are, what is wrong with it."""

import json
import struct
from io import BytesIO
from pathlib import Path

import google_crc32c
import pytest
import tifffile

from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import ContainerError, FormatError, SettingError
from pathae_codec.geometry import TileIndex
from pathae_codec.ome_zarr.chunks import read_shard_index
from pathae_codec.ome_zarr.shard import pack_shard
from pathae_codec.storage.location import LocalStorage
from pathae_codec.storage.remote import RemoteStorage
from pathae_codec.verification.structure import check_container
from tests.memory_storage import MemoryStorage, load_files, open_files

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
NAMES = ("slide.tif", "slide.ome.zarr", "slide-0.4.ome.zarr")


@pytest.mark.parametrize("name", NAMES)
def test_places_of_tiles_hold_the_tiles(name: str) -> None:
    reader = open_container(FIXTURES / name)
    assert list(reader.problems()) == []
    for level in reader.levels:
        tiles = list(reader.stored_tiles(level.index))
        assert len(set(tiles)) == len(tiles) > 0
        for tile in tiles:
            data = reader.tile_bytes(level.index, tile.index)
            assert data is not None
            assert data[:2] == b"\x50\xae"
            assert len(data) == tile.place.length
            place = tile.place
            assert reader.storage.read(place.name, place.start, place.stop) == data
        with pytest.raises(SettingError, match="expected one of"):
            reader.tile_bytes(level.index, TileIndex(-1, 0))


@pytest.mark.parametrize("name", ["slide.tif", "slide.ome.zarr"])
def test_a_damaged_image_keeps_nobody_from_the_tiles(name: str) -> None:
    files = load_files(FIXTURES / name)
    if name.endswith(".tif"):
        with tifffile.TiffFile(BytesIO(files[""])) as tiff:
            at = tiff.pages[1].tags[256].offset
        changed = bytearray(files[""])
        struct.pack_into("<HII", changed, at + 2, 4, 1, 2**31)
        files[""] = bytes(changed)
    else:
        array = json.loads(files["associated/thumbnail/zarr.json"])
        array["shape"][1] = 2**31
        files["associated/thumbnail/zarr.json"] = json.dumps(array).encode()
    reader = open_files(files)
    assert reader.tile_bytes(0, next(reader.stored_tiles(0)).index)
    with pytest.raises(FormatError, match="thumbnail"):
        _ = reader.associated
    problems = list(reader.problems())
    assert problems
    assert all("thumbnail" in problem for problem in problems)


def test_chunks_outside_the_grid_are_told() -> None:
    files = load_files(FIXTURES / "slide-0.4.ome.zarr")
    files["0/0/99/0"] = files["0/0/0/00"] = files["0/0/0/0"]
    assert set(open_files(files).problems()) == {
        "chunk 0/0/99/0: lies outside the grid",
        "level 0: 1 files that are no chunks",
    }


def test_tiles_of_a_shard_end_before_its_index() -> None:
    shard = pack_shard([b"abc", None])
    assert shard is not None
    storage = MemoryStorage({"k": shard})
    assert read_shard_index(storage, "k", 2) == ((0, 3), None)
    with pytest.raises(FileNotFoundError):
        read_shard_index(storage, "other", 2)
    index = struct.pack("<QQ", 0, 4) + shard[19:-4]
    crc = struct.pack("<I", google_crc32c.value(index))
    with pytest.raises(ContainerError, match="expected chunks in its 3 bytes"):
        read_shard_index(MemoryStorage({"k": b"abc" + index + crc}), "k", 2)


@pytest.mark.parametrize("name", NAMES)
def test_info_opens_a_tiff_once_and_metadata_of_a_zarr(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    locate = LocalStorage.locate

    def watched(storage: LocalStorage, name: str) -> Path:
        opened.append(name)
        return locate(storage, name)

    monkeypatch.setattr(LocalStorage, "locate", watched)
    main(["info", "--json", str(FIXTURES / name)])
    assert json.loads(capsys.readouterr().out)["format"] == "pathae"
    # What holds the ledger twice: it is looked for when the slide is opened, read when asked for.
    twice = [name for name in set(opened) if opened.count(name) > 1]
    assert twice in ([""], ["ledger/c/0"], ["ledger/0"])
    assert len(opened) == len(set(opened)) + 1
    assert not any(name.startswith("associated") for name in opened)


def test_info_refuses_a_later_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = (FIXTURES / "slide.tif").read_bytes()
    assert data.count(b'"version": 1') == 1
    path = tmp_path / "later.tif"
    path.write_bytes(data.replace(b'"version": 1', b'"version": 2'))
    for options in ([], ["--json"]):
        assert main(["info", str(path), *options]) == 2
        assert "version: expected 1, got 2" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_tiles_that_the_system_refuses_are_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    # JSON is read whole too, so that of OME-Zarr 0.4 only the tiles themselves can be refused.
    place = "ome_zarr.chunks.read_whole_tile" if "0.4" in name else "storage.local_storage.read_all"
    reader = open_container(FIXTURES / name)
    monkeypatch.setattr(f"pathae_codec.{place}", refuse)
    found = check_container(reader)
    assert not found.tiles
    assert found.problems
    assert all("permission denied" in problem.lower() for problem in found.problems)


def test_remote_folders_are_listed(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.put(str(FIXTURES / "slide.ome.zarr"), "/readers/slide.ome.zarr", recursive=True)
    try:
        remote = RemoteStorage("memory://readers/slide.ome.zarr")
        local = LocalStorage(FIXTURES / "slide.ome.zarr")
        for folder in ("", "0", "associated/thumbnail"):
            names = sorted(local.names(folder))
            assert sorted(remote.names(folder)) == names
            assert [remote.size(name) for name in names] == [local.size(name) for name in names]
        assert list(remote.names("nothing")) == list(local.names("nothing")) == []
    finally:
        memory.rm("/readers", recursive=True)
