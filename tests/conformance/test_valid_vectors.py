"""Valid vectors: symbols exact with numpy alone, pixels within tolerance on every backend."""

from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from pathae_codec.backends.choice import available_backends
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import pack_tile, unpack_tile
from pathae_codec.codec.faces import synthesis_inputs
from pathae_codec.codec.latent import unpack_latent_tiles
from pathae_codec.codec.tile_codec import TileCodec
from tests.conformance.vectors import folders, read_case, stored_model

MODEL = "model.safetensors"
ALL = folders("valid")
LATENT = [folder for folder in ALL if (folder / "symbols.npy").exists()]
REALISM = [folder for folder in ALL if (folder / "input.npy").exists()]
WITH_PIXELS = [folder for folder in ALL if (folder / "pixels.npy").exists()]


def name(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", LATENT, ids=name)
def test_symbols_are_exact(folder: Path) -> None:
    case = read_case(folder)
    codec = TileCodec(stored_model(case["model"]))
    expected = np.load(folder / "symbols.npy", allow_pickle=False)
    actual = codec.decode_tile_symbols([unpack_tile((folder / "tile.pae").read_bytes())])[0]
    assert np.array_equal(actual.reshape(expected.shape), expected)
    assert sha256(actual.astype("<u2").tobytes()).hexdigest() == case["symbols_sha256"]


@pytest.mark.parametrize("backend", available_backends())
@pytest.mark.parametrize("folder", WITH_PIXELS, ids=name)
def test_pixels_are_within_tolerance(folder: Path, backend: str) -> None:
    """Covers R-7.2-peak."""
    case = read_case(folder)
    model = stored_model(case.get("model", MODEL))
    codec = TileCodec(model, backend=backend, realism=case.get("realism"))
    expected = np.load(folder / "pixels.npy", allow_pickle=False)
    (actual,) = codec.decode_tiles([(folder / "tile.pae").read_bytes()])
    assert actual.shape == expected.shape
    assert actual.dtype == np.uint8
    error = actual.astype(float) - expected
    assert np.abs(error).max() <= case["peak_error"]
    assert np.sqrt(np.square(error).mean()) <= case["rms_error"]


@pytest.mark.parametrize("folder", REALISM, ids=name)
def test_what_the_synthesis_takes_is_exact(folder: Path) -> None:
    """Covers R-model-noise."""
    case = read_case(folder)
    model = stored_model(case["model"])
    tile = unpack_tile((folder / "tile.pae").read_bytes())
    symbols = unpack_latent_tiles(model, [tile])
    inputs = synthesis_inputs(model, symbols, [tile])
    expected = np.load(folder / "input.npy", allow_pickle=False)
    assert inputs.dtype == expected.dtype == np.float32
    assert np.array_equal(inputs[0], expected)
    assert case["seed"] == crc32(tile[1])


def test_the_vectors_show_every_face() -> None:
    """Covers R-model-realism-default and R-model-realism-weights."""
    faces = {read_case(folder)["realism"] for folder in REALISM}
    assert {None, 0, 1} < faces


@pytest.mark.parametrize("folder", ALL, ids=name)
def test_packing_gives_the_same_bytes(folder: Path) -> None:
    data = (folder / "tile.pae").read_bytes()
    assert pack_tile(*unpack_tile(data)) == data


def test_all_latent_tiles_in_one_call_decode_as_one_by_one() -> None:
    """Covers R-7.1-symbols for a batch."""
    codec = TileCodec(stored_model(MODEL))
    own = [f for f in WITH_PIXELS if read_case(f).get("model", MODEL) == MODEL]
    tiles = [(f / "tile.pae").read_bytes() for f in own]
    together = codec.decode_tiles(tiles)
    for tile, pixels in zip(tiles, together, strict=True):
        assert np.array_equal(codec.decode_tiles([tile])[0], pixels)


def test_every_mode_has_a_vector() -> None:
    modes = {unpack_tile((f / "tile.pae").read_bytes())[0].mode for f in ALL}
    assert modes == set(Mode)
