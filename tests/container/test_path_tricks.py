"""Names in a container lead nowhere: not out of it, not to a pipe, not to a network, no code."""

import json
import os
import shutil
import socket
import zipfile
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import zarr

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import ContainerError, ModelNotFoundError, PathAEError
from pathae_codec.geometry import TileIndex
from pathae_codec.verification.structure import validate_file

FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
NAMES = ("slide.ome.zarr", "slide-0.4.ome.zarr")


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    path = tmp_path / "slide.ome.zarr"
    shutil.copytree(FIXTURES / "slide.ome.zarr", path)
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", ["../other.zarr/0", "/etc", "0/../../x", "..", "", "0/", "a b"])
def test_array_names_stay_in_the_group(name: str, slide: Path) -> None:
    shutil.copytree(slide, slide.parent / "other.zarr")
    change(slide / "zarr.json", '"path": "0"', f'"path": "{name}"')
    with pytest.raises(ContainerError, match="name of an array in the group"):
        open_container(slide)


@pytest.mark.parametrize("separator", [".", "/../", "../"])
def test_chunk_keys_have_one_form(separator: str, slide: Path) -> None:
    change(slide / "0" / "zarr.json", '"separator": "/"', f'"separator": "{separator}"')
    with pytest.raises(ContainerError, match="separator"):
        open_container(slide)


def first_chunk(slide: Path) -> Path:
    return slide / "0" / "c" / "0" / "0" / "0"


@pytest.mark.parametrize("whole", [True, False])
def test_links_out_of_the_store_are_not_followed(whole: bool, slide: Path) -> None:
    """Not even to the very bytes that were there."""
    moved = slide / "0" if whole else first_chunk(slide)
    shutil.move(moved, slide.parent / "moved")
    moved.symlink_to(slide.parent / "moved")
    with pytest.raises(ContainerError, match="inside the folder"):
        open_container(slide).tile_bytes(0, TileIndex(0, 0))
    assert any("inside the folder" in problem for problem in validate_file(slide).problems)


@pytest.mark.parametrize("target", ["pipe", "/dev/zero"])
def test_pipes_and_devices_are_not_read(target: str, slide: Path) -> None:
    chunk = first_chunk(slide)
    chunk.unlink()
    if target == "pipe":
        os.mkfifo(chunk)
    else:
        chunk.symlink_to(target)
    with pytest.raises(ContainerError, match=r"regular file|inside the folder"):
        open_container(slide).tile_bytes(0, TileIndex(0, 0))
    assert any(
        "regular file" in problem or "inside the folder" in problem
        for problem in validate_file(slide).problems
    )


def refuse_network(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a connection was asked for")


@pytest.mark.parametrize("name", [*NAMES, "slide.tif"])
def test_reading_connects_to_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", refuse_network)
    monkeypatch.setattr(socket, "getaddrinfo", refuse_network)
    with pathae_codec.open(FIXTURES / name) as opened:
        assert opened.read_array((0, 0), 0, (300, 300)).std() > 0


@pytest.mark.parametrize("source", ["https://x.invalid/model", "/etc/passwd", "../model"])
def test_sources_of_a_model_are_words(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a file says of where its decoder can be had is told, never opened."""
    from pathae_codec.model import library

    monkeypatch.setattr(socket.socket, "connect", refuse_network)
    monkeypatch.setenv("PATHAE_MODELS", str(tmp_path))
    opened: list[object] = []
    original = Path.open

    def watched(path: Path, *arguments: object, **named: object) -> object:
        opened.append(path)
        return original(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", watched)
    with pytest.raises(ModelNotFoundError, match=source):
        library.find_decoder("sha256:" + "0" * 64, "x", [source])
    assert all(str(path).endswith(".safetensors") for path in opened)


def test_a_zip_is_no_way_out(tmp_path: Path) -> None:
    """zarr opens a zip as a store and never unpacks it: names that climb are names, no more."""
    path = tmp_path / "slide.zarr.zip"
    source = FIXTURES / "slide.ome.zarr"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(source).as_posix())
        packed.writestr("../../escaped", b"x")
        packed.writestr("/0/c/0/0/0", b"x")
    before = sorted(tmp_path.parent.rglob("escaped"))
    store = zarr.storage.ZipStore(path, mode="r")
    level = zarr.open_group(store, mode="r")["0"]
    whole = zarr.open_group(source, mode="r")["0"]
    assert np.array_equal(level[:], whole[:])
    assert sorted(tmp_path.parent.rglob("escaped")) == before == []
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    with pytest.raises(PathAEError):
        open_container(path)


def test_the_command_line_says_it_in_one_line(
    slide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metadata = json.loads((slide / "zarr.json").read_text())
    metadata["attributes"]["ome"]["multiscales"][0]["datasets"][0]["path"] = "../../etc"
    (slide / "zarr.json").write_text(json.dumps(metadata))
    assert main(["validate", str(slide)]) != 0
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
