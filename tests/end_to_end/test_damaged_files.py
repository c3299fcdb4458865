"""Damaged and undecodable PathAE files at the command line: one line, exit code 2, nothing left."""

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model import library
from tests.tiny_model import NAME

Damage = Callable[[bytearray, int, int], None]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=600, height=500)
    return path


def place_of_tile(path: Path) -> tuple[int, int]:
    """Return offset and length of the longest tile of level 0."""
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages.first
        return max(zip(page.dataoffsets, page.databytecounts, strict=True), key=lambda at: at[1])


def refused(capsys: pytest.CaptureFixture[str], source: Path, out: Path) -> str:
    capsys.readouterr()
    out.mkdir()
    assert main(["convert", str(source), str(out / "a.ome.zarr")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("pathae: error: ")
    assert list(out.iterdir()) == []
    return line


def flip_a_bit(data: bytearray, start: int, length: int) -> None:
    data[start + length // 2] ^= 4


def set_version_2(data: bytearray, start: int, length: int) -> None:
    data[start + 2] = 2
    end = start + length - 4
    data[end : end + 4] = zlib.crc32(data[start:end]).to_bytes(4, "little")


def cut(data: bytearray, start: int, length: int) -> None:
    del data[start + length // 2 :]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (flip_a_bit, "tile crc: expected"),
        (set_version_2, "tile version: expected 1, got 2"),
        (cut, "it was cut off"),
    ],
)
def test_damaged_tile(
    damage: Damage, message: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, broken = tmp_path / "whole.tif", tmp_path / "broken.tif"
    convert_slide(drawn, whole, ConvertSettings(tile=256))
    data = bytearray(whole.read_bytes())
    damage(data, *place_of_tile(whole))
    broken.write_bytes(data)
    assert message in refused(capsys, broken, tmp_path / "out")


def test_missing_decoder(
    drawn: Path,
    tmp_path: Path,
    tiny_model_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = tmp_path / "whole.tif"
    convert_slide(drawn, whole, ConvertSettings(tile=256, model=NAME, quality=20, min_psnr=0))
    monkeypatch.delenv("PATHAE_MODELS")
    library.load_model_file.cache_clear()
    line = refused(capsys, whole, tmp_path / "out")
    assert f"decoder of model {NAME}" in line
    assert "PATHAE_MODELS" in line
