"""A model -> the first weights of one with more latent channels.

How many numbers a position has bounds the fidelity that bits can buy: where the best linear
transform of so many numbers is no nearer to the source than the network already is, finer steps
are wasted. What is added starts with random features, to which the synthesis does not listen yet;
what was there stays. A residual layer at the latent's own scale may be left out: it would have to
be as wide as the latent.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Conv, DepthToSpace, Layer, Residual, SpaceToDepth
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform

SPREAD = 0.1
"""Of the first features, by that of a network which starts from nothing (He et al. 2015): only fine
steps see them to begin with."""
Weight = NDArray[np.float32]


def wider_model(
    model: ModelArtifact, layers: tuple[tuple[Layer, ...], tuple[Layer, ...]], seed: int
) -> ModelArtifact:
    """Add latent channels behind those that are there.

    Args:
        model: Whose analysis ends with a convolution, `SpaceToDepth`, perhaps a residual layer, and
            a 1 x 1 convolution, and whose synthesis mirrors that.
        layers: Of the wider analysis and synthesis.
        seed: Of the first features.

    Returns:
        The model with these layers; its bottlenecks are of its own channels only.

    Raises:
        SettingError: The layers do not end and begin so, or are others elsewhere.
    """
    if model.analysis is None or model.synthesis is None:
        raise SettingError(f"start {model.name}: expected both networks, got one")
    random = np.random.default_rng(seed)
    analysis = _wider_analysis(model.analysis, layers[0], random)
    synthesis = _wider_synthesis(model.synthesis, layers[1])
    return replace(model, analysis=analysis, synthesis=synthesis)


def _wider_analysis(
    transform: Transform, wanted: tuple[Layer, ...], random: np.random.Generator
) -> Transform:
    *body, features, fold, mix = _without_residual(wanted, -2)
    old = _without_residual(transform.layers, -2)
    if not (
        isinstance(features, Conv)
        and isinstance(fold, SpaceToDepth)
        and isinstance(mix, Conv)
        and old[:-3] == tuple(body)
    ):
        raise SettingError("start: expected an analysis with the model's layers but for its end")
    blocks = fold.factor**2
    kept, place = _channels(mix.inputs, _inputs(old[-1]), blocks), len(body)
    names = {i: i for i in range(place + 1)}
    weights = _moved(transform.weights, names)
    scale = SPREAD * np.sqrt(2 / (features.inputs * features.kernel**2))
    shape = (features.outputs, features.inputs, features.kernel, features.kernel)
    first = (scale * random.standard_normal(shape)).astype(np.float32)
    first[: len(weights[f"{place}.weight"])] = weights[f"{place}.weight"]
    weights[f"{place}.weight"] = first
    weights[f"{place}.bias"] = _longer(weights[f"{place}.bias"], features.outputs)
    last, end = _named(transform.weights, len(transform.layers) - 1), len(wanted) - 1
    count = len(last["bias"])
    mixing = np.zeros((mix.outputs, mix.inputs), np.float32)
    mixing[:count, kept] = last["weight"][:, :, 0, 0]
    added = np.setdiff1d(np.arange(mix.inputs), kept)[: mix.outputs - count]
    mixing[count + np.arange(len(added)), added] = 1
    weights[f"{end}.weight"] = mixing[:, :, None, None]
    weights[f"{end}.bias"] = _longer(last["bias"], mix.outputs)
    return Transform(wanted, weights)


def _wider_synthesis(transform: Transform, wanted: tuple[Layer, ...]) -> Transform:
    mix, unfold, features, *body = _without_residual(wanted, 1)
    old = _without_residual(transform.layers, 1)
    if not (
        isinstance(mix, Conv)
        and isinstance(unfold, DepthToSpace)
        and isinstance(features, Conv)
        and old[3:] == tuple(body)
    ):
        raise SettingError("start: expected a synthesis with the model's layers but for its start")
    kept = _channels(mix.outputs, _outputs(old[0]), unfold.factor**2)
    shift = len(wanted) - len(transform.layers)
    first_body = len(transform.layers) - len(body)
    weights = _moved(
        transform.weights, {i: i + shift for i in range(first_body, len(transform.layers))}
    )
    start, place = _named(transform.weights, 0), len(wanted) - len(body) - 1
    count = start["weight"].shape[1]
    mixing = np.zeros((mix.outputs, mix.inputs), np.float32)
    mixing[np.ix_(kept, np.arange(count))] = start["weight"][:, :, 0, 0]
    added = np.setdiff1d(np.arange(mix.outputs), kept)[: mix.inputs - count]
    mixing[added, count + np.arange(len(added))] = 1
    bias = np.zeros(mix.outputs, np.float32)
    bias[kept] = start["bias"]
    weights |= {"0.weight": mixing[:, :, None, None], "0.bias": bias}
    listening = _named(transform.weights, first_body - 1)
    shape = (features.outputs, features.inputs, features.kernel, features.kernel)
    heard = np.zeros(shape, np.float32)
    heard[:, : listening["weight"].shape[1]] = listening["weight"]
    weights |= {f"{place}.weight": heard, f"{place}.bias": listening["bias"]}
    return Transform(wanted, weights)


def _without_residual(layers: tuple[Layer, ...], place: int) -> tuple[Layer, ...]:
    """Leave out the layer at a place where it is a residual one."""
    kept = list(layers)
    if isinstance(kept[place], Residual):
        del kept[place]
    return tuple(kept)


def _inputs(layer: Layer) -> int:
    return layer.inputs if isinstance(layer, Conv) else 0


def _outputs(layer: Layer) -> int:
    return layer.outputs if isinstance(layer, Conv) else 0


def _channels(wide: int, narrow: int, blocks: int) -> NDArray[np.intp]:
    """Give where the channels of folded blocks come to lie when each block has more of them."""
    return (np.arange(blocks)[:, None] * (wide // blocks) + np.arange(narrow // blocks)).ravel()


def _named(weights: Tensors, place: int) -> dict[str, Weight]:
    kinds = ("weight", "bias")
    return {kind: weights[f"{place}.{kind}"].astype(np.float32) for kind in kinds}


def _moved(weights: Tensors, places: dict[int, int]) -> Tensors:
    """Give the tensors of some layers under the numbers of their new places."""
    moved: Tensors = {}
    for name, tensor in weights.items():
        place, rest = name.split(".", 1)
        if int(place) in places:
            moved[f"{places[int(place)]}.{rest}"] = tensor.astype(np.float32)
    return moved


def _longer(bias: Weight, length: int) -> Weight:
    return np.concatenate([bias, np.zeros(length - len(bias), np.float32)]).astype(np.float32)
