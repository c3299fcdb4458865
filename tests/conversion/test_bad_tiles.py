"""Sources with damage, sources that change, disks that fill: told, and nothing is lost."""

import json
import os
import resource
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import DestinationWriteError, ResumeError, SlideChangedError
from pathae_codec.model.artifact_file import save_artifact
from tests.kill_and_resume import contents
from tests.tiny_model import draw_tissue, tiny_model

SIDE = 256
BAD = (1, 2)
"""Row and column of the source's tile that does not decode."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    path.write_bytes(save_artifact(tiny_model()))
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a TIFF of 3 x 4 JPEG tiles, one of them garbage."""
    path = tmp_path / "broken.tif"
    pixels = draw_tissue(3 * SIDE, 4 * SIDE)
    tifffile.imwrite(
        path, pixels, tile=(SIDE, SIDE), photometric="rgb", compression="jpeg", metadata=None
    )
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages.first
        number = BAD[0] * 4 + BAD[1]
        start, count = page.dataoffsets[number], page.databytecounts[number]
    data = bytearray(path.read_bytes())
    data[start : start + count] = b"\xff\xd8" + bytes(count - 2)
    path.write_bytes(data)
    return path


def command(source: Path, out: Path, model: Path, *more: str) -> list[str]:
    settings = ["--tile", str(SIDE), "--max-error", "0", "--model", str(model)]
    return ["convert", str(source), str(out), *settings, *more]


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_a_bad_tile_ends_the_conversion(
    name: str, broken: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(broken, tmp_path / name, model)) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("pathae: error: slide region")
    assert "does not decode" in line
    assert [path.name for path in tmp_path.iterdir()] == ["broken.tif"]


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_a_bad_tile_becomes_white_and_is_listed(
    name: str, broken: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, out = (broken.read_bytes(), broken.stat().st_mtime_ns), tmp_path / name
    assert main(command(broken, out, model, "--on-bad-tile", "blank")) == 0
    warnings = capsys.readouterr().err
    assert "the source could not give all pixels of" in warnings
    assert "white stands for them" in warnings
    with pathae_codec.open(out) as slide:
        pixels = slide.read_array((0, 0), 0, slide.dimensions)
    top, left = BAD[0] * SIDE, BAD[1] * SIDE
    bad = pixels[top : top + SIDE, left : left + SIDE]
    assert (bad == 255).all()
    with tifffile.TiffFile(broken) as tiff:
        whole = tiff.pages.first
        good = np.asarray(whole.decode(_tile(broken, 0), 0)[0])[0]
    assert np.array_equal(pixels[:SIDE, :SIDE], good)
    assert main(["info", "--json", str(out)]) == 0
    record = json.loads(capsys.readouterr().out)
    place = {"level": 0, "row": BAD[0], "column": BAD[1]}
    assert place in _find(record, "blanked")
    assert (broken.read_bytes(), broken.stat().st_mtime_ns) == before


def _tile(path: Path, number: int) -> bytes:
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages.first
        start, count = page.dataoffsets[number], page.databytecounts[number]
    return path.read_bytes()[start : start + count]


def _find(value: object, key: str) -> list[object]:
    """Return the list under a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            return list(value[key])
        value = list(value.values())
    inner = value if isinstance(value, list) else []
    return next((found for item in inner if (found := _find(item, key))), [])


def test_a_source_that_changes_is_told(model: Path, tmp_path: Path) -> None:
    """While it is converted; and between a stop and `--resume`, be it by one byte in the middle."""
    source, out = tmp_path / "drawn.svs", tmp_path / "out.tif"
    write_synthetic_slide(source, width=900, height=700)
    settings = ConvertSettings(tile=64, model=str(model), min_psnr=0, resume=True)

    def touch(done: int, total: int) -> None:
        os.utime(source, ns=(1, done))

    with pytest.raises(SlideChangedError, match="changed while it was being converted"):
        convert_slide(source, out, settings, touch)
    assert not out.exists()
    with pytest.raises(ResumeError, match="the source changed"):
        convert_slide(source, out, settings)
    stat, data = source.stat(), bytearray(source.read_bytes())
    fresh = ConvertSettings(tile=64, model=str(model), min_psnr=0, resume=True, overwrite=True)
    with pytest.raises(ResumeError, match="the source changed"):
        convert_slide(source, out, fresh)
    begin_anew = ConvertSettings(tile=64, model=str(model), min_psnr=0, overwrite=True)
    convert_slide(source, out, begin_anew)
    assert (source.read_bytes(), source.stat().st_mtime_ns) == (bytes(data), stat.st_mtime_ns)


@pytest.mark.parametrize("name", ["out.tif", "out.ome.zarr"])
def test_a_full_disk_is_told_and_gone_on_from(name: str, model: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system then refuses to write."""
    source = tmp_path / "drawn.svs"
    write_synthetic_slide(source, width=900, height=700)
    before = source.read_bytes()
    settings = ConvertSettings(tile=64, model=str(model), max_error=0, resume=True)
    whole, out = tmp_path / f"whole-{name}", tmp_path / name
    convert_slide(source, whole, settings)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The signal would end the process; Python leaves it ignored, so that writes fail with EFBIG.
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(DestinationWriteError, match="cannot be written"):
            convert_slide(source, out, settings)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not out.exists()
    done: list[int] = []
    convert_slide(source, out, settings, lambda number, _: done.append(number))
    assert done[0] > 16
    assert contents(out) == contents(whole)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"drawn.svs", name, whole.name}
    assert source.read_bytes() == before
