"""Readers of the interop suite that cost little, in this environment; all: tests/interop."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.convert import convert_slide
from pathae_codec.settings import ConvertSettings
from tests.interop.http_server import serve
from tests.interop.table import Finding, support_table
from tests.interop.tools import CONTAINERS, GROUPS, TIFF, ZARR2, ZARR3, ZARRS

READERS = Path(__file__).parent / "interop" / "readers"
Reader = Callable[[str], list[NDArray[np.uint8]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides")
    write_synthetic_slide(folder / "drawn.svs", width=700, height=600, levels=2)
    for container, name in CONTAINERS.items():
        settings = ConvertSettings(
            tile=128, ngff="0.4" if container == ZARR2 else "0.5", min_psnr=0
        )
        convert_slide(folder / "drawn.svs", folder / name, settings)
    return folder


@pytest.fixture
def find_reader(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Reader]:
    monkeypatch.syspath_prepend(str(READERS))
    return lambda name: import_module(name).read


def expected(path: Path) -> list[NDArray[np.uint8]]:
    with pathae_codec.open(path) as slide:
        return [
            slide.read_array((0, 0), level, size)
            for level, size in enumerate(slide.level_dimensions)
        ]


@pytest.mark.parametrize(
    ("reader", "container"),
    [
        *(("read_zarr", container) for container in ZARRS),
        *(("read_zip_store", container) for container in ZARRS),
        *(("read_dask_threads", container) for container in ZARRS),
        ("read_dask_processes", ZARR3),
        ("read_numcodecs", ZARR2),
        ("read_tifffile", TIFF),
        ("read_tifffile_zarr", TIFF),
        ("read_tiffslide", TIFF),
    ],
)
def test_tool_gives_our_pixels(
    reader: str, container: str, folder: Path, find_reader: Callable[[str], Reader]
) -> None:
    path = folder / CONTAINERS[container]
    levels = find_reader(reader)(str(path))
    for mine, other in zip(expected(path), levels, strict=True):
        np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize(
    ("reader", "container"),
    [*(("read_zarr", container) for container in ZARRS), ("read_fsspec_tifffile", TIFF)],
)
def test_tool_gives_our_pixels_over_http(
    reader: str, container: str, folder: Path, find_reader: Callable[[str], Reader]
) -> None:
    path = folder / CONTAINERS[container]
    with serve(folder) as server:
        levels = find_reader(reader)(f"{server.url}/{path.name}")
    for mine, other in zip(expected(path), levels, strict=True):
        np.testing.assert_array_equal(mine, other)


def test_refusals_are_in_words(folder: Path, find_reader: Callable[[str], Reader]) -> None:
    read = find_reader("read_openslide")
    with pytest.raises(Exception, match="Unsupported TIFF compression: 44718"):
        read(str(folder / CONTAINERS[TIFF]))
    with pytest.raises(Exception, match="Unsupported or missing image file"):
        read(str(folder / CONTAINERS[ZARR3]))


def test_every_tool_has_a_reader() -> None:
    named = {tool.reader for group in GROUPS for tool in group.tools}
    assert named == {path.stem for path in READERS.glob("read_*.py")}


def test_table_has_a_line_for_each_tool() -> None:
    def found(tool: str, python: str, version: str, result: str, message: str) -> Finding:
        return Finding(tool, python, ZARR3, version, result, message, True, {})

    table = support_table(
        [
            found("zarr", "3.11", "3.1.6", "equal", ""),
            found("zarr", "3.12", "3.4.2", "equal", ""),
            found("vips", "3.12", "8.18", "refuses", "two\nlines | a bar"),
        ]
    )
    assert table.splitlines()[2:] == [
        "| zarr | 3.1.6 (3.11), 3.4.2 (3.12) | pixels equal | — | — |",
        "| vips | 8.18 (3.12) | refuses: two lines / a bar | — | — |",
    ]
