"""Readers of the interop suite that cost little, in this environment; all: tests/interop."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from tests.interop.http_server import serve
from tests.interop.readme import short_table
from tests.interop.runs import Finding, Run, load_runs, store_run
from tests.interop.table import support_table
from tests.interop.tools import CONTAINERS, GROUPS, TIFF, ZARR2, ZARR3, ZARRS

READERS = Path(__file__).with_name("readers")
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


def found(tool: str, python: str, version: str, result: str, message: str) -> Finding:
    return Finding(tool, python, ZARR3, version, result, message, True, {})


def test_table_has_a_line_for_each_tool(tmp_path: Path) -> None:
    older = [
        found("zarr", "3.11", "3.10.0", "equal", ""),
        found("zarr", "3.11", "3.2.6", "equal", ""),
    ]
    newer = [
        found("zarr", "3.12", "3.10.0", "equal", ""),
        found("vips", "3.12", "8.18", "refuses", "two\nlines | a bar"),
    ]
    store_run(tmp_path, Run("a.svs", "3.12", "3.12.1", newer))
    store_run(tmp_path, Run("a.svs", "3.11", "3.11.7", older))
    table = support_table(list(load_runs(tmp_path).values()))
    lines = table.splitlines()
    assert lines[0] == "Read: a.svs, in one run on each of Python 3.11.7 and 3.12.1."
    assert lines[4:] == [
        "| zarr | 3.2.6 (3.11), 3.10.0 (3.11, 3.12) | pixels equal | — | — |",
        "| vips | 8.18 (3.12) | refuses: two lines / a bar | — | — |",
    ]
    assert short_table(table).splitlines()[2:] == [
        "| zarr 3.2.6 to 3.10.0 | 3.11, 3.12 | yes |  |  |",
        "| vips 8.18 | 3.12 | **no**: two lines / a bar |  |  |",
    ]


def test_a_run_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    for version in ("3.1.0", "3.4.2"):
        tool = found("zarr", "3.12", version, "equal", "")
        store_run(tmp_path, Run("a.svs", "3.12", "3.12.1", [tool]))
    runs = load_runs(tmp_path)
    assert runs == {"3.12": Run("a.svs", "3.12", "3.12.1", [tool])}
    assert support_table(list(runs.values())).startswith(
        "Read: a.svs, in one run on Python 3.12.1."
    )
