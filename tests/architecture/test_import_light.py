"""Importing the package costs next to nothing and loads none of the heavy libraries."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

HEAVY = (
    "torch",
    "onnxruntime",
    "openvino",
    "numba",
    "onnx",
    "tifffile",
    "zarr",
    "openslide",
    "imagecodecs",
)
MOST_MILLISECONDS = 60
RUNS = 7


def run(code: str) -> str:
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")])
    # Without the startup hook: it is tested with the plugins.
    environment = os.environ | {"PYTHONPATH": path, "PATHAE_NO_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def loaded_by(statement: str) -> list[str]:
    code = f"{statement}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    return run(code).split()


def milliseconds(statement: str) -> float:
    code = (
        f"import time\nt = time.process_time()\n{statement}\nprint((time.process_time() - t) * 1e3)"
    )
    return min(float(run(code)) for _ in range(RUNS))


@pytest.mark.parametrize(
    "module",
    [
        "pathae_codec",
        "pathae_codec.codec.tile_codec",
        "pathae_codec.codec.decode_queue",
        "pathae_codec.conversion.convert",
    ],
)
def test_import_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}") == []


def test_symbols_need_numpy_only() -> None:
    """Covers R-7.3-no-substitute as far as the class `symbols` needs nothing else."""
    assert loaded_by("import pathae_codec.bitstream.tile, pathae_codec.bitstream.rans") == []


def test_zarr_codec_loads_no_network_library() -> None:
    loaded = loaded_by("import pathae_plugins.zarr_codec")
    assert not {"torch", "onnxruntime", "openvino", "tifffile", "openslide"} & set(loaded)


def test_import_is_fast() -> None:
    numpy = milliseconds("import numpy")
    assert milliseconds("import numpy, pathae_codec") - numpy < MOST_MILLISECONDS
