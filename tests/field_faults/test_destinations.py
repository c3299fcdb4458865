"""Nothing but what is ours or of the same kind is replaced; links stay links; no lock, no fuss."""

import errno
import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import tifffile

import pathae_codec
from pathae_codec.cli import main
from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from tests.field_faults.small_slide import write_converted


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_converted(tmp_path_factory.mktemp("converted"))


@pytest.fixture(scope="module")
def as_zarr(converted: Path) -> Path:
    transcode_slide(converted, converted.parent / "c.ome.zarr")
    return converted.parent / "c.ome.zarr"


def listing(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def folder_of_notes(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("x")


def foreign_zarr(path: Path) -> None:
    path.mkdir()
    ome = {"multiscales": [{"axes": [], "datasets": []}]}
    metadata = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
    (path / "zarr.json").write_text(json.dumps(metadata))


def json_file(path: Path) -> None:
    path.write_text('{"a": 1}')


def text_file(path: Path) -> None:
    path.write_text("x")


def foreign_dicom(path: Path) -> None:
    path.mkdir()
    (path / "1.dcm").write_bytes(bytes(128) + b"DICM" + b"of another scanner")


@pytest.mark.parametrize(
    ("command", "name", "make"),
    [
        ("transcode", "d.tif", folder_of_notes),
        ("transcode", "d.zarr", folder_of_notes),
        ("transcode", "study.zarr", foreign_zarr),
        ("export", "d.tif", folder_of_notes),
        ("export", "study.ome.zarr", foreign_zarr),
        ("export", "d.dcm", foreign_dicom),
        ("export", "d.dcm", folder_of_notes),
        ("transcode", "j.tif", json_file),
        ("transcode", "f.zarr", text_file),
    ],
)  # fmt: skip
def test_overwrite_keeps_what_is_not_ours(
    command: str, name: str, make: Callable[[Path], None], as_zarr: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    make(tmp_path / name)
    before = listing(tmp_path)
    if name.endswith(".dcm"):
        pytest.importorskip("wsidicom")
    assert main([command, str(as_zarr), str(tmp_path / name), "--overwrite"]) == 2
    assert "--overwrite does not remove that" in capsys.readouterr().err
    assert listing(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_overwrite_keeps_a_slide_where_json_would_go(converted: Path, tmp_path: Path) -> None:
    slide = tmp_path / "slide.svs"
    slide.write_bytes(converted.read_bytes())
    assert main(["kerchunk", str(converted), "-o", str(slide), "--overwrite"]) == 2
    assert slide.read_bytes() == converted.read_bytes()


def test_overwrite_replaces_what_is_ours(converted: Path, as_zarr: Path, tmp_path: Path) -> None:
    for command in ("transcode", "export"):
        for name in ("a.tif", "a.ome.zarr"):
            out = str(tmp_path / f"{command}-{name}")
            assert main([command, str(as_zarr), out]) == 0
            assert main([command, str(as_zarr), out, "--overwrite"]) == 0
    for _ in range(2):
        out = str(tmp_path / "r.json")
        assert main(["kerchunk", str(converted), "-o", out, "--overwrite"]) == 0


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
@pytest.mark.parametrize("dangling", [True, False])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_written(
    name: str, dangling: bool, absolute: bool, converted: Path, tmp_path: Path
) -> None:
    data, link = tmp_path / "data", tmp_path / "links" / name
    data.mkdir()
    link.parent.mkdir()
    target = data / f"real-{name}"
    if not dangling:
        transcode_slide(converted, target)
    link.symlink_to(target if absolute else Path("..", "data", target.name))
    for _ in range(2):
        arguments = ["transcode", str(converted), str(link)]
        assert (
            main([*arguments, *([] if dangling and not target.exists() else ["--overwrite"])]) == 0
        )
        assert link.is_symlink()
        assert not target.is_symlink()
        assert pathae_codec.open(link).dimensions == pathae_codec.open(converted).dimensions
        assert sorted(path.name for path in tmp_path.rglob(".*")) == []


def test_a_link_to_itself_is_told_in_one_line(
    converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = tmp_path / "out.tif"
    link.symlink_to(link)
    assert main(["transcode", str(converted), str(link), "--overwrite"]) == 2
    assert "leads to itself" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


@pytest.mark.parametrize("number", [37, 38, 95])
def test_file_systems_without_locks(
    number: int, converted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    assert number in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
    monkeypatch.setattr(fcntl, "flock", refuse)
    transcode_slide(converted, tmp_path / "out.tif", TranscodeSettings())
    assert "no locks" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


def test_a_name_of_255_bytes(converted: Path, tmp_path: Path) -> None:
    name = "ä" * 124 + "abc.tif"
    assert len(name.encode()) == 255
    assert main(["transcode", str(converted), str(tmp_path / name)]) == 0
    assert tifffile.TiffFile(tmp_path / name).pages.first.is_tiled
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_longer_name_is_told_in_one_line(
    converted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["transcode", str(converted), str(tmp_path / ("a" * 300 + ".tif"))]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "too long" in line
