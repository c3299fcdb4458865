"""The command line: one line for every error, exit code 2, nothing left behind."""

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=600, height=500)
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a command that must fail; give its one line."""
    assert main([str(a) for a in arguments]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.strip().splitlines()
    assert line.startswith("pathae: error: ")
    assert not captured.out
    return line


def test_convert_says_what_it_did(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", str(drawn), str(tmp_path / "a.tif"), "--tile", "256"]) == 0
    captured = capsys.readouterr()
    assert "1 level, 6 tiles, quality 50" in captured.out
    assert "times" in captured.out
    assert not captured.err  # no progress bar where there is no terminal


def test_errors_are_one_line(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    text = tmp_path / "text.svs"
    text.write_text("no slide")
    deep = tmp_path / "deep.tif"
    tifffile.imwrite(deep, np.zeros((64, 64), np.uint16))
    there = tmp_path / "there.tif"
    there.write_bytes(b"")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x10" + bytes(40))
    cases: list[tuple[str, list[str | Path]]] = [
        ("no such file", [tmp_path / "missing.svs", out / "a.tif"]),
        ("slide", [text, out / "a.tif"]),
        ("slide", [deep, out / "a.tif"]),
        ("exists", [drawn, there]),
        ("expected an ending", [drawn, out / "a.png"]),
        ("there is no such folder", [drawn, out / "none" / "a.tif"]),
        ("not found", [drawn, out / "a.tif", "--model", "nobody"]),
        ("not found", [drawn, out / "a.tif", "--model", "sha256:" + "0" * 64]),
        ("No such file", [drawn, out / "a.tif", "--model", "none.safetensors"]),
        ("artifact", [drawn, out / "a.tif", "--model", broken]),
        ("quality", [drawn, out / "a.tif", "--quality", "101"]),
        ("multiple of 16", [drawn, out / "a.tif", "--tile", "100"]),
    ]
    for expected, arguments in cases:
        assert expected in refused(capsys, "convert", *arguments)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("name", ["a.tif", "a.ome.zarr"])
def test_info_reads_the_record(
    name: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    main(["convert", str(drawn), str(path)])
    capsys.readouterr()
    assert main(["info", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["model"]["decoder"].startswith("sha256:")
    assert record["mpp"] == [0.5, 0.5]
    assert main(["info", str(path)]) == 0
    assert "research only" in capsys.readouterr().out


def test_info_refuses_other_files(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = tmp_path / "plain.tif"
    tifffile.imwrite(plain, np.zeros((8, 8, 3), np.uint8))
    assert "expected a PathAE slide record" in refused(capsys, "info", plain)
    assert "no such file" in refused(capsys, "info", tmp_path / "none.tif")


def test_models_list_names_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    assert "he-f8c32" in capsys.readouterr().out
