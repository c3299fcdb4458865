"""Converting and reading leave files at the destination and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import tifffile

from pathae_codec.model.artifact_file import save_artifact
from tests.architecture.source import ROOT
from tests.tiny_model import draw_tissue, tiny_model

CONVERT = """
import sys
from pathlib import Path
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
source, out, model = map(Path, sys.argv[1:])
settings = ConvertSettings(
    model=str(model), tile=64, embed_model=True, min_psnr=0, backend="onnx", threads=1
)
convert_slide(source, out, settings)
"""
READ = """
import multiprocessing
import sys

def total(path):
    import zarr
    return int(zarr.open(path, mode="r")["0"][:].sum())

if __name__ == "__main__":
    expected = total(sys.argv[1])
    for method in ("spawn", "fork"):
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.map(total, [sys.argv[1]]) == [expected]
"""
TELEMETRY = "ORT_DISABLE_TELEMETRY"


def elsewhere(folder: Path) -> dict[str, str]:
    """Return the environment of a process whose home, cache and temporary folder are below one."""
    names = {"HOME": "home", "XDG_CACHE_HOME": "home/cache", "TMPDIR": "temporary"}
    for name in names.values():
        (folder / name).mkdir(parents=True)
    environment = os.environ | {key: str(folder / name) for key, name in names.items()}
    environment["PATHAE_BACKEND"] = "onnx"
    path = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path)
    environment.pop(TELEMETRY, None)
    return environment


def test_no_files_outside_of_the_destination(tmp_path: Path) -> None:
    model, source = tmp_path / "tiny.safetensors", tmp_path / "source.tif"
    model.write_bytes(save_artifact(tiny_model()))
    tifffile.imwrite(source, draw_tissue(130, 130), photometric="rgb", tile=(64, 64))
    (tmp_path / "convert.py").write_text(CONVERT)
    (tmp_path / "read.py").write_text(READ)
    user, out = tmp_path / "user", tmp_path / "out.ome.zarr"
    environment = elsewhere(user)
    for arguments in (["convert.py", str(source), str(out), str(model)], ["read.py", str(out)]):
        subprocess.run(
            [sys.executable, *arguments], env=environment, cwd=tmp_path, check=True, timeout=300
        )
    assert [path for path in user.rglob("*") if not path.is_dir()] == []


@pytest.mark.parametrize(("stated", "expected"), [(None, "1"), ("0", "0")])
def test_users_own_setting_stays(tmp_path: Path, stated: str | None, expected: str) -> None:
    environment = elsewhere(tmp_path) | ({} if stated is None else {TELEMETRY: stated})
    code = f"import pathae_codec.backends.onnx_backend, os; print(os.environ[{TELEMETRY!r}])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [expected]
