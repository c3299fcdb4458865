"""onnxruntime's own graph gives what the plain one gives, whatever the layers and the tile."""

import numpy as np
import pytest

from pathae_codec.backends.onnx_backend import open_session
from pathae_codec.backends.onnx_graph import runtime_synthesis_graph, synthesis_graph
from pathae_codec.model.architecture import (
    Conv,
    DepthToSpace,
    Layer,
    Relu,
    Residual,
    Upsample,
    weight_shapes,
)
from pathae_codec.model.artifact import Transform
from pathae_codec.model.library import find_model

NETWORKS: dict[str, tuple[Layer, ...]] = {
    "interleaved last": (
        Conv(6, 24, 3),
        DepthToSpace(2),
        Residual(6),
        DepthToSpace(1),
        Conv(6, 48, 3),
        DepthToSpace(4),
    ),
    "nothing but an interleave": (DepthToSpace(3),),
    "interleaved twice": (Conv(6, 108, 1), DepthToSpace(2), DepthToSpace(3)),
    "convolution last": (DepthToSpace(2), Conv(6, 8, 3), Upsample(2), Conv(8, 3, 3)),
    "no convolution at the end": (Conv(6, 12, 3), Relu(), DepthToSpace(2)),
}
INPUTS = {"nothing but an interleave": 27, "convolution last": 24}


def random_transform(layers: tuple[Layer, ...]) -> Transform:
    random = np.random.default_rng(0)
    shapes = weight_shapes(layers)
    weights = {n: random.normal(0, 0.3, s).astype(np.float32) for n, s in shapes.items()}
    return Transform(layers, weights)


def synthesize(graph: bytes, latents: np.ndarray) -> np.ndarray:
    pixels: np.ndarray = open_session(graph, 0).run(None, {"latents": latents})[0]
    return pixels


def assert_same(transform: Transform, latents: np.ndarray) -> None:
    plain, ours = (
        synthesize(graph_of(transform), latents).astype(int)
        for graph_of in (synthesis_graph, runtime_synthesis_graph)
    )
    assert plain.shape == ours.shape
    assert len(np.unique(plain)) > 30
    difference = np.abs(plain - ours)
    # Scaled weights round otherwise: a value between two bytes may become the other one.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 1, 2), (2, 5, 3)])
@pytest.mark.parametrize("name", NETWORKS)
def test_both_graphs_give_the_same_pixels(name: str, shape: tuple[int, int, int]) -> None:
    count, height, width = shape
    latents = np.random.default_rng(1).normal(0, 0.6, (count, INPUTS.get(name, 6), height, width))
    assert_same(random_transform(NETWORKS[name]), latents.astype(np.float32))


def test_both_graphs_of_the_shipped_model_give_the_same_pixels() -> None:
    model = find_model()
    assert model.synthesis is not None
    latents = np.random.default_rng(2).normal(0, 2, (2, model.latent_channels, 6, 9))
    assert_same(model.synthesis, latents.round().astype(np.float32))
