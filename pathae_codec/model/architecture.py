"""The network as data: a list of layers that every backend builds in its own way.

A file names its network by these layers and their weights, never by code, so that reading one
cannot run anything that the file brought along. Spec: v1 model artifact, section 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any

from pathae_codec.errors import ArtifactError
from pathae_codec.model.diffusers_architecture import DiffusersDecoder, DiffusersEncoder

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


@dataclass(frozen=True)
class Downsample:
    """3 x 3 convolution of stride `factor`, zero padding 1; weight OIHW and bias O."""

    inputs: int
    outputs: int
    factor: int


@dataclass(frozen=True)
class Upsample:
    """Repeat each value in `factor` rows and columns."""

    factor: int


@dataclass(frozen=True)
class Relu:
    """`max(x, 0)`."""


@dataclass(frozen=True)
class Block:
    """`relu(x + third(relu(second(relu(first(x))))))`: 3 x 3 convolutions of `channels`."""

    channels: int


@dataclass(frozen=True)
class GroupBranch:
    """`x + second(relu(norm(first(x))))`: 1 x 1 convolutions to `inner` channels and back.

    The norm is over each of the `groups` of channels and the whole tile: tile-global.
    """

    channels: int
    inner: int
    groups: int

    def __post_init__(self) -> None:
        if self.inner % self.groups:
            raise ArtifactError(
                f"layer groups: expected a divisor of {self.inner}, got {self.groups}"
            )


@dataclass(frozen=True)
class SoftClamp:
    """`tanh(x / limit) * limit`."""

    limit: int


@dataclass(frozen=True)
class ToUnit:
    """-1 to 1 -> 0 to 1: `(x + 1) / 2`."""


@dataclass(frozen=True)
class FromUnit:
    """0 to 1 -> -1 to 1: `2 * x - 1`."""


GROUP_EPSILON = 1e-5
Diffusers = DiffusersEncoder | DiffusersDecoder
Layer = (
    Conv
    | Residual
    | SpaceToDepth
    | DepthToSpace
    | Downsample
    | Upsample
    | Relu
    | Block
    | GroupBranch
    | SoftClamp
    | ToUnit
    | FromUnit
    | DiffusersEncoder
    | DiffusersDecoder
)
FOLDING = (SpaceToDepth, Downsample, DiffusersEncoder)
"""What only analysis has."""
UNFOLDING = (DepthToSpace, Upsample, DiffusersDecoder)
"""What only synthesis has."""
OPS: dict[str, type[Layer]] = {
    "conv": Conv,
    "residual": Residual,
    "space_to_depth": SpaceToDepth,
    "depth_to_space": DepthToSpace,
    "downsample": Downsample,
    "upsample": Upsample,
    "relu": Relu,
    "block": Block,
    "group_branch": GroupBranch,
    "soft_clamp": SoftClamp,
    "to_unit": ToUnit,
    "from_unit": FromUnit,
    "diffusers_encoder": DiffusersEncoder,
    "diffusers_decoder": DiffusersDecoder,
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
        if kind in (DiffusersEncoder, DiffusersDecoder):
            continue
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
    """Return the JSON form of layers; `parse_layers` is its inverse."""
    return [{"op": _OP_NAMES[type(layer)], **asdict(layer)} for layer in layers]


def weight_shapes(layers: Iterable[Layer]) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every weight tensor, in order of use.

    Those of a diffusers layer are not among them: the library knows them, see
    `diffusers_networks`.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for index, layer in enumerate(layers):
        for name, conv in _convolutions(layer).items():
            shapes |= _conv_shapes(f"{index}.{name}" if name else f"{index}", conv)
        if isinstance(layer, GroupBranch):
            shapes |= {f"{index}.norm.weight": (layer.inner,), f"{index}.norm.bias": (layer.inner,)}
    return shapes


def _convolutions(layer: Layer) -> dict[str, Conv]:
    match layer:
        case Conv():
            return {"": layer}
        case Downsample(inputs=inputs, outputs=outputs):
            return {"": Conv(inputs, outputs, 3)}
        case Residual(channels=n):
            return dict.fromkeys(("first", "second"), Conv(n, n, 3))
        case Block(channels=n):
            return dict.fromkeys(("first", "second", "third"), Conv(n, n, 3))
        case GroupBranch(channels=n, inner=inner):
            return {"first": Conv(n, inner, 1), "second": Conv(inner, n, 1)}
        case _:
            return {}


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
            case (
                Conv(inputs=expected)
                | Downsample(inputs=expected)
                | Residual(channels=expected)
                | Block(channels=expected)
                | GroupBranch(channels=expected)
                | DiffusersDecoder(latent_channels=expected)
            ) if expected != channels:
                raise ArtifactError(f"layer {index}: expected {expected} channels, got {channels}")
            case DiffusersEncoder() if channels != 3:
                raise ArtifactError(f"layer {index}: expected 3 channels, got {channels}")
            case Conv(outputs=outputs) | Downsample(outputs=outputs):
                channels = outputs
            case DiffusersEncoder(latent_channels=outputs):
                channels = outputs
            case DiffusersDecoder():
                channels = 3
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
    """Return the product of the folding (or unfolding) factors: pixels per latent, per side."""
    return prod(layer.factor for layer in layers if isinstance(layer, (*FOLDING, *UNFOLDING)))


def is_tile_global(layers: Iterable[Layer]) -> bool:
    """Say whether an output may depend on all of the tile. Spec: v1 model artifact, section 5."""
    return any(
        isinstance(layer, GroupBranch) or (isinstance(layer, Diffusers) and layer.tile_global)
        for layer in layers
    )


def is_plain(layers: Iterable[Layer]) -> bool:
    """Say whether every backend can run the layers; otherwise it takes torch and diffusers."""
    return not any(isinstance(layer, Diffusers) for layer in layers)
