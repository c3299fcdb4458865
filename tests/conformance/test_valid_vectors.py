"""Valid vectors: symbols exact with numpy alone, pixels within tolerance on every backend."""

from pathlib import Path

import numpy as np
import pytest

from pathae_codec.backends.choice import available_backends
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.tile_codec import TileCodec
from tests.conformance.run_vectors import MODEL, complaint
from tests.conformance.vectors import folders, read_case, stored_model

ALL = folders("valid")
REALISM = [folder for folder in ALL if (folder / "input.npy").exists()]
WITH_PIXELS = [folder for folder in ALL if (folder / "pixels.npy").exists()]


def name(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("backend", available_backends())
@pytest.mark.parametrize("folder", ALL, ids=name)
def test_it_is_taken(folder: Path, backend: str) -> None:
    """Covers R-7.2-peak and R-model-noise: symbols, inputs, streams and pixels."""
    assert complaint(folder, backend) is None


@pytest.mark.parametrize("folder", folders("containers/valid"), ids=name)
def test_a_container_is_taken(folder: Path) -> None:
    assert complaint(folder) is None


def test_the_vectors_show_every_face() -> None:
    """Covers R-model-realism-default and R-model-realism-weights."""
    faces = {read_case(folder)["realism"] for folder in REALISM}
    assert {None, 0, 1} < faces


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
