"""The network that learns tissue without labels: its loss, its views, its training."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the network is one of torch")

import torch

from benchmarks.judges.contrastive import (
    PLACE,
    VIEW,
    WEIGHTS,
    ContrastiveNetwork,
    contrast,
    contrastive_network,
    draw_view,
    train_contrastive,
)
from tests.bench_data import draw_nuclei


def places(count: int) -> np.ndarray:
    return np.stack([draw_nuclei(PLACE, 5 + 9 * seed, seed)[0] for seed in range(count)])


def test_contrast_by_hand() -> None:
    """Two pairs at right angles: partners score 5, the two others 0 each."""
    views = torch.eye(2)
    wanted = -np.log(np.exp(5) / (np.exp(5) + 2))
    assert contrast(views, views).item() == pytest.approx(wanted, rel=1e-5)
    assert contrast(views, views.flip(0)).item() == pytest.approx(5 + wanted, rel=1e-5)


def test_views_are_neither_blurred_nor_noisy() -> None:
    """With colours undone, a view holds pixels of its place and no others."""
    place = np.full((1, PLACE, PLACE, 3), 200, np.uint8)
    place[0, ::2, ::2] = 60
    view = draw_view(np.random.default_rng(0), place)
    assert view.shape == (1, 3, VIEW, VIEW)
    for plane in view[0]:
        assert len(torch.unique(plane)) == 2


def test_training_is_the_same_each_time_and_learns() -> None:
    some = places(4)
    first, second = (train_contrastive(some, 3).state_dict() for _ in range(2))
    start = ContrastiveNetwork(0).state_dict()
    name = "blocks.2.body.0.weight"
    torch.testing.assert_close(first[name], second[name])
    assert not torch.equal(first[name], start[name])


def test_frozen_weights_are_whole() -> None:
    from safetensors import safe_open

    wanted = {n for n in ContrastiveNetwork().state_dict() if not n.endswith("batches_tracked")}
    with safe_open(WEIGHTS, "pt") as file:
        assert set(file.keys()) == wanted
    assert not contrastive_network().training
