"""Many threads, many processes, and a converter beside a reader: the same pixels, or an error."""

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import ContainerError
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.storage import publication
from tests.tiny_model import tiny_model

NAMES = ("slide.tif", "slide.ome.zarr", "exact.tif")
"""The last holds the streams of its source."""
WIDTH, HEIGHT, TILE = 400, 320, 64
SECONDS = 240
"""A process that hangs fails by then."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two slides, a model, and the first slide in both containers."""
    folder = tmp_path_factory.mktemp("concurrency")
    (folder / "tiny.safetensors").write_bytes(save_artifact(tiny_model()))
    for seed in (0, 1):
        write_synthetic_slide(folder / f"{seed}.svs", WIDTH, HEIGHT, levels=2, seed=seed)
    for name in NAMES:
        convert(folder, folder / name)
    return folder


def convert(made: Path, destination: Path, seed: int = 0, *, overwrite: bool = False) -> None:
    exact = destination.name.startswith("exact")
    settings = ConvertSettings(
        tile=0 if exact else TILE,
        lossless=exact,
        model=str(made / "tiny.safetensors"),
        min_psnr=None if exact else 0,
        embed_model=True,
        overwrite=overwrite,
    )
    convert_slide(made / f"{seed}.svs", destination, settings)


def read_slide(path: Path) -> bytes:
    with pathae_codec.open(path) as slide:
        return slide.read_array((0, 0), 0, (WIDTH, HEIGHT)).tobytes()


def read_host(path: Path) -> bytes:
    """Read as zarr or tifffile do, to the order of `read_slide`."""
    if path.suffix == ".tif":
        return np.asarray(tifffile.imread(path, series=0, level=0)).tobytes()
    level: Any = zarr.open(path, mode="r")["0"]
    return np.moveaxis(level[:], 0, 2).tobytes()


READERS = (read_slide, read_host)


def digests(path: str) -> list[str]:
    """Read in every way; runs in other processes too."""
    return [sha256(read(Path(path))).hexdigest() for read in READERS]


@pytest.mark.parametrize("name", NAMES)
def test_threads_get_the_pixels_of_one_thread(name: str, made: Path) -> None:
    alone = {read: read(made / name) for read in READERS}
    with ThreadPoolExecutor(8) as pool, pathae_codec.open(made / name) as shared:
        whole = [pool.submit(lambda read=read: (read, read(made / name))) for read in READERS * 4]
        places = [(x, y) for y in range(0, HEIGHT, 50) for x in range(0, WIDTH, 50)]
        parts = [pool.submit(shared.read_array, place, 0, (50, 50)) for place in places * 2]
        for future in whole:
            read, pixels = future.result(timeout=SECONDS)
            assert pixels == alone[read]
        image = np.frombuffer(alone[read_slide], np.uint8).reshape(HEIGHT, WIDTH, 3)
        for (x, y), part in zip(places * 2, parts, strict=True):
            expected = image[y : y + 50, x : x + 50]
            assert np.array_equal(part.result(timeout=SECONDS)[: len(expected)], expected)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_the_pixels_of_one(method: str, made: Path) -> None:
    """Forked after use: the threads of worker and network are gone in the child."""
    paths = [str(made / name) for name in NAMES]
    alone = [digests(path) for path in paths]
    assert all(len(set(found)) == 1 for found in alone)
    assert alone[0] == alone[1], "both containers hold the same tiles"
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method))
    try:
        futures = [pool.submit(digests, path) for path in paths]
        assert [future.result(timeout=SECONDS) for future in futures] == alone
        assert digests(paths[0]) == alone[0]
    finally:
        for process in list(pool._processes.values()):
            process.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def read_on(slide: "pathae_codec.PathAESlide", ends: list[bytes], stop: threading.Event) -> None:
    """Read without a cache until told to stop; note the pixels, or the message of the error."""
    while not stop.is_set():
        slide._slide.cache.__init__(0)  # type: ignore[misc, union-attr]
        try:
            ends.append(slide.read_array((0, 0), 0, (WIDTH, HEIGHT)).tobytes())
        except ContainerError as error:
            ends.append(str(error).encode())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("overwritten", [True, False])
def test_a_reader_beside_a_converter(
    name: str, overwritten: bool, made: Path, tmp_path: Path
) -> None:
    """The old pixels or a typed error: never glass, never those of another slide."""
    path = tmp_path / name
    convert(made, path)
    old = read_slide(path)
    stop, ends = threading.Event(), []
    with pathae_codec.open(path) as slide:
        reader = threading.Thread(target=read_on, args=(slide, ends, stop))
        reader.start()
        convert(made, path if overwritten else tmp_path / f"other-{name}", 1, overwrite=True)
        stop.set()
        reader.join(SECONDS)
        assert not reader.is_alive()
        told = [end for end in ends if end != old]
        assert all(b"was replaced since it was opened" in end for end in told)
        assert old in ends
        if overwritten:
            slide._slide.cache.__init__(0)  # type: ignore[misc, union-attr]
            with pytest.raises(ContainerError, match="was replaced since it was opened"):
                slide.read_array((0, 0), 0, (WIDTH, HEIGHT))
        else:
            assert not told
    new = read_slide(path if overwritten else tmp_path / f"other-{name}")
    assert new != old
    assert new == read_host(path if overwritten else tmp_path / f"other-{name}")


def watch(path: Path, stop: threading.Event) -> int:
    """Count how often there is nothing at a path."""
    missing = 0
    while not stop.is_set():
        missing += not path.exists()
    return missing


def no_exchange(first: Path, second: Path) -> bool:
    return False


@pytest.mark.parametrize("exchange", [None, no_exchange])
@pytest.mark.parametrize("name", NAMES)
def test_overwriting_replaces_all_of_it(
    name: str,
    exchange: Callable[[Path, Path], bool] | None,
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file is replaced at once; so is a folder where the system can exchange two names."""
    path = tmp_path / name
    convert(made, path)
    if exchange:
        monkeypatch.setattr(publication, "exchange", exchange)
    whole = exchange is None and publication.exchange(made / "0.svs", made / "1.svs")
    if whole:
        assert publication.exchange(made / "0.svs", made / "1.svs")
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        missing = pool.submit(watch, path, stop)
        convert(made, path, 1, overwrite=True)
        stop.set()
        if whole or name.endswith(".tif"):
            assert missing.result() == 0
    assert [found.name for found in tmp_path.iterdir()] == [name]
    assert read_slide(path) == read_host(path)
