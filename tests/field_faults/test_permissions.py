"""What may not be read is told by name, and never taken for what is not there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathae_codec.transcoding.transcode import TranscodeSettings, transcode_slide
from tests.field_faults.other_user import run_as_other
from tests.field_faults.small_slide import write_converted


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    converted = write_converted(folder)
    transcode_slide(converted, folder / "c.ome.zarr")
    transcode_slide(converted, folder / "two.ome.zarr", TranscodeSettings(ngff="0.4"))
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(made, tmp_path / "slides")
    yield tmp_path / "slides"
    for path in [tmp_path / "slides", *(tmp_path / "slides").rglob("*")]:
        path.chmod(0o755)


@pytest.mark.parametrize(
    ("command", "closed", "code"),
    [
        ("validate c.ome.zarr", "c.ome.zarr/0/c", 3),
        ("validate two.ome.zarr", "two.ome.zarr/0/0", 3),
        ("export c.ome.zarr out.tif", "c.ome.zarr/0/c", 2),
        ("transcode two.ome.zarr out.tif", "two.ome.zarr/0/0/1", 2),
        ("info c.ome.zarr", "c.ome.zarr", 2),
        ("info c.ome.zarr", "c.ome.zarr/zarr.json", 2),
        ("info c.ome.zarr", "c.ome.zarr/0/zarr.json", 2),
        ("info c.tif", "c.tif", 2),
        ("validate c.tif", "c.tif", 2),
        ("info --phi c.tif", "c.tif", 2),
        ("convert s.tif out.tif", "s.tif", 2),
        ("verify c.tif --against s.tif", "s.tif", 2),
    ],
)
def test_permission_denied_and_the_name(command: str, closed: str, code: int, copied: Path) -> None:
    (copied / closed).chmod(0)
    arguments = [copied / word if "." in word else word for word in command.split()]
    run = run_as_other(*arguments)
    assert "permission denied" in run.stderr, run.stderr
    assert closed.split("/")[0] in run.stderr
    assert "Traceback" not in run.stderr
    assert "left out" not in run.stdout
    assert run.returncode == code
