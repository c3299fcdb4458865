"""The channel of the latent that tells the decoder the quality.

A decoder that knows how coarsely its latents were quantized can smooth where they are coarse and
keep what is fine. Nothing in the format is needed for it: one channel of the latent is always zero,
so its alphabet has a single symbol and takes no bits, and the codeword of that symbol, which every
quality has its own of, is where on the ladder the quality stands.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Conv
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform
from pathae_codec.model.quantizer import Quantizer


def codeword(place: float) -> float:
    """Return what stands in the channel, -1 to 1, for a place on the ladder, 0 to 1."""
    return 2 * place - 1


def without(latent: Tensor, channel: int) -> Tensor:
    """Return latents (N, C, h, w) with zeros in the channel; no gradient reaches it."""
    kept = torch.ones(latent.shape[1], device=latent.device, dtype=latent.dtype)
    kept[channel] = 0
    return latent * kept[:, None, None]


def tell_quality(latent: Tensor, channel: int, quality: Tensor, qualities: int) -> Tensor:
    """Add the codeword of each one's quality, 0 to qualities - 1, to latents with zeros there."""
    words = [codeword(place) for place in np.linspace(0, 1, qualities)]
    plane = torch.zeros_like(latent)
    plane[:, channel] = torch.tensor(words).to(latent)[quality][:, None, None]
    return latent + plane


def silence(start: ModelArtifact, channel: int, networks: tuple[nn.Module, nn.Module]) -> None:
    """Make a network that started from a model deaf to the channel, where it had content there.

    Args:
        start: The model that the networks were filled from.
        channel: Of the latent.
        networks: Analysis and synthesis.

    Raises:
        SettingError: The synthesis does not begin with a convolution.
    """
    words = start.bottlenecks[start.qualities[-1]].quantizer.codewords
    if channel < len(words) and len(words[channel]) == 1:
        return
    if start.synthesis is None or not isinstance(start.synthesis.layers[0], Conv):
        raise SettingError(f"start {start.name}: expected a convolution at the start of synthesis")
    with torch.no_grad():
        networks[1].get_parameter("0.weight")[:, channel] = 0


def silenced(analysis: Transform, channel: int) -> Transform:
    """Return an analysis whose last convolution gives zeros in the channel.

    Raises:
        SettingError: Its last layer is no convolution.
    """
    last = len(analysis.layers) - 1
    if not isinstance(analysis.layers[last], Conv):
        raise SettingError("quality_channel: expected a convolution at the end of the analysis")
    weights = {name: tensor.copy() for name, tensor in analysis.weights.items()}
    for kind in ("weight", "bias"):
        weights[f"{last}.{kind}"][channel] = 0
    return Transform(analysis.layers, weights)


def telling_quality(bottleneck: Bottleneck, channel: int, place: float) -> Bottleneck:
    """Return a bottleneck whose only codeword in the channel is the place on the ladder, 0 to 1."""
    words = list(bottleneck.quantizer.codewords)
    if len(words[channel]) != 1:
        raise SettingError(f"channel {channel}: expected one codeword, got {len(words[channel])}")
    words[channel] = np.array([codeword(place)], np.float32)
    return replace(bottleneck, quantizer=Quantizer(tuple(words), bottleneck.quantizer.thresholds))
