"""What a network costs to run, from its layers, before anything runs. Spec: v1, section 8.1."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from numpy.typing import NDArray

from pathae_codec.bitstream.limits import MAX_DECODER_WORK
from pathae_codec.errors import ArtifactError
from pathae_codec.model.architecture import (
    UNFOLDING,
    DepthToSpace,
    Downsample,
    Layer,
    SpaceToDepth,
    Upsample,
    output_channels,
    scale_factor,
    weight_shapes,
)
from pathae_codec.model.artifact import Transform
from pathae_codec.model.diffusers_architecture import DiffusersDecoder

VALUE_WORK = 64
"""Multiply-accumulates that a value between layers counts for: memory is slow, `tanh` slower."""
FLOAT_BYTES = 4


@dataclass(frozen=True)
class DecoderCost:
    """What a synthesis takes.

    Attributes:
        work: Multiply-accumulates a pixel, and `VALUE_WORK` for each value that a layer gives.
        values: The most that a layer takes and holds, a pixel.
        attention: Pixels of a position, where each position is compared with each; 0 for none.
    """

    work: float
    values: float
    attention: int = 0

    def activation_bytes(self, pixels: int) -> float:
        """Return the bytes between layers for a tile of so many pixels."""
        scores = (pixels / self.attention) ** 2 if self.attention else 0
        return FLOAT_BYTES * (self.values * pixels + scores)


def decoder_cost(
    layers: Iterable[Layer], inputs: int, weights: Mapping[str, NDArray[Any]]
) -> DecoderCost:
    """Return the cost of a synthesis.

    Args:
        layers: That unfold, of fitting channels.
        inputs: Channels of the latent and of noise.
        weights: By name. A diffusers layer is counted by them: each of them once a pixel.
    """
    layers = tuple(layers)
    side, channels = scale_factor(layers), inputs
    work, most, attention = 0.0, 0.0, 0
    for number, layer in enumerate(layers):
        taken = channels / side**2
        channels = output_channels([layer], channels)
        if isinstance(layer, DiffusersDecoder):
            own = [w.shape for name, w in weights.items() if name.startswith(f"{number}.")]
            attention = side**2 if layer.network == "AutoencoderKL" else 0
            side //= layer.factor
            work += sum(map(prod, own))
            held = float(max((sum(shape[:2]) for shape in own if len(shape) > 1), default=0))
        else:
            macs = _multiply_accumulates(layer)
            if isinstance(layer, DepthToSpace | Upsample):
                side //= layer.factor
            held = max(channels, getattr(layer, "inner", 0)) / side**2
            work += macs / side**2 + VALUE_WORK * held
        most = max(most, taken + held)
    return DecoderCost(work, most, attention)


def check_embedded(synthesis: Transform, inputs: int) -> None:
    """Check the work of a decoder that a file brings along.

    Args:
        synthesis: The decoder.
        inputs: Channels of the latent and of noise.

    Raises:
        ArtifactError: It asks for more a pixel than it may.
    """
    work = decoder_cost(synthesis.layers, inputs, synthesis.weights).work
    if work > MAX_DECODER_WORK:
        raise ArtifactError(
            f"embedded decoder: expected {MAX_DECODER_WORK} multiply-accumulates a pixel at most, "
            f"got {work:.0f}"
        )


def multiply_accumulates(layers: Iterable[Layer]) -> float:
    """Return the multiply-accumulates per tile pixel (8900.0 means 8.9 kMAC a pixel).

    Those of a diffusers layer are not counted.
    """
    return sum(_multiply_accumulates(layer) / side**2 for layer, side in _placed(layers))


def _placed(layers: Iterable[Layer]) -> Iterator[tuple[Layer, int]]:
    """Return each layer with the pixels, a side, of what its convolutions give."""
    layers = tuple(layers)
    unfolding = any(isinstance(layer, UNFOLDING) for layer in layers)
    side = scale_factor(layers) if unfolding else 1
    for layer in layers:
        match layer:
            case SpaceToDepth(factor=factor) | Downsample(factor=factor):
                side *= factor
            case DepthToSpace(factor=factor) | Upsample(factor=factor):
                side //= factor
            case _:
                pass
        yield layer, side


def _multiply_accumulates(layer: Layer) -> int:
    return sum(prod(shape) for shape in weight_shapes([layer]).values() if len(shape) == 4)
