"""Whatever fsspec and the libraries behind it raise: an error of ours that names the object."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import pathae_codec
from pathae_codec.container import open_container
from pathae_codec.errors import (
    AccessRefusedError,
    ConnectionFailedError,
    ContainerError,
    SlideNotFoundError,
    SlideReadError,
    WrongAnswerError,
)
from pathae_codec.geometry import TileIndex
from pathae_codec.storage.remote import RemoteStorage

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: the extra pathae[remote]")
FIXTURES = Path(__file__).parents[1] / "fixtures" / "0.1.0"
PLACE = TileIndex(0, 0)


@pytest.fixture
def memory() -> Iterator[object]:
    """Return fsspec's own store, with two slides in it."""
    store = fsspec.filesystem("memory")
    store.put(str(FIXTURES / "slide.ome.zarr"), "/errors/slide.ome.zarr", recursive=True)
    store.put(str(FIXTURES / "slide.tif"), "/errors/slide.tif")
    yield store
    store.rm("/errors", recursive=True)


class OfAnotherLibraryError(Exception):
    """Its text holds the address, as those of some libraries do."""


@pytest.mark.parametrize(
    ("raised", "expected", "text"),
    [
        (FileNotFoundError("memory://k:word@x"), SlideNotFoundError, "expected a file, found none"),
        (PermissionError(13, "no"), AccessRefusedError, "refuses to give it"),
        (TimeoutError(), ConnectionFailedError, "no answer in time"),
        (OSError(5, "word"), ConnectionFailedError, r"cannot be read \(OSError\)"),
        (OfAnotherLibraryError("word"), ConnectionFailedError, "OfAnotherLibraryError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_errors_are_ours(
    raised: Exception, expected: type[SlideReadError], text: str, memory: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    del memory
    storage = RemoteStorage("memory://errors/slide.tif")

    def refuse(*_: object, **__: object) -> bytes:
        raise raised

    for call in ("cat_file", "info"):
        monkeypatch.setattr(type(fsspec.filesystem("memory")), call, refuse)
    for ask in (
        lambda: storage.read("", 0, 4), lambda: storage.size(""),
        lambda: storage.read_whole("", 100),
    ):  # fmt: skip
        with pytest.raises(expected, match=text) as error:
            ask()
        assert "memory://errors/slide.tif" in str(error.value)
        assert "word" not in str(error.value)


@pytest.mark.parametrize("name", ["slide.tif", "slide.ome.zarr"])
def test_a_store_gives_the_slide(name: str, memory: object) -> None:
    del memory
    here = open_container(FIXTURES / name).tile_bytes(0, PLACE)
    assert open_container(f"memory://errors/{name}").tile_bytes(0, PLACE) == here


def test_more_than_a_limit_is_not_read(memory: object) -> None:
    del memory
    storage = RemoteStorage("memory://errors/slide.tif")
    with pytest.raises(ContainerError, match="expected 100 bytes at most"):
        storage.read_whole("", 100)


def test_a_tiff_that_ends_early_is_told(memory: object, monkeypatch: pytest.MonkeyPatch) -> None:
    store = type(memory)
    whole = store.cat_file  # type: ignore[attr-defined]
    monkeypatch.setattr(store, "cat_file", lambda *a, **k: whole(*a, **k)[:1000])
    with pytest.raises(WrongAnswerError, match=r"slide.tif: expected its bytes .* was cut off"):
        pathae_codec.open("memory://errors/slide.tif")
