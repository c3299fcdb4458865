"""Fixtures that all tests share."""

from collections.abc import Iterator
from functools import cache
from inspect import getsource
from pathlib import Path
from types import ModuleType

import pytest
import tifffile

from pathae_codec.codec import decode_queue
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.model import carried_decoders, library
from pathae_codec.model.artifact_file import save_artifact
from tests import shared_data
from tests.mixed_slide import TILE, draw_mixed_slide
from tests.tiny_model import tiny_model

NEEDS_TORCH = '\npytest.importorskip("torch"'
REQUIRE = {name for name in vars(shared_data) if name.startswith("require_")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they call and import, so that no marker is forgotten."""
    for item in items:
        if isinstance(item, pytest.Function):
            if NEEDS_TORCH in _source(item.module):
                item.add_marker("torch")
            if REQUIRE & set(item.function.__code__.co_names):
                item.add_marker("shared")


@pytest.fixture
def forget_models() -> Iterator[None]:
    """Let a test change the model folders: forget before and after what was found in them."""
    _forget_models()
    yield
    _forget_models()


@pytest.fixture
def tiny_model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_models: None) -> Path:
    """Return a folder with the tiny model in it, named by `PATHAE_MODELS`."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "tiny.safetensors").write_bytes(save_artifact(tiny_model()))
    monkeypatch.setenv("PATHAE_MODELS", str(folder))
    return folder


@pytest.fixture(scope="session")
def mixed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the mixed slide, source.tif, and what `--min-psnr 32` makes of it."""
    folder = tmp_path_factory.mktemp("mixed")
    source = folder / "source.tif"
    tifffile.imwrite(source, draw_mixed_slide(), photometric="rgb", tile=(TILE, TILE))
    for name in ("mixed.tif", "mixed.ome.zarr"):
        convert_slide(source, folder / name, ConvertSettings(tile=TILE, min_psnr=32.0))
    return folder


@cache
def _source(module: ModuleType) -> str:
    return getsource(module)


def _forget_models() -> None:
    library.load_model_file.cache_clear()
    library._peek.cache_clear()
    decode_queue.codec_for.cache_clear()
    carried_decoders._kept.clear()
