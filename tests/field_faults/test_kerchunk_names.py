"""References to a TIFF whose name needs quoting in a URL, which fsspec does not undo."""

import json
import shutil
from pathlib import Path

import fsspec
import numpy as np
import pytest
import zarr
from zarr.storage import FsspecStore

import pathae_codec
from pathae_codec.cli import main
from tests.field_faults.small_slide import write_converted

NAMES = ["a b.tif", "größe-Ж.tif", "#1.tif", "a?b=c.tif", "a[1].tif", "it's %20.tif", "c.tif"]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_converted(tmp_path_factory.mktemp("kerchunk"))


def check(references: Path, file: Path, **options: object) -> None:
    """Read level 0 by references, as zarr does, and compare it with our own reader's."""
    fs = fsspec.filesystem(
        "reference", fo=str(references), asynchronous=True, skip_instance_cache=True, **options
    )
    group = zarr.open_group(FsspecStore(fs, read_only=True, path=""), mode="r", zarr_format=2)
    slide = pathae_codec.open(file)
    pixels = np.moveaxis(np.asarray(group["0"]), 0, -1)
    np.testing.assert_array_equal(pixels, slide.read_array((0, 0), 0, slide.dimensions))


@pytest.mark.parametrize("name", NAMES)
def test_together_they_are_relative_and_move(
    name: str, converted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "before").mkdir()
    shutil.copy(converted, tmp_path / "before" / name)
    assert main(["kerchunk", str(tmp_path / "before" / name)]) == 0
    (tmp_path / "before").rename(tmp_path / "after")
    file = tmp_path / "after" / name
    references = file.with_suffix(".json")
    assert json.loads(references.read_text("utf-8"))["templates"] == {"u": name}
    check(references, file, template_overrides={"u": str(file)})
    monkeypatch.chdir(file.parent)
    check(references, file)


@pytest.mark.parametrize("name", NAMES)
def test_apart_the_path_is_whole(name: str, converted: Path, tmp_path: Path) -> None:
    for folder in ("slides", "references"):
        (tmp_path / folder).mkdir()
    file, references = tmp_path / "slides" / name, tmp_path / "references" / "a.json"
    shutil.copy(converted, file)
    assert main(["kerchunk", str(file), "-o", str(references)]) == 0
    check(references, file)
    above = tmp_path / "above.json"
    assert main(["kerchunk", str(file), "-o", str(above)]) == 0
    assert json.loads(above.read_text("utf-8"))["templates"] == {"u": f"slides/{name}"}
