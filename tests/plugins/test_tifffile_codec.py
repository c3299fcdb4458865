"""PathAE in tifffile: every way of reading, and what is refused."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from pathae_plugins import tifffile_codec

from pathae_codec.arrays import Pixels
from pathae_codec.codec import decode_queue
from pathae_codec.errors import (
    ArtifactError,
    ChecksumError,
    FieldError,
    SettingError,
    TileShapeError,
)
from pathae_codec.tiff.tags import COMPRESSION, NODATA_TAG, PARAMETERS_TAG
from tests.tiny_model import SEED, decode_tiny, draw_tissue, encode_tiny, tiny_parameters

pytestmark = pytest.mark.usefixtures("tiny_model_folder", "registered")
SIDE = 64
HEIGHT, WIDTH = 150, 200
TIFF: Any = tifffile.TIFF


@pytest.fixture
def registered() -> Iterator[None]:
    tifffile_codec.register()
    yield
    tifffile_codec.register()


def cut(image: Pixels) -> Pixels:
    """Cut an image, padded with white, into tiles (tiles, SIDE, SIDE, 3), row by row."""
    height, width = (-(-side // SIDE) * SIDE for side in image.shape[:2])
    full = np.full((height, width, 3), 255, np.uint8)
    full[: image.shape[0], : image.shape[1]] = image
    rows = full.reshape(height // SIDE, SIDE, width // SIDE, SIDE, 3).swapaxes(1, 2)
    return rows.reshape(-1, SIDE, SIDE, 3)


def expected_pixels(image: Pixels, seed: int = SEED) -> Pixels:
    """Encode and decode an image tile by tile without tifffile."""
    tiles = decode_tiny(encode_tiny(cut(image), seed=seed), seed=seed)
    columns = -(-image.shape[1] // SIDE)
    rows = tiles.reshape(-1, columns, SIDE, SIDE, 3).swapaxes(1, 2)
    full = rows.reshape(-1, columns * SIDE, 3)
    return np.ascontiguousarray(full[: image.shape[0], : image.shape[1]])


def write_page(
    writer: tifffile.TiffWriter,
    tiles: Iterable[bytes],
    parameters: bytes | None = None,
    nodata: str | None = None,
    shape: tuple[int, ...] = (HEIGHT, WIDTH, 3),
    **options: int,
) -> None:
    tags: list[Any] = []
    if parameters is not None:
        tags.append((PARAMETERS_TAG, 7, len(parameters), parameters, True))
    if nodata is not None:
        tags.append((NODATA_TAG, 2, 0, nodata, True))
    writer.write(
        iter(tiles),
        shape=shape,
        dtype="uint8",
        tile=(SIDE, SIDE),
        photometric="rgb",
        compression=COMPRESSION,
        extratags=tags,
        metadata=None,
        **options,
    )


def write_tiff(path: Path, image: Pixels, seed: int = SEED, *, embed: bool = False) -> Pixels:
    """Write a TIFF of one page and return the pixels that it must read as."""
    with tifffile.TiffWriter(path) as writer:
        tiles = encode_tiny(cut(image), seed=seed)
        write_page(writer, tiles, tiny_parameters(seed, embed=embed))
    return expected_pixels(image, seed)


@pytest.fixture
def image() -> Pixels:
    return draw_tissue(HEIGHT, WIDTH)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """List how many tiles the worker decodes at once."""
    sizes: list[int] = []
    decode = decode_queue._decode

    def record(jobs: list[object]) -> None:
        sizes.append(len(jobs))
        decode(jobs)  # type: ignore[arg-type]

    monkeypatch.setattr(decode_queue, "_decode", record)
    return sizes


def test_imread_asarray_segments_and_pages(tmp_path: Path, image: Pixels) -> None:
    expected = write_tiff(tmp_path / "a.tif", image)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), expected)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        page = tiff.pages.first
        assert page.compression == COMPRESSION
        assert page.compression.name == "PATHAE"
        np.testing.assert_array_equal(page.asarray(maxworkers=1), expected)
        np.testing.assert_array_equal(tiff.asarray(maxworkers=3), expected)
        for tile, (_, _, top, left, _), shape in page.segments():
            assert tile is not None
            height, width = shape[1:3]
            part = expected[top : top + height, left : left + width]
            np.testing.assert_array_equal(tile[0, : part.shape[0], : part.shape[1]], part)


def test_aszarr_decodes_one_tile_for_a_small_window(
    tmp_path: Path, image: Pixels, batches: list[int]
) -> None:
    expected = write_tiff(tmp_path / "a.tif", image)
    with tifffile.imread(tmp_path / "a.tif", aszarr=True) as store:
        array: Any = zarr.open(store, mode="r")
        np.testing.assert_array_equal(array[70:120, 66:76], expected[70:120, 66:76])
        assert batches == [1]
        np.testing.assert_array_equal(array[:], expected)


def test_tiles_are_decoded_in_batches(tmp_path: Path, image: Pixels, batches: list[int]) -> None:
    write_tiff(tmp_path / "a.tif", image)
    tifffile.imread(tmp_path / "a.tif")
    assert sum(batches) == 12
    assert max(batches) > 1


def test_pyramid_reads_the_parameters_of_the_first_page(tmp_path: Path, image: Pixels) -> None:
    small = draw_tissue(80, 100, seed=1)
    with tifffile.TiffWriter(tmp_path / "a.tif", bigtiff=True) as writer:
        write_page(writer, encode_tiny(cut(image)), tiny_parameters(), subifds=1)
        write_page(writer, encode_tiny(cut(small)), shape=small.shape, subfiletype=1)
        write_page(writer, encode_tiny(cut(small)), shape=small.shape)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        np.testing.assert_array_equal(tiff.pages.first.asarray(), expected_pixels(image))
        assert tiff.pages.first.pages is not None
        sub_page = tiff.pages.first.pages[0]
        np.testing.assert_array_equal(sub_page.asarray(), expected_pixels(small))
        np.testing.assert_array_equal(tiff.pages[1].asarray(), expected_pixels(small))


def test_stack_of_pages_with_frames(tmp_path: Path, image: Pixels) -> None:
    other = draw_tissue(HEIGHT, WIDTH, seed=2)
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        write_page(writer, encode_tiny(cut(image)), tiny_parameters())
        write_page(writer, encode_tiny(cut(other)))
    read = tifffile.imread(tmp_path / "a.tif", key=[0, 1])
    np.testing.assert_array_equal(read, [expected_pixels(image), expected_pixels(other)])


@pytest.mark.parametrize("nodata", [None, "255"])
def test_tiles_of_no_bytes_are_white(tmp_path: Path, image: Pixels, nodata: str | None) -> None:
    tiles = encode_tiny(cut(image))
    tiles[0] = b""
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        write_page(writer, tiles, tiny_parameters(), nodata)
    expected = expected_pixels(image)
    expected[:SIDE, :SIDE] = 255
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), expected)
    with tifffile.imread(tmp_path / "a.tif", aszarr=True) as store:
        array: Any = zarr.open(store, mode="r")
        np.testing.assert_array_equal(array[:], expected)


def test_two_files_with_other_parameters_in_threads(tmp_path: Path, image: Pixels) -> None:
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    expected = [write_tiff(paths[0], image), write_tiff(paths[1], image, seed=7, embed=True)]
    assert (expected[0] != expected[1]).any()
    with ThreadPoolExecutor(4) as pool:
        reads = pool.map(lambda index: tifffile.imread(paths[index % 2]), range(12))
        for index, read in enumerate(reads):
            np.testing.assert_array_equal(read, expected[index % 2])


def test_a_shared_page_in_four_threads(tmp_path: Path, image: Pixels) -> None:
    expected = write_tiff(tmp_path / "a.tif", image)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff, ThreadPoolExecutor(4) as pool:
        # Without it threads move one another's file position, whatever the compression is.
        tiff.filehandle.set_lock(True)
        for read in pool.map(lambda _: tiff.pages.first.asarray(), range(8)):
            np.testing.assert_array_equal(read, expected)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_reads_after_a_fork(tmp_path: Path, image: Pixels) -> None:
    expected = write_tiff(tmp_path / "a.tif", image)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), expected)
    child = os.fork()
    if not child:
        equal = False
        with suppress(Exception):
            equal = np.array_equal(tifffile.imread(tmp_path / "a.tif"), expected)
        os._exit(0 if equal else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_file_without_parameters_is_refused(tmp_path: Path, image: Pixels) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        write_page(writer, encode_tiny(cut(image)))
    with pytest.raises(ArtifactError, match=f"{PARAMETERS_TAG}"):
        tifffile.imread(tmp_path / "a.tif")


def test_damaged_tile_is_refused(tmp_path: Path, image: Pixels) -> None:
    tiles = encode_tiny(cut(image))
    tiles[3] = tiles[3][:-1] + bytes([tiles[3][-1] ^ 1])
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        write_page(writer, tiles, tiny_parameters())
    with pytest.raises(ChecksumError):
        tifffile.imread(tmp_path / "a.tif")


def test_tile_of_another_size_is_refused(tmp_path: Path, image: Pixels) -> None:
    tiles = encode_tiny(cut(image))
    (tiles[2],) = encode_tiny(draw_tissue(SIDE, 2 * SIDE)[None])
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        write_page(writer, tiles, tiny_parameters())
    with pytest.raises(FieldError, match="expected tiles"):
        tifffile.imread(tmp_path / "a.tif")


def test_strips_and_other_data_types_are_refused(tmp_path: Path, image: Pixels) -> None:
    parameters = tiny_parameters()
    tag: Any = (PARAMETERS_TAG, 7, len(parameters), parameters, True)
    tifffile.imwrite(tmp_path / "s.tif", image, compression="zlib", extratags=[tag])
    with tifffile.TiffFile(tmp_path / "s.tif", mode="r+") as tiff:
        tiff.pages.first.tags[259].overwrite(COMPRESSION)
    with pytest.raises(TileShapeError, match="strips"):
        tifffile.imread(tmp_path / "s.tif")


def test_pixels_and_lone_bytes_are_refused(tmp_path: Path, image: Pixels) -> None:
    with pytest.raises(SettingError, match="pathae convert"):
        tifffile.imwrite(tmp_path / "a.tif", image, tile=(SIDE, SIDE), compression="PATHAE")
    with pytest.raises(SettingError, match="page"):
        TIFF.DECOMPRESSORS[COMPRESSION](encode_tiny(cut(image))[0])


def test_error_of_the_worker_reaches_every_waiter(
    tmp_path: Path, image: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiff(tmp_path / "a.tif", image)

    def fail(parameters: bytes, tile: bytes) -> "Future[Pixels]":
        future: Future[Pixels] = Future()
        future.set_exception(ArtifactError("no such luck"))
        return future

    monkeypatch.setattr("pathae_plugins.tiff_page.read_later", fail)
    with pytest.raises(ArtifactError, match="no such luck"):
        tifffile.imread(tmp_path / "a.tif")
