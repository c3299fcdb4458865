"""A file with its decoder decodes where there is no model; `pathae info` says what one lacks."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.cli import main
from pathae_codec.commands import EXIT_LACKING
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model.default import DEFAULT_MODEL
from tests.shared_data import require_slide

ROOT = Path(__file__).parents[2]
CONTAINERS = ["a.tif", "a.ome.zarr"]
READ = """
import sys, numpy, pathae_codec
slide = pathae_codec.open(sys.argv[1])
level = slide.level_count - 1
numpy.save(sys.argv[2], slide.read_array((0, 0), level, slide.level_dimensions[level]))
"""
READ_BY_HOST = {
    "a.tif": """
import sys, numpy, tifffile
with tifffile.TiffFile(sys.argv[1]) as tiff:
    numpy.save(sys.argv[2], tiff.series[0].levels[-1].asarray())
""",
    "a.ome.zarr": """
import sys, numpy, zarr
group = zarr.open_group(sys.argv[1], mode="r")
last = group.attrs["ome"]["multiscales"][0]["datasets"][-1]["path"]
numpy.save(sys.argv[2], group[last][:].transpose(1, 2, 0))
""",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("slides") / "drawn.svs"
    write_synthetic_slide(path, width=700, height=600, levels=2)
    return path


@pytest.fixture(scope="module")
def without_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out the packages without the models that they ship."""
    folder = tmp_path_factory.mktemp("site")
    leave_out = shutil.ignore_patterns("*.safetensors", "__pycache__")
    shutil.copytree(ROOT / "pathae_codec", folder / "pathae_codec", ignore=leave_out)
    shutil.copytree(ROOT / "plugins" / "pathae_plugins", folder / "pathae_plugins")
    return folder


def run_without_models(
    site: Path, *arguments: str | Path, backend: str = "onnx"
) -> subprocess.CompletedProcess[str]:
    """Run Python where no model is anywhere: not shipped, not named, not in the user's folder."""
    environment = os.environ | {
        "PYTHONPATH": str(site),
        "PATHAE_MODELS": "",
        "PATHAE_BACKEND": backend,
        "XDG_DATA_HOME": str(site / "nothing"),
        "HOME": str(site / "nothing"),
        "LOCALAPPDATA": str(site / "nothing"),
    }
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=site
    )


def read_without_models(site: Path, script: str, path: Path) -> np.ndarray:
    out = site / "pixels.npy"
    out.unlink(missing_ok=True)
    run = run_without_models(site, "-c", script, path, out)
    assert run.returncode == 0, run.stderr
    pixels: np.ndarray = np.load(out)
    return pixels


def read_here(path: Path) -> np.ndarray:
    with pathae_codec.open(path) as slide:
        level = slide.level_count - 1
        return slide.read_array((0, 0), level, slide.level_dimensions[level])


@pytest.mark.parametrize("name", CONTAINERS)
def test_embedded_decoder_needs_no_model(
    name: str, drawn: Path, tmp_path: Path, without_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    convert_slide(drawn, tmp_path / name, ConvertSettings(tile=256, embed_model=True))
    assert list((without_models / "pathae_codec/models").glob("*.safetensors")) == []
    monkeypatch.setenv("PATHAE_BACKEND", "onnx")
    expected = read_here(tmp_path / name)
    for script in (READ, READ_BY_HOST[name]):
        found = read_without_models(without_models, script, tmp_path / name)
        # Whichever backend decoded `expected` in this process: the specification's tolerance.
        assert np.abs(found.astype(int) - expected).max() <= 1
    info = run_without_models(without_models, "-m", "pathae_codec.cli", "info", tmp_path / name)
    assert (info.returncode, info.stderr) == (0, "")
    assert "embedded in the file" in info.stdout
    assert "yes, the network on onnx" in info.stdout


@pytest.mark.parametrize("name", CONTAINERS)
def test_embedded_decoder_of_a_real_slide(name: str, tmp_path: Path, without_models: Path) -> None:
    source = require_slide("CMU-1-Small-Region.svs")
    convert_slide(source, tmp_path / name, ConvertSettings(embed_model=True, min_psnr=0))
    found = read_without_models(without_models, READ, tmp_path / name)
    assert np.abs(found.astype(int) - read_here(tmp_path / name)).max() <= 1


@pytest.mark.parametrize("name", CONTAINERS)
def test_info_says_that_the_model_is_missing(
    name: str, drawn: Path, tmp_path: Path, without_models: Path
) -> None:
    convert_slide(drawn, tmp_path / name, ConvertSettings(tile=256))
    info = ["-m", "pathae_codec.cli", "info", tmp_path / name]
    run = run_without_models(without_models, *info)
    assert run.returncode == EXIT_LACKING == 4
    assert "not on this machine" in run.stdout
    assert "decodes here:       no\n" in run.stdout
    (line,) = run.stderr.splitlines()
    assert line.startswith(
        f"pathae: lacking: {tmp_path / name}: decoder of model {DEFAULT_MODEL} (sha"
    )
    assert "install a newer pathae" in line
    as_json = run_without_models(without_models, *info, "--json")
    assert as_json.returncode == EXIT_LACKING
    record = json.loads(as_json.stdout)
    assert record["needs"]["decoder"] == record["model"]["decoder"]
    assert record["needs"]["found"] is None
    read = run_without_models(without_models, "-c", READ, tmp_path / name, tmp_path / "x.npy")
    assert "ModelNotFoundError" in read.stderr


def test_info_says_that_nothing_runs_the_network(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    convert_slide(drawn, tmp_path / "a.tif", ConvertSettings(tile=256))
    monkeypatch.delenv("PATHAE_BACKEND", raising=False)
    monkeypatch.setattr("pathae_codec.backends.choice.find_spec", lambda name: None)
    capsys.readouterr()
    assert main(["info", str(tmp_path / "a.tif")]) == EXIT_LACKING
    captured = capsys.readouterr()
    assert "here: " in captured.out
    assert "pip install onnxruntime" in captured.err


def test_a_file_without_latents_needs_no_network(
    drawn: Path, tmp_path: Path, without_models: Path
) -> None:
    path = tmp_path / "a.tif"
    convert_slide(drawn, path, ConvertSettings(tile=256, max_error=0))
    info = run_without_models(without_models, "-m", "pathae_codec.cli", "info", path)
    assert (info.returncode, info.stderr) == (0, "")
    assert "no network: no tile is a latent" in info.stdout
    found = read_without_models(without_models, READ, path)
    np.testing.assert_array_equal(found, read_here(path))


def test_help_names_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["info", "--help"])
    assert "Exit code 4 if this machine lacks" in " ".join(capsys.readouterr().out.split())
