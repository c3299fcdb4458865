"""A model -> the first weights of one with more latent channels.

How many numbers a position has bounds the fidelity that bits can buy: where the best linear
transform of so many numbers is no nearer to the source than the network already is, finer steps
are wasted. What is added starts with random features, to which the synthesis does not listen yet;
what was there stays. A residual layer at the latent's own scale may be left out: it would have to
be as wide as the latent.
"""

import math
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
    place, end = len(body), len(wanted) - 1
    weights = _moved(transform.weights, {i: i for i in range(place)})
    seeing = _named(transform.weights, place)
    weights[f"{place}.weight"] = _more_features(seeing["weight"], features, random)
    weights[f"{place}.bias"] = _longer(seeing["bias"], features.outputs)
    last = _named(transform.weights, len(transform.layers) - 1)
    kept = _channels(mix.inputs, _inputs(old[-1]), fold.factor**2)
    weights[f"{end}.weight"] = _mixing(last["weight"], mix, np.arange(len(last["bias"])), kept)
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
    place, end = len(wanted) - len(body), len(wanted)
    shift = end - len(transform.layers)
    weights = _moved(transform.weights, {i - shift: i for i in range(place, end)})
    first = _named(transform.weights, 0)
    kept = _channels(mix.outputs, _outputs(old[0]), unfold.factor**2)
    weights["0.weight"] = _mixing(first["weight"], mix, kept, np.arange(first["weight"].shape[1]))
    weights["0.bias"] = np.zeros(mix.outputs, np.float32)
    weights["0.bias"][kept] = first["bias"]
    hearing = _named(transform.weights, place - 1 - shift)
    known = hearing["weight"].shape[1]
    heard = np.zeros((features.outputs, features.inputs, features.kernel, features.kernel))
    heard[:, :known] = hearing["weight"]
    weights[f"{place - 1}.weight"] = heard.astype(np.float32)
    weights[f"{place - 1}.bias"] = hearing["bias"]
    return Transform(wanted, weights)


def _more_features(weight: Weight, wanted: Conv, random: np.random.Generator) -> Weight:
    """Put random features behind those of a convolution."""
    scale = SPREAD * math.sqrt(2 / (wanted.inputs * wanted.kernel**2))
    shape = (wanted.outputs, wanted.inputs, wanted.kernel, wanted.kernel)
    features: Weight = (scale * random.standard_normal(shape)).astype(np.float32)
    features[: len(weight)] = weight
    return features


def _mixing(
    weight: Weight, wanted: Conv, outputs: NDArray[np.intp], inputs: NDArray[np.intp]
) -> Weight:
    """Spread a 1 x 1 convolution over these outputs and inputs; of the others, one goes to one."""
    mixing = np.zeros((wanted.outputs, wanted.inputs), np.float32)
    mixing[np.ix_(outputs, inputs)] = weight[:, :, 0, 0]
    more_outputs = np.setdiff1d(np.arange(wanted.outputs), outputs)
    more_inputs = np.setdiff1d(np.arange(wanted.inputs), inputs)
    count = min(len(more_outputs), len(more_inputs))
    mixing[more_outputs[:count], more_inputs[:count]] = 1
    return mixing[:, :, None, None]


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
    """Return where the channels of folded blocks come to lie when each block has more of them."""
    return (np.arange(blocks)[:, None] * (wide // blocks) + np.arange(narrow // blocks)).ravel()


def _named(weights: Tensors, place: int) -> dict[str, Weight]:
    kinds = ("weight", "bias")
    return {kind: weights[f"{place}.{kind}"].astype(np.float32) for kind in kinds}


def _moved(weights: Tensors, places: dict[int, int]) -> Tensors:
    """Return the tensors of some layers under the numbers of their new places."""
    moved: Tensors = {}
    for name, tensor in weights.items():
        place, rest = name.split(".", 1)
        if int(place) in places:
            moved[f"{places[int(place)]}.{rest}"] = tensor.astype(np.float32)
    return moved


def _longer(bias: Weight, length: int) -> Weight:
    return np.concatenate([bias, np.zeros(length - len(bias), np.float32)]).astype(np.float32)
