"""The numcodecs codec: zarr v2 arrays, found by its entry point."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dask.array
import numcodecs
import numpy as np
import pytest
import zarr
from pathae_plugins.numcodecs_codec import PathAE

from pathae_codec.arrays import Pixels
from pathae_codec.errors import ChecksumError, TileShapeError, UnsupportedVersionError
from tests.tiny_model import decode_tiny, draw_tissue, encode_tiny, tiny_parameters

pytestmark = pytest.mark.usefixtures("tiny_model_folder")
SIDE = 64


@pytest.fixture
def image() -> Pixels:
    return draw_tissue(2 * SIDE, 3 * SIDE).transpose(2, 0, 1)


def write_array(path: Path, image: Pixels) -> Pixels:
    """Write an image, uint8 (3, H, W), and return the pixels that it must read as."""
    array = zarr.create_array(
        path,
        zarr_format=2,
        shape=image.shape,
        chunks=(3, SIDE, SIDE),
        dtype="uint8",
        compressors=PathAE(tiny_parameters(), quality=60),
        filters=None,
        fill_value=255,
    )
    array[:] = image
    tiles = image.reshape(3, 2, SIDE, 3, SIDE).transpose(1, 3, 2, 4, 0)
    decoded = decode_tiny(encode_tiny(tiles.reshape(-1, SIDE, SIDE, 3)))
    return decoded.reshape(2, 3, SIDE, SIDE, 3).transpose(4, 0, 2, 1, 3).reshape(image.shape)


def test_reads_back(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    array = zarr.open_array(tmp_path / "a.zarr", mode="r")
    np.testing.assert_array_equal(array[:], expected)
    lazy = dask.array.from_zarr(array)[:, 5:75, 10:20].compute(scheduler="threads")
    np.testing.assert_array_equal(lazy, expected[:, 5:75, 10:20])
    (tmp_path / "a.zarr/0.0.0").unlink()
    assert (array[:, :SIDE, :SIDE] == 255).all()


def test_entry_point_suffices_without_torch(tmp_path: Path, image: Pixels) -> None:
    expected = write_array(tmp_path / "a.zarr", image)
    script = (
        "import sys, zarr\n"
        f"array = zarr.open({str(tmp_path / 'a.zarr')!r}, mode='r')\n"
        "print(array[:, 10:30, 10:20].sum(), 'torch' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.split() == [str(expected[:, 10:30, 10:20].sum()), "False"]


def test_five_axes(tmp_path: Path, image: Pixels) -> None:
    array = zarr.create_array(
        tmp_path / "a.zarr",
        zarr_format=2,
        shape=(1, 3, 1, SIDE, SIDE),
        chunks=(1, 3, 1, SIDE, SIDE),
        dtype="uint8",
        compressors=PathAE(tiny_parameters(), quality=60),
        filters=None,
    )
    tile = image[:, :SIDE, :SIDE]
    array[:] = tile[None, :, None]
    expected = decode_tiny(encode_tiny(tile.transpose(1, 2, 0)[None]))[0]
    read = zarr.open_array(tmp_path / "a.zarr", mode="r")[0, :, 0]
    np.testing.assert_array_equal(read, expected.transpose(2, 0, 1))


def test_registry_and_configuration() -> None:
    codec = PathAE(tiny_parameters(), quality=20)
    found = numcodecs.get_codec(codec.get_config())
    assert type(found) is PathAE
    assert found == codec
    assert found != PathAE(tiny_parameters())
    assert pickle.loads(pickle.dumps(codec)) == codec
    assert len(repr(codec)) < 80
    with pytest.raises(UnsupportedVersionError):
        PathAE.from_config(codec.get_config() | {"version": 2})


def test_decodes_into_out() -> None:
    (tile,) = encode_tiny(draw_tissue(SIDE, SIDE)[None])
    out = np.empty((3, SIDE, SIDE), np.uint8)
    PathAE(tiny_parameters()).decode(np.frombuffer(tile, np.uint8), out)
    np.testing.assert_array_equal(out.transpose(1, 2, 0)[None], decode_tiny([tile]))


def test_four_threads() -> None:
    tiles = encode_tiny(np.stack([draw_tissue(SIDE, SIDE, seed) for seed in range(12)]))
    with ThreadPoolExecutor(4) as pool:
        decoded = list(pool.map(PathAE(tiny_parameters()).decode, tiles))
    np.testing.assert_array_equal(np.stack(decoded).transpose(0, 2, 3, 1), decode_tiny(tiles))


def test_refusals() -> None:
    codec = PathAE(tiny_parameters(), quality=60)
    (tile,) = encode_tiny(draw_tissue(SIDE, SIDE)[None])
    with pytest.raises(ChecksumError):
        codec.decode(tile[:-1] + bytes([tile[-1] ^ 1]))
    with pytest.raises(TileShapeError, match="uint8"):
        codec.encode(np.zeros((3, 8, 8), np.float32))
    with pytest.raises(TileShapeError, match="chunk"):
        codec.encode(np.zeros(64, np.uint8))
