"""The zarr v3 codec: zarr finds it by its entry point and reads what it must, lazily."""

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import dask.array
import numpy as np
import pytest
import zarr
from pathae_plugins.zarr_codec import PathAECodec

from pathae_codec.arrays import Pixels
from pathae_codec.codec import decode_queue
from pathae_codec.errors import (
    ChecksumError,
    ModelNotFoundError,
    TileShapeError,
)
from tests.tiny_model import (
    decode_tiny,
    draw_tissue,
    encode_tiny,
    tiny_model,
    tiny_parameters,
)

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
SIDE = 96


def write_array(
    path: Path, image: Pixels, *, sharded: bool = False, seed: int | None = None
) -> Pixels:
    """Write an image, uint8 (3, H, W), and return the pixels that it must read as."""
    codec = PathAECodec(tiny_parameters(), quality=60)
    if seed is not None:
        codec = PathAECodec(tiny_parameters(seed, embed=True), quality=60)
    array = zarr.create_array(
        path,
        shape=image.shape,
        dtype="uint8",
        chunks=(3, SIDE, SIDE),
        shards=(3, 2 * SIDE, 2 * SIDE) if sharded else None,
        serializer=codec,
        compressors=None,
        fill_value=255,
    )
    array[:] = image
    return expected_pixels(image)


def expected_pixels(image: Pixels) -> Pixels:
    """Encode and decode an image chunk by chunk without zarr."""
    result = np.empty_like(image)
    for top in range(0, image.shape[1], SIDE):
        for left in range(0, image.shape[2], SIDE):
            place = np.s_[:, top : top + SIDE, left : left + SIDE]
            tile = image[place].transpose(1, 2, 0)
            result[place] = decode_tiny(encode_tiny(tile[None]))[0].transpose(2, 0, 1)
    return result


@pytest.fixture
def image() -> Pixels:
    return draw_tissue(2 * SIDE, 4 * SIDE).transpose(2, 0, 1)


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """List the tiles that readers ask for."""
    tiles: list[bytes] = []
    decode_later = decode_queue.decode_later

    def record(parameters: bytes, tile: bytes, realism: float | None) -> "Future[Pixels]":
        tiles.append(tile)
        return decode_later(parameters, tile, realism)

    monkeypatch.setattr(decode_queue, "decode_later", record)
    return tiles


@pytest.mark.parametrize("sharded", [False, True])
def test_reads_back(tmp_path: Path, image: Pixels, sharded: bool) -> None:
    expected = write_array(tmp_path / "a.zarr", image, sharded=sharded)
    read = zarr.open_array(tmp_path / "a.zarr", mode="r")[:]
    np.testing.assert_array_equal(read, expected)


def test_entry_point_suffices_without_torch(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    script = (
        "import sys, zarr\n"
        f"array = zarr.open({str(tmp_path / 'a.zarr')!r}, mode='r')\n"
        "assert not {'onnxruntime', 'openvino', 'torch'} & set(sys.modules), 'imported at open'\n"
        "print(array[:, 10:80, 10:20].sum(), 'torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.split() == [str(expected[:, 10:80, 10:20].sum()), "False"]


@pytest.mark.parametrize("sharded", [False, True])
def test_small_read_decodes_one_chunk(
    tmp_path: Path, image: Pixels, submitted: list[bytes], sharded: bool
) -> None:
    expected = write_array(tmp_path / "a.zarr", image, sharded=sharded)
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    assert not submitted
    window = np.s_[:, 110:180, 200:210]
    np.testing.assert_array_equal(array[window], expected[window])
    assert len(submitted) == 1


def test_missing_chunk_is_white(tmp_path: Path, image: Pixels, submitted: list[bytes]) -> None:
    write_array(tmp_path / "a.zarr", image)
    (tmp_path / "a.zarr/c/0/0/0").unlink()
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    assert (array[:, :SIDE, :SIDE] == 255).all()
    assert not submitted


def test_dask_reads_lazily(tmp_path: Path, image: Pixels, submitted: list[bytes]) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    lazy = dask.array.from_zarr(zarr.open_array(tmp_path / "a.zarr", mode="r"))
    assert not submitted
    part = lazy[:, 10:80, 10:20].compute(scheduler="threads")
    np.testing.assert_array_equal(part, expected[:, 10:80, 10:20])
    assert len(submitted) == 1


def test_five_axes(tmp_path: Path, image: Pixels) -> None:
    array = zarr.create_array(
        tmp_path / "a.zarr",
        shape=(1, 3, 1, *image.shape[1:]),
        chunks=(1, 3, 1, SIDE, SIDE),
        dtype="uint8",
        serializer=PathAECodec(tiny_parameters(), quality=60),
        compressors=None,
    )
    array[:] = image[None, :, None]
    read = zarr.open_array(tmp_path / "a.zarr", mode="r")[:]
    np.testing.assert_array_equal(read[0, :, 0], expected_pixels(image))


def test_tile_bytes_are_the_chunk(tmp_path: Path, image: Pixels) -> None:
    write_array(tmp_path / "a.zarr", image)
    tile = image[:, :SIDE, :SIDE].transpose(1, 2, 0)
    assert (tmp_path / "a.zarr/c/0/0/0").read_bytes() == encode_tiny(tile[None])[0]


def test_four_threads(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    with ThreadPoolExecutor(4) as pool:
        for read in pool.map(lambda _: array[:], range(8)):
            np.testing.assert_array_equal(read, expected)


def test_two_files_with_other_parameters(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    other = zarr.create_array(
        tmp_path / "b.zarr",
        shape=(3, 64, 64),
        chunks=(3, 64, 64),
        dtype="uint8",
        serializer=PathAECodec(tiny_parameters(7, embed=True)),
        compressors=None,
    )
    tiles = encode_tiny(draw_tissue(64, 64)[None], seed=7)
    chunk = tmp_path / "b.zarr/c/0/0/0"
    chunk.parent.mkdir(parents=True)
    chunk.write_bytes(tiles[0])
    with ThreadPoolExecutor(2) as pool:
        mine = pool.submit(lambda: zarr.open_array(tmp_path / "a.zarr", mode="r")[:])
        theirs = pool.submit(lambda: other[:])
        np.testing.assert_array_equal(mine.result(), expected)
        decoded = decode_tiny(tiles, seed=7)[0].transpose(2, 0, 1)
        np.testing.assert_array_equal(theirs.result(), decoded)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_reads_after_a_fork(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    np.testing.assert_array_equal(array[:], expected)
    child = os.fork()
    if not child:
        equal = False
        with suppress(Exception):
            equal = np.array_equal(array[:], expected)
        os._exit(0 if equal else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_other_data_types_are_refused() -> None:
    with pytest.raises(TileShapeError, match="uint8"):
        zarr.create_array(
            zarr.storage.MemoryStore(),
            shape=(3, 64, 64),
            chunks=(3, 64, 64),
            dtype="uint16",
            serializer=PathAECodec(tiny_parameters()),
            compressors=None,
        )


def test_damaged_chunk_is_refused(tmp_path: Path, image: Pixels) -> None:
    write_array(tmp_path / "a.zarr", image)
    chunk = tmp_path / "a.zarr/c/0/0/0"
    data = bytearray(chunk.read_bytes())
    data[-6] ^= 1
    chunk.write_bytes(data)
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    with pytest.raises(ChecksumError):
        array[:]
    assert array[:, SIDE:, SIDE:].shape == (3, SIDE, 3 * SIDE)


def test_missing_model_is_named_at_the_first_read(
    tmp_path: Path, image: Pixels, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_array(tmp_path / "a.zarr", image)
    decode_queue.codec_for.cache_clear()
    monkeypatch.setenv("PATHAE_MODELS", "")
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    assert array.shape == image.shape
    with pytest.raises(ModelNotFoundError, match=tiny_model().decoder_id):
        array[:]
