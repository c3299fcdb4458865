"""A user id without name and home, and a package that cannot be written to: what containers are."""

import shutil
from pathlib import Path

import pytest

import pathae_codec
from tests.field_faults.other_user import run_as_other
from tests.field_faults.small_slide import TILE, write_converted


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_converted(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def read_only_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the PYTHONPATH of a copy of the package in which nothing can be written."""
    root, home = tmp_path_factory.mktemp("installed"), Path(pathae_codec.__file__).parent.parent
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(home / "pathae_codec", root / "pathae_codec", ignore=unwanted)
    shutil.copytree(home / "plugins" / "pathae_plugins", root / "pathae_plugins", ignore=unwanted)
    for folder in [root, *root.rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o555)
    return root


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_all_commands_work(
    home: str, converted: Path, read_only_package: Path, tmp_path: Path
) -> None:
    environment = {"PYTHONPATH": str(read_only_package)} | ({"HOME": home} if home else {})
    model = converted.parent / "tiny.safetensors"
    options = ["--tile", str(TILE), "--model", model, "--min-psnr", "none", "--embed-model"]
    for command in (
        ["info", converted],
        ["models", "list"],
        ["validate", converted, "--decode"],
        ["export", converted, tmp_path / "out.tif", "--codec", "deflate"],
        ["convert", converted.parent / "s.tif", tmp_path / "c.tif", *options],
    ):
        run = run_as_other(*command, **environment)
        assert run.returncode == 0, (command, run.stdout, run.stderr)
        assert not run.stderr or "warning" in run.stderr


def test_no_place_for_a_model_is_one_line(converted: Path) -> None:
    run = run_as_other("models", "add", "org/missing", "--name", "x")
    assert "Traceback" not in run.stderr
    assert run.returncode == 2
