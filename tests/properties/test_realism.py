"""Realism and its noise: exact, of the right spread, and the same everywhere."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathae_codec.errors import ArtifactError, SettingError
from pathae_codec.model.architecture import Relu
from pathae_codec.model.artifact import Transform
from pathae_codec.model.realism import STEPS, Realism, eighths, noise, with_noise

SEEDS = np.random.default_rng(0).integers(2**32, size=64, dtype=np.uint32)
"""CRCs of tiles are as good as random."""
DRAWN = noise(SEEDS, (4, 16, 16)).reshape(len(SEEDS), 4, 256).astype(float)
MOST = 510 / 148


def test_noise_has_mean_0_and_deviation_1() -> None:
    assert abs(DRAWN.mean()) < 4 / np.sqrt(DRAWN.size)
    assert abs(DRAWN.std() - np.sqrt((256**2 - 1) / 3) / 148) < 4 / np.sqrt(2 * DRAWN.size)
    # Nearly normal: of four uniform bytes the excess kurtosis is -0.3.
    assert abs((DRAWN**4).mean() / DRAWN.var() ** 2 - 2.7) < 0.05
    assert abs(DRAWN).max() <= MOST


@pytest.mark.parametrize("axis", [0, 1])
def test_tiles_and_channels_are_independent(axis: int) -> None:
    planes = np.moveaxis(DRAWN, axis, 0).reshape(DRAWN.shape[axis], -1)
    correlations = np.corrcoef(planes)[np.triu_indices(len(planes), 1)]
    assert abs(correlations).max() < 5 / np.sqrt(planes.shape[1])


def test_neighbours_are_independent() -> None:
    planes = DRAWN.reshape(-1, 16, 16)
    for one, other in ((planes[:, 1:], planes[:, :-1]), (planes[..., 1:], planes[..., :-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 5 / np.sqrt(one.size)


def test_tiles_whose_seeds_follow_one_another_are_independent() -> None:
    planes = noise(np.arange(32, dtype=np.uint32), (1, 32, 32)).reshape(32, -1)
    correlations = np.corrcoef(planes)[np.triu_indices(32, 1)]
    assert abs(correlations).max() < 5 / np.sqrt(planes.shape[1])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4),
    st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5)),
)
def test_a_tile_has_the_same_noise_alone_and_among_others(
    seeds: list[int], shape: tuple[int, int, int]
) -> None:
    """Covers R-model-noise: places are those of the tile, in the order channel, row, column."""
    together = noise(np.array(seeds, np.uint32), shape)
    assert together.dtype == np.float32
    assert together.shape == (len(seeds), *shape)
    for seed, drawn in zip(seeds, together, strict=True):
        flat = noise(np.array([seed], np.uint32), (1, 1, int(np.prod(shape))))
        assert np.array_equal(flat.ravel(), drawn.ravel())


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 3), st.integers(1, 4))
def test_noise_lies_behind_the_latent(channels: int, tiles: int) -> None:
    latents = np.random.default_rng(1).standard_normal((tiles, 3, 2, 5), np.float32)
    whole = with_noise(latents, SEEDS[:tiles], channels)
    assert whole.dtype == np.float32
    assert np.array_equal(whole[:, :3], latents)
    assert np.array_equal(whole[:, 3:], noise(SEEDS[:tiles], (channels, 2, 5)))


halves = st.floats(-60000, 60000, width=16)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(halves, halves), min_size=1, max_size=5), st.integers(0, STEPS))
def test_weights_between_the_faces(pairs: list[tuple[float, float]], steps: int) -> None:
    """Covers R-model-realism-weights: of float16 only the sum is rounded, once."""
    faithful, natural = np.array(pairs, np.float16).T
    face = Transform((Relu(),), {"w": faithful}, {"w": natural}).face(steps)
    exact = [Fraction(float(a)) * (8 - steps) + Fraction(float(b)) * steps for a, b in pairs]
    assert face.natural is None
    assert face.weights["w"].dtype == np.float32
    assert face.weights["w"].tolist() == [float(np.float32(float(e / 8))) for e in exact]


def test_a_network_of_one_face_stays_as_it_is() -> None:
    transform = Transform((Relu(),), {"w": np.ones(1, np.float16)})
    assert transform.face(3) is transform


@pytest.mark.parametrize("steps", range(STEPS + 1))
def test_eighths_are_taken(steps: int) -> None:
    assert eighths(steps / STEPS) == steps


@pytest.mark.parametrize("realism", [-0.125, 1.125, 0.3, 0.0625, float("nan"), float("inf")])
def test_other_realisms_are_refused(realism: float) -> None:
    with pytest.raises(SettingError, match="expected 0 to 1 in steps of an eighth"):
        eighths(realism)


@pytest.mark.parametrize(
    ("default", "channels"), [(-1, 0), (9, 0), (4, -1), (4, 257), (0.5, 0), (True, 0), ("4", 0)]
)
def test_what_is_out_of_range_is_refused(default: int, channels: int) -> None:
    """Covers R-model-realism."""
    with pytest.raises(ArtifactError, match="realism"):
        Realism(default, channels)
