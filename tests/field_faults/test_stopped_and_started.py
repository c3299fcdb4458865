"""A conversion that was stopped goes on by the same command; one that is finished is success."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.model.artifact_file import save_artifact
from tests.field_faults.small_slide import write_model, write_slide
from tests.tiny_model import draw_tissue, tiny_realism_model

OPTIONS = ["--tile", "64", "--min-psnr", "none", "--embed-model"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_slide(folder / "s.tif", 640, 640)
    write_model(folder)
    return folder


def command(made: Path, out: Path, *more: str) -> list[str]:
    model = str(made / "tiny.safetensors")
    return ["convert", str(made / "s.tif"), str(out), "--model", model, *OPTIONS, *more]


def stop(made: Path, out: Path, number: int) -> subprocess.CompletedProcess[str]:
    """Send a signal to a conversion as soon as some tiles are done."""
    # It waits after the first batches, so that the signal comes in the middle on any machine.
    code = (
        # A test runner under nohup, or in the background of a shell, ignores these, and so would
        # what it starts.
        "import signal, sys, time\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathae_codec.codec.spool import TileSpool\n"
        "append = TileSpool.append\n"
        "def slow(self, tiles):\n"
        "    append(self, tiles)\n"
        "    time.sleep(60 if len(self.entries) >= 32 else 0)\n"
        "TileSpool.append = slow\n"
        "from pathae_codec.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command(made, out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    tiles = out.with_name(f".{out.name}.partial") / "tiles"
    started = time.monotonic()
    while time.monotonic() - started < 120 and not (tiles.exists() and tiles.stat().st_size):
        time.sleep(0.1)
    time.sleep(2)
    os.kill(process.pid, number)
    said, told = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, said, told)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_signal_keeps_what_is_done(
    number: signal.Signals, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.tif"
    run = stop(made, out, number)
    assert run.returncode == 128 + number
    (line,) = run.stderr.strip().splitlines()
    assert "the same command goes on" in line
    assert not out.exists()
    if number != signal.SIGINT:
        return
    other = command(made, out, "--quality", "20")
    assert main(other) == 2
    assert "--quality differs" in capsys.readouterr().err
    assert main(command(made, out)) == 0
    assert "going on: " in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]
    assert main(command(made, out)) == 2
    assert main(command(made, out, "--resume")) == 0
    assert "already there" in capsys.readouterr().out
    assert main([*other, "--resume"]) == 2
    assert "--quality differs" in capsys.readouterr().err


def test_restart_begins_anew(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.tif"
    stop(made, out, signal.SIGTERM)
    assert main(command(made, out, "--quality", "20", "--restart")) == 0
    assert "going on" not in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out.tif"]


def test_resume_takes_no_other_conversion_for_finished(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out, regions = tmp_path / "m.safetensors", tmp_path / "out.tif", tmp_path / "r.geojson"
    model.write_bytes(save_artifact(tiny_realism_model()))
    corner = [[1, 1], [9, 1], [9, 9]]
    regions.write_text(json.dumps({"type": "Polygon", "coordinates": [corner]}))
    base = ["convert", str(made / "s.tif"), str(out), "--model", str(model), *OPTIONS, "--resume"]
    asked = [*base, "--realism", "0.5", "--mpp", "0.5", "--keep-region", str(regions)]
    assert main(asked) == 0
    assert main(asked) == 0
    assert "already there" in capsys.readouterr().out
    for name, other in (
        ("--realism", [*asked, "--realism", "1"]),
        ("--mpp", [*asked, "--mpp", "0.25"]),
        ("--magnification", [*asked, "--magnification", "20"]),
        ("--keep-region", asked[:-2]),
    ):
        assert main(other) == 2
        assert f"exists, and {name} differs" in capsys.readouterr().err


def test_resume_looks_at_the_source_and_at_every_setting(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another source of the same size, or other wishes that no tile shows, are not finished."""
    out = tmp_path / "out.ome.zarr"
    base = command(made, out, "--resume")
    assert main(base) == 0
    copy, other = tmp_path / "copy.tif", tmp_path / "other.tif"
    shutil.copyfile(made / "s.tif", copy)
    # Another time of change and another name do not make another slide.
    base[1] = str(copy)
    assert main(base) == 0
    assert "already there" in capsys.readouterr().out
    pixels = np.asarray(draw_tissue(640, 640))
    pixels[630, 630] ^= 1
    tifffile.imwrite(other, pixels, photometric="rgb", tile=(64, 64))
    assert other.stat().st_size == copy.stat().st_size
    without = [option for option in base if option != "--embed-model"]
    for name, asked in (
        ("the source", [base[0], str(other), *base[2:]]),
        ("--ngff", [*base, "--ngff", "0.4"]),
        ("--embed-model", without),
        ("on-bad-tile", [*base, "--on-bad-tile", "blank"]),
    ):
        assert main(asked) == 2, name
        assert name in capsys.readouterr().err
    assert main(base) == 0
    assert "already there" in capsys.readouterr().out


def test_resume_looks_at_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "drawn.svs", tmp_path / "out.tif"
    write_synthetic_slide(source, width=300, height=200, levels=1)
    model = str(write_model(tmp_path))
    base = ["convert", str(source), str(out), "--model", model, *OPTIONS, "--resume"]
    assert main([*base, "--keep", "label"]) == 0
    assert main([*base, "--keep", "label"]) == 0
    assert "already there" in capsys.readouterr().out
    for kept in ([], ["--keep", "macro"], ["--keep", "label,macro"]):
        assert main([*base, *kept]) == 2
        assert "exists, and --keep differs" in capsys.readouterr().err
