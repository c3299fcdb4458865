"""A model that is there already -> the first weights of a training run.

A network whose layers are those of the model, with residual layers added, starts as the very same
function: what is added starts as the identity (Chen et al. 2016, Net2Net).
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Conv, Layer, Residual
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform
from pathae_codec.model.identity import transform_id
from pathae_codec.training.fit import fitted_step
from pathae_codec.training.rate import RateModel

WIDTHS = (-1.0, 0.0, 1.0)
"""Logarithms of the scales of a mixture's components, about that of what they stand for."""
QUIET = -2.0
"""Logarithm of the scale of a channel that the model lacks: where it is zero, it takes few bits."""


def start_from(
    model: ModelArtifact,
    layers: tuple[tuple[Layer, ...], tuple[Layer, ...]],
    networks: tuple[nn.Module, nn.Module],
    rate: RateModel,
) -> None:
    """Fill the networks and the rate model.

    Args:
        model: A whole model.
        layers: Of the analysis and the synthesis that are to be trained.
        networks: Built from these layers.
        rate: With as many qualities as fit the model's ladder, every one a rung. Channels that the
            model's bottlenecks lack are taken for zero.

    Raises:
        SettingError: The model's layers are not among those to be trained, in their order.
    """
    for transform, wanted, network in zip(
        (model.analysis, model.synthesis), layers, networks, strict=True
    ):
        if transform is None:
            raise SettingError(f"start {model.name}: expected both networks, got one")
        network.load_state_dict(_extend(transform, wanted, network.state_dict()))
    rungs = np.linspace(0, len(model.qualities) - 1, len(rate.log_gains)).round().astype(int)
    with torch.no_grad():
        known = len(model.bottlenecks[model.qualities[0]].quantizer.codewords)
        rate.log_scales[:, :, known:] = QUIET
        for index, rung in enumerate(rungs):
            _fill_rate(rate, index, model.bottlenecks[model.qualities[rung]])


def start_natural(model: ModelArtifact, network: nn.Module, faithful: nn.Module) -> None:
    """Fill the natural face: from the model's, or from the faithful one if it has none."""
    natural = model.synthesis.natural if model.synthesis else None
    if natural is None:
        network.load_state_dict(faithful.state_dict())
        return
    network.load_state_dict({n: torch.from_numpy(w.astype(np.float32)) for n, w in natural.items()})


def deafen(synthesis: nn.Module, latent_channels: int) -> None:
    """Make a fresh synthesis deaf to noise: what it is never given in training, it must not heed.

    Raises:
        SettingError: It does not begin with a convolution.
    """
    if "0.weight" not in dict(synthesis.named_parameters()):
        raise SettingError("realism: expected a convolution at the start of synthesis")
    with torch.no_grad():
        synthesis.get_parameter("0.weight")[:, latent_channels:] = 0


def with_noise_inputs(model: ModelArtifact, channels: int) -> ModelArtifact:
    """Return a model whose synthesis also takes planes of noise, and does not heed them yet.

    Raises:
        SettingError: It takes another number of them, or does not begin with a convolution.
    """
    known = model.realism.noise_channels if model.realism else 0
    if known == channels:
        return model
    first = model.synthesis.layers[0] if model.synthesis else None
    if known or model.synthesis is None or not isinstance(first, Conv):
        raise SettingError(
            f"start {model.name}: expected {channels} planes of noise, or none and a convolution "
            f"at the start of synthesis; found {known} planes and {type(first).__name__}"
        )
    weight = model.synthesis.weights["0.weight"]
    wider = np.pad(weight, ((0, 0), (0, channels), (0, 0), (0, 0)))
    layers = (replace(first, inputs=first.inputs + channels), *model.synthesis.layers[1:])
    synthesis = Transform(layers, {**model.synthesis.weights, "0.weight": wider})
    identity = transform_id(model.factor, model.latent_channels, synthesis)
    return replace(model, synthesis=synthesis, decoder_id=identity)


def _extend(
    transform: Transform, wanted: tuple[Layer, ...], fresh: dict[str, Tensor]
) -> dict[str, Tensor]:
    """Return the weights of all wanted layers: the model's, and identities where it has none."""
    weights, taken = dict(fresh), 0
    for index, layer in enumerate(wanted):
        if taken < len(transform.layers) and transform.layers[taken] == layer:
            for name in [n for n in transform.weights if n.startswith(f"{taken}.")]:
                tensor = torch.from_numpy(transform.weights[name].astype(np.float32))
                weights[f"{index}.{name.split('.', 1)[1]}"] = tensor
            taken += 1
        elif isinstance(layer, Residual):
            for name in (f"{index}.second.weight", f"{index}.second.bias"):
                weights[name] = torch.zeros_like(fresh[name])
        else:
            raise SettingError(f"start: expected the model's layer {taken}, got {layer}")
    if taken < len(transform.layers):
        raise SettingError(f"start: expected also {transform.layers[taken]}, after the last layer")
    return weights


def _fill_rate(rate: RateModel, index: int, bottleneck: Bottleneck) -> None:
    """Fill one quality: gains from the steps, mixtures from the moments of the tables."""
    for channel, (words, table) in enumerate(
        zip(bottleneck.quantizer.codewords, bottleneck.tables.channels, strict=True)
    ):
        if len(words) < 2:
            continue
        gain = 1 / fitted_step(words)
        rate.log_gains[index, channel] = np.log(gain)
        shares = table / table.sum(1, keepdims=True, dtype=np.float64)
        scaled = words * gain
        means = shares @ scaled
        deviations = np.sqrt(np.maximum(shares @ scaled**2 - means**2, 1e-4))
        scales = np.log(deviations * np.sqrt(3) / np.pi)[:, None] + np.array(WIDTHS)
        sets = rate.means.shape[1]
        rate.means[index, :, channel] = torch.from_numpy(means[:sets, None]).float()
        rate.log_scales[index, :, channel] = torch.from_numpy(scales[:sets]).float()
