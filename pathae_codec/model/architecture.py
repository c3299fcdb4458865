"""The network as data: a list of layers that every backend builds in its own way.

A file names its network by these layers and their weights, never by code, so that reading one
cannot run anything that the file brought along. Spec: v1 model artifact, section 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from pathae_codec.errors import ArtifactError

MAX_LAYERS = 64
MAX_CHANNELS = 4096
MAX_FACTOR = 64


@dataclass(frozen=True)
class Conv:
    """Convolution, stride 1, zero padding `kernel // 2`; weight OIHW and bias O."""

    inputs: int
    outputs: int
    kernel: int


@dataclass(frozen=True)
class Residual:
    """`x + second(silu(first(x)))`, both of them 3 x 3 convolutions of `channels`."""

    channels: int


@dataclass(frozen=True)
class SpaceToDepth:
    """Fold `factor` x `factor` blocks into channels; channel = (row * factor + column) * C + c."""

    factor: int


@dataclass(frozen=True)
class DepthToSpace:
    """Undo `SpaceToDepth` of the same factor, with the same order of channels."""

    factor: int


Layer = Conv | Residual | SpaceToDepth | DepthToSpace
OPS: dict[str, type[Layer]] = {
    "conv": Conv,
    "residual": Residual,
    "space_to_depth": SpaceToDepth,
    "depth_to_space": DepthToSpace,
}
_OP_NAMES = {kind: name for name, kind in OPS.items()}


def parse_layers(records: object) -> tuple[Layer, ...]:
    """Build layers from their JSON form, `[{"op": "conv", "inputs": 48, ...}, ...]`.

    Raises:
        ArtifactError: An unknown op, a missing or surplus field, or a value out of range.
    """
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_LAYERS:
        raise ArtifactError(f"layers: expected a list of 1 to {MAX_LAYERS}, got {records!r:.60}")
    return tuple(_parse_layer(record) for record in records)


def _parse_layer(record: object) -> Layer:
    if not isinstance(record, Mapping):
        raise ArtifactError(f"layer: expected an object, got {record!r:.60}")
    fields = dict(record)
    kind = OPS.get(str(fields.pop("op", None)))
    if kind is None:
        raise ArtifactError(
            f"layer op: expected one of {sorted(OPS)}, got {record.get('op')!r:.60}"
        )
    for name, value in fields.items():
        limit = MAX_FACTOR if name == "factor" else MAX_CHANNELS
        if type(value) is not int or not 1 <= value <= limit:
            raise ArtifactError(f"layer {name}: expected 1 to {limit}, got {value!r:.60}")
    if fields.get("kernel", 1) not in (1, 3, 5):
        raise ArtifactError(f"layer kernel: expected 1, 3 or 5, got {fields['kernel']}")
    try:
        return kind(**fields)
    except TypeError as error:
        raise ArtifactError(f"layer {record['op']}: {error}") from None


def describe_layers(layers: Iterable[Layer]) -> list[dict[str, Any]]:
    """Give the JSON form of layers; `parse_layers` is its inverse."""
    return [{"op": _OP_NAMES[type(layer)], **asdict(layer)} for layer in layers]


def weight_shapes(layers: Iterable[Layer]) -> dict[str, tuple[int, ...]]:
    """Give the name and shape of every weight tensor, in order of use."""
    shapes: dict[str, tuple[int, ...]] = {}
    for index, layer in enumerate(layers):
        if isinstance(layer, Conv):
            shapes |= _conv_shapes(f"{index}", layer)
        elif isinstance(layer, Residual):
            conv = Conv(layer.channels, layer.channels, 3)
            shapes |= _conv_shapes(f"{index}.first", conv) | _conv_shapes(f"{index}.second", conv)
    return shapes


def _conv_shapes(name: str, conv: Conv) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.weight": (conv.outputs, conv.inputs, conv.kernel, conv.kernel),
        f"{name}.bias": (conv.outputs,),
    }


def output_channels(layers: Iterable[Layer], inputs: int) -> int:
    """Follow the channel count through the layers.

    Raises:
        ArtifactError: A layer does not take what the one before it gives.
    """
    channels = inputs
    for index, layer in enumerate(layers):
        match layer:
            case Conv(inputs=expected) | Residual(channels=expected) if expected != channels:
                raise ArtifactError(f"layer {index}: expected {expected} channels, got {channels}")
            case Conv(outputs=outputs):
                channels = outputs
            case SpaceToDepth(factor=factor):
                channels *= factor * factor
            case DepthToSpace(factor=factor):
                if channels % (factor * factor):
                    raise ArtifactError(
                        f"layer {index}: {channels} channels do not unfold by {factor}"
                    )
                channels //= factor * factor
    return channels


def scale_factor(layers: Iterable[Layer]) -> int:
    """Give the product of the folding (or unfolding) factors: pixels per latent, per side."""
    return prod(layer.factor for layer in layers if isinstance(layer, SpaceToDepth | DepthToSpace))


def multiply_accumulates(layers: Iterable[Layer]) -> float:
    """Give the multiply-accumulates per tile pixel (8900.0 means 8.9 kMAC a pixel)."""
    layers = tuple(layers)
    unfolding = any(isinstance(layer, DepthToSpace) for layer in layers)
    side = scale_factor(layers) if unfolding else 1
    total = 0.0
    for layer in layers:
        match layer:
            case SpaceToDepth(factor=factor):
                side *= factor
            case DepthToSpace(factor=factor):
                side //= factor
            case _:
                shapes = weight_shapes([layer])
                total += sum(prod(s) for s in shapes.values() if len(s) == 4) / side**2
    return total
