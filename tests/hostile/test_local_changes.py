"""Files that change, shrink or fail under a reader on this machine: told, never white."""

import errno
import os
from pathlib import Path

import pytest

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.container import open_container
from pathae_codec.errors import ContainerError, SlideReadError, TruncatedError
from pathae_codec.geometry import TileIndex
from pathae_codec.storage import local_storage
from pathae_codec.storage.local_storage import LocalStorage
from pathae_codec.verification.structure import validate_file

FIRST = {"slide.ome.zarr": "0/c/0/0/0", "slide-0.4.ome.zarr": "0/0/0/0"}
PLACE = TileIndex(0, 0)


@pytest.mark.parametrize("name", FIRST)
def test_a_chunk_that_is_replaced_is_told(name: str, slides: Path) -> None:
    """In place, of the same length, its group left as it is: as a copy over it does."""
    container = open_container(slides / name)
    assert container.tile_bytes(0, PLACE)
    chunk = slides / name / FIRST[name]
    data = chunk.read_bytes()
    chunk.write_bytes(data)
    os.utime(chunk, (0, 0))
    with pytest.raises(ContainerError, match="was replaced since it was opened"):
        container.tile_bytes(0, PLACE)


def test_what_was_not_read_before_may_come_and_change(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    with pytest.raises(FileNotFoundError):
        storage.read("0")
    (tmp_path / "0").write_bytes(b"0")
    assert storage.read("0") == b"0"
    (tmp_path / "1").write_bytes(b"1")
    assert storage.read("1") == b"1"


@pytest.mark.parametrize("name", FIRST)
def test_a_chunk_of_no_bytes_is_an_error(
    name: str, slides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (slides / name / FIRST[name]).write_bytes(b"")
    with pathae_codec.open(slides / name) as slide, pytest.raises(TruncatedError):
        slide.read_array((0, 0), 0, (8, 8))
    assert validate_file(slides / name).problems
    for command, out in (("transcode", "out.tif"), ("export", "out.ome.zarr")):
        assert main([command, str(slides / name), str(slides / out)]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
        assert not (slides / out).exists()


@pytest.mark.parametrize("name", [*FIRST, "slide.tif"])
def test_a_disk_that_fails_is_told_by_its_file(
    name: str, slides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = open_container(slides / name)

    def refuse(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(local_storage, "read_all", refuse)
    with pytest.raises(SlideReadError, match=rf"{name}.*: input/output error"):
        container.tile_bytes(0, PLACE)
