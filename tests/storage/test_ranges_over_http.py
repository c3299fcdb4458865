"""URLs: our own reader asks a real server for few ranges of bytes, and each byte once."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pathae_codec
from benchmarks.synthetic_slide import write_synthetic_slide
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.errors import SlideNotFoundError, WrongAnswerError
from pathae_codec.storage.ranged_file import BLOCK, HeldBlocks, RangedFile
from pathae_codec.storage.ranges import MOST_BETWEEN, ByteRange, merge_ranges, read_ranges
from tests.interop.http_server import CountingServer, serve

TILE = 128
FILES = {"slide.tif": "0.5", "slide.ome.zarr": "0.5", "slide-0.4.ome.zarr": "0.4"}
MOST_REQUESTS = {"slide.tif": 1, "slide.ome.zarr": 3, "slide-0.4.ome.zarr": 2}
"""For a window inside one tile: the index of the shard, where there is one, the tile and, for the
first one of an OME-Zarr, its hash. A TIFF has the ledger beside its directories."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    write_synthetic_slide(folder / "drawn.svs", width=1403, height=1102, levels=2)
    for name, ngff in FILES.items():
        asked = ConvertSettings(
            tile=TILE, ngff=ngff, keep=frozenset({"label", "macro"}), min_psnr=0
        )
        convert_slide(folder / "drawn.svs", folder / name, asked)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[CountingServer]:
    with serve(folder) as server:
        yield server


@pytest.mark.parametrize("name", FILES)
def test_a_window_takes_few_requests(name: str, folder: Path, server: CountingServer) -> None:
    local = pathae_codec.open(folder / name)
    slide = pathae_codec.open(f"{server.url}/{name}")
    opened = server.take_counts()
    assert opened.requests <= 9
    window = slide.read_array((150, 140), 0, (40, 40))
    counts = server.take_counts()
    print(f"{name}: open {opened}, window {counts}")
    assert counts.requests <= MOST_REQUESTS[name] <= 3
    assert counts.bytes < 64 << 10
    np.testing.assert_array_equal(window, local.read_array((150, 140), 0, (40, 40)))
    # Its neighbour to the left: the index of the shard is there already.
    slide.read_array((TILE - 20, 140), 0, (40, 40))
    assert server.take_counts().requests <= 1


def test_nothing_at_a_url_is_not_called_a_wrong_file(server: CountingServer) -> None:
    with pytest.raises(SlideNotFoundError, match="expected a file, found none"):
        pathae_codec.open(f"{server.url}/none.tif")


@pytest.mark.parametrize("name", ["slide.tif", "slide.ome.zarr"])
def test_a_window_on_four_tiles_takes_three_requests(
    name: str, folder: Path, server: CountingServer
) -> None:
    slide = pathae_codec.open(f"{server.url}/{name}")
    server.take_counts()
    # Two rows of two neighbours each, and the index of the shard.
    corner = ((3 * TILE - 20, 2 * TILE - 20), 0, (40, 40))
    window = slide.read_array(*corner)
    assert server.take_counts().requests <= 3
    np.testing.assert_array_equal(window, pathae_codec.open(folder / name).read_array(*corner))


def test_a_shard_index_is_asked_for_once(folder: Path, server: CountingServer) -> None:
    slide = pathae_codec.open(f"{server.url}/slide.ome.zarr")
    server.take_counts()
    whole = slide.read_array((0, 0), 0, slide.dimensions)
    # 11 x 9 tiles in four shards: their indices, and for each of two batches a request a shard.
    assert server.take_counts().requests <= 4 + 2 * 4
    local = pathae_codec.open(folder / "slide.ome.zarr")
    np.testing.assert_array_equal(whole, local.read_array((0, 0), 0, slide.dimensions))


# Busy machines generate slowly.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60000), st.integers(0, 9000))),
    st.integers(0, 3),
)
def test_merged_ranges_give_each_its_bytes(
    places: list[tuple[str, int, int]], missing: int
) -> None:
    data = {name: np.random.default_rng(seed).bytes(70000) for seed, name in enumerate("ab")}

    class Storage:
        def read(self, name: str, start: int = 0, stop: int | None = None) -> bytes:
            return data[name][start:stop]

    ranges = [ByteRange(name, start, start + count) for name, start, count in places]
    wanted = [*ranges, *[None] * missing]
    found = read_ranges(Storage(), wanted)  # type: ignore[arg-type]
    assert found == [
        None if place is None else data[place.name][place.start : place.stop] for place in wanted
    ]
    for first, second in pairwise(merge_ranges(ranges)):
        assert first.name < second.name or second.start - first.stop > MOST_BETWEEN


@pytest.mark.parametrize("name", FILES)
def test_everything_is_read_once(name: str, folder: Path, server: CountingServer) -> None:
    slide, local = pathae_codec.open(f"{server.url}/{name}"), pathae_codec.open(folder / name)
    server.take_counts()
    assert dict(slide.properties) == dict(local.properties)
    assert server.take_counts().requests == 0, "sizes are in the metadata"
    for image, pixels in slide.associated_images.items():
        np.testing.assert_array_equal(np.asarray(pixels), local.associated_images[image])
    assert set(slide.associated_images) == {"label", "macro", "thumbnail"}
    assert server.take_counts().requests <= 6


def test_a_tiff_costs_no_byte_twice(folder: Path, server: CountingServer) -> None:
    size = (folder / "slide.tif").stat().st_size
    slide = pathae_codec.open(f"{server.url}/slide.tif")
    assert dict(slide.properties)
    images = [np.asarray(image) for image in slide.associated_images.values()]
    assert len(images) == 3
    counts = server.take_counts()
    assert counts.bytes <= size
    # The size, and the blocks that hold directories and images, neighbours together.
    assert counts.requests <= 1 + -(-size // BLOCK)


@pytest.mark.parametrize("name", ["slide.ome.zarr", "slide-0.4.ome.zarr"])
def test_zarr_reads_urls(name: str, folder: Path, server: CountingServer) -> None:
    array = zarr.open_group(f"{server.url}/{name}", mode="r")["0"]
    assert isinstance(array, zarr.Array)
    server.take_counts()
    window = array[:, 140:180, 150:190]
    assert server.take_counts().requests <= 3
    expected = pathae_codec.open(folder / name).read_array((150, 140), 0, (40, 40))
    np.testing.assert_array_equal(np.asarray(window).transpose(1, 2, 0), expected)


@pytest.mark.parametrize("name", FILES)
def test_a_server_without_ranges_is_read_too(name: str, folder: Path) -> None:
    expected = pathae_codec.open(folder / name).read_array((150, 140), 0, (40, 40))
    with serve(folder, ranges=False) as server:
        slide = pathae_codec.open(f"{server.url}/{name}")
        np.testing.assert_array_equal(slide.read_array((150, 140), 0, (40, 40)), expected)


def test_long_reads_are_one_request_and_blocks_are_held() -> None:
    data = np.random.default_rng(0).integers(0, 256, 5 * BLOCK + 100, np.uint8).tobytes()
    asked: list[tuple[int, int]] = []

    def fetch(start: int, stop: int) -> bytes:
        asked.append((start, stop))
        return data[start:stop]

    held = HeldBlocks()
    file = RangedFile(fetch, len(data), held)
    assert (file.seek(10), file.read(20)) == (10, data[10:30])
    assert file.read(4 * BLOCK) == data[30 : 30 + 4 * BLOCK]
    assert asked == [(0, BLOCK), (BLOCK, 5 * BLOCK)]
    assert file.seek(-50, 2) == len(data) - 50
    assert file.read(100) == data[-50:]
    assert file.read(1) == b""
    again = RangedFile(fetch, len(data), held)
    assert again.read() == data
    assert len(asked) == 3
    with pytest.raises(ValueError, match="0 or more"):
        file.seek(-1)


def test_a_file_that_ends_early_is_told() -> None:
    file = RangedFile(lambda start, stop: b"", 100, HeldBlocks())
    with pytest.raises(WrongAnswerError, match="bytes 0 to 10"):
        file.read(10)
