"""A pipe or a device in the place of a file: an answer at once, never a command that hangs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 60
"""Seconds of a command; one that hangs takes them all."""

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes")


def run(folder: Path, *arguments: str, models: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "PATHAE_MODELS": models,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "pathae_codec.cli", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    os.mkfifo(tmp_path / "pipe.tif")
    return "pipe.tif"


@pytest.mark.parametrize(
    "arguments",
    [
        ["info", "FILE"],
        ["info", "--phi", "FILE"],
        ["convert", "FILE", "out.tif"],
        ["validate", "FILE"],
        ["export", "FILE", "out.ome.tif"],
        ["transcode", "FILE", "out.ome.zarr"],
        ["info", "/dev/zero"],
        ["convert", "/dev/zero", "out.tif"],
    ],
    ids=" ".join,
)
def test_a_pipe_for_a_file(arguments: list[str], pipe: str, tmp_path: Path) -> None:
    ended = run(tmp_path, *[pipe if one == "FILE" else one for one in arguments])
    assert ended.returncode == 2
    (line,) = ended.stderr.strip().splitlines()
    assert "expected a regular file or a folder" in line


def test_a_pipe_for_regions(pipe: str, slides: Path, tmp_path: Path) -> None:
    ended = run(tmp_path, "convert", str(slides / "slide.tif"), "out.tif", "--keep-region", pipe)
    assert ended.returncode == 2
    assert "expected a regular file or a folder" in ended.stderr


def test_a_pipe_among_models(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    ended = run(tmp_path, "models", "list", models=str(tmp_path))
    assert ended.returncode == 0
    assert "encoder and decoder" in ended.stdout
