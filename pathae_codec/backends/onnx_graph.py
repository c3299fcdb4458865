"""The layers of `architecture` as an ONNX graph, pixels in and pixels out as uint8 (N, H, W, 3)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pathae_codec.errors import BackendUnavailableError
from pathae_codec.model.architecture import (
    GROUP_EPSILON,
    Block,
    Conv,
    DepthToSpace,
    Downsample,
    FromUnit,
    GroupBranch,
    Layer,
    Relu,
    Residual,
    SoftClamp,
    SpaceToDepth,
    ToUnit,
    Upsample,
)
from pathae_codec.model.artifact import Transform

OPSET = 17
IR_VERSION = 8
TO_CHANNELS_FIRST, TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
PIXEL_CHANNELS = 3
HALF_RANGE = 127.5


class Graph:
    """Nodes and constants in order; each method adds some and gives the name of what comes out."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [_constant(n, w.astype(np.float32)) for n, w in weights.items()]

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        """Add a node of one output."""
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, value: NDArray[Any]) -> str:
        """Add a constant."""
        name = f"constant{len(self.constants)}"
        self.constants.append(_constant(name, value))
        return name

    def scalar(self, value: float) -> str:
        """Add a constant of no dimensions."""
        return self.constant(np.array(value, np.float32))

    def vector(self, values: Sequence[float], kind: type[np.generic] = np.float32) -> str:
        """Add a constant of one dimension."""
        return self.constant(np.array(values, kind))

    def conv(self, x: str, name: str, kernel: int, stride: int = 1) -> str:
        """Convolve; around the tile are zeros."""
        weights = f"{name}.weight", f"{name}.bias"
        return self.add("Conv", x, *weights, pads=[kernel // 2] * 4, strides=[stride] * 2)

    def group_norm(self, x: str, name: str, groups: int) -> str:
        """Normalise groups of channels."""
        # GroupNormalization is of later opsets: an instance here is a group of channels.
        flat = self.add("Reshape", x, self.vector([0, groups, -1], np.int64))
        one, zero = self.vector([1.0] * groups), self.vector([0.0] * groups)
        normal = self.add("InstanceNormalization", flat, one, zero, epsilon=GROUP_EPSILON)
        whole = self.add("Reshape", normal, self.add("Shape", x))
        to_planes = self.vector([-1, 1, 1], np.int64)
        scale = self.add("Reshape", f"{name}.weight", to_planes)
        return self.add(
            "Add", self.add("Mul", whole, scale), self.add("Reshape", f"{name}.bias", to_planes)
        )

    def block(self, x: str, name: str) -> str:
        """Add what `Block` is."""
        inner = x
        for part in ("first", "second"):
            inner = self.add("Relu", self.conv(inner, f"{name}.{part}", 3))
        return self.add("Relu", self.add("Add", x, self.conv(inner, f"{name}.third", 3)))

    def depth_to_space(self, x: str, factor: int) -> str:
        """Turn channels (row, column, channel) into positions."""
        return self.add("DepthToSpace", x, blocksize=factor, mode="DCR")

    def silu(self, x: str) -> str:
        """Multiply by the sigmoid."""
        return self.add("Mul", x, self.add("Sigmoid", x))

    def layer(self, x: str, name: str, layer: Layer) -> str:
        """Add a layer; `name` is that of its weights."""
        match layer:
            case Conv(kernel=kernel):
                return self.conv(x, name, kernel)
            case Downsample(factor=factor):
                return self.conv(x, name, 3, factor)
            case Residual():
                inner = self.silu(self.conv(x, f"{name}.first", 3))
                return self.add("Add", x, self.conv(inner, f"{name}.second", 3))
            case Block():
                return self.block(x, name)
            case GroupBranch(groups=groups):
                inner = self.group_norm(self.conv(x, f"{name}.first", 1), f"{name}.norm", groups)
                return self.add("Add", x, self.conv(self.add("Relu", inner), f"{name}.second", 1))
            case _:
                return self.without_weights(x, layer)

    def without_weights(self, x: str, layer: Layer) -> str:
        """Add a layer that has none."""
        match layer:
            case SpaceToDepth(factor=factor):
                return self.add("SpaceToDepth", x, blocksize=factor)
            case DepthToSpace(factor=factor):
                return self.depth_to_space(x, factor)
            case Upsample(factor=factor):
                scales = self.vector([1, 1, factor, factor])
                attributes = {"mode": "nearest", "nearest_mode": "floor"}
                attributes["coordinate_transformation_mode"] = "asymmetric"
                return self.add("Resize", x, "", scales, **attributes)
            case Relu():
                return self.add("Relu", x)
            case SoftClamp(limit=limit):
                bound = self.scalar(limit)
                return self.add("Mul", self.add("Tanh", self.add("Div", x, bound)), bound)
            case ToUnit():
                half = self.scalar(0.5)
                return self.add("Add", self.add("Mul", x, half), half)
            case FromUnit():
                twice = self.add("Mul", x, self.scalar(2.0))
                return self.add("Sub", twice, self.scalar(1.0))
            case _:
                raise BackendUnavailableError(
                    f"{type(layer).__name__}: expected the backend torch, got one that runs ONNX; "
                    "take the extra pathae[torch] and leave PATHAE_BACKEND out"
                )

    def layers(self, x: str, layers: Sequence[Layer]) -> str:
        """Add layers, one after the other."""
        for index, layer in enumerate(layers):
            x = self.layer(x, f"{index}", layer)
        return x


class _RuntimeGraph(Graph):
    """onnxruntime's DepthToSpace runs on one thread and moves single values."""

    def depth_to_space(self, x: str, factor: int) -> str:
        # The two outer transpositions become part of the convolutions' own changes of layout.
        rows = self.interleave(self.add("Transpose", x, perm=TO_CHANNELS_LAST), factor)
        return self.add("Transpose", rows, perm=TO_CHANNELS_FIRST)

    def interleave(self, x: str, factor: int) -> str:
        """Turn (N, h, w, factor * factor * C) into (N, h * factor, w * factor, C)."""
        parts = self.add("Reshape", x, self.vector([0, 0, 0, factor, -1], np.int64))
        rows = self.add("Transpose", parts, perm=[0, 1, 3, 2, 4])
        # The shape of `rows`, not of `x`: that one would be brought into memory for it alone.
        sides = self.add("Gather", self.add("Shape", rows), self.vector([0, 1, 3], np.int64))
        grown = self.add("Mul", sides, self.vector([1, factor, factor], np.int64))
        shape = self.add("Concat", grown, self.vector([-1], np.int64), axis=0)
        return self.add("Reshape", rows, shape)

    def to_bytes(self, x: str, channels: int) -> str:
        """Turn planes from -1 to 1 into uint8, rounded and saturated."""
        # With a value for each channel, they become weights and biases of the last convolution.
        half = self.constant(np.full((channels, 1, 1), HALF_RANGE, np.float32))
        shifted = self.add("Add", self.add("Mul", x, half), half)
        return self.add(
            "QuantizeLinear", shifted, self.scalar(1.0), self.constant(np.array(0, np.uint8))
        )


def analysis_graph(transform: Transform) -> bytes:
    """Build `pixels` uint8 (N, H, W, 3) -> `latents` float32 (N, C, h, w)."""
    graph = Graph(transform.weights)
    pixels = graph.add("Cast", "pixels", to=TensorProto.FLOAT)
    scaled = graph.add("Div", pixels, graph.scalar(127.5))
    centred = graph.add("Sub", scaled, graph.scalar(1.0))
    planes = graph.add("Transpose", centred, perm=TO_CHANNELS_FIRST)
    latents = graph.layers(planes, transform.layers)
    return as_model(graph, "pixels", TensorProto.UINT8, latents, TensorProto.FLOAT)


def synthesis_graph(transform: Transform) -> bytes:
    """Build `latents` float32 (N, C, h, w) -> pixels uint8 (N, H, W, 3)."""
    graph = Graph(transform.weights)
    planes = graph.layers("latents", transform.layers)
    shifted = graph.add("Add", planes, graph.scalar(1.0))
    scaled = graph.add("Mul", shifted, graph.scalar(127.5))
    clipped = graph.add("Clip", scaled, graph.scalar(0.0), graph.scalar(255.0))
    whole = graph.add("Cast", graph.add("Round", clipped), to=TensorProto.UINT8)
    pixels = graph.add("Transpose", whole, perm=TO_CHANNELS_LAST)
    return as_model(graph, "latents", TensorProto.FLOAT, pixels, TensorProto.UINT8)


def runtime_synthesis_graph(transform: Transform) -> bytes:
    """Build what `synthesis_graph` builds as onnxruntime runs it fastest, of other operators.

    Measured with the default model on two cores: 16 to 18 % less time for the network
    (benchmarks/model_attempts.md).
    """
    graph = _RuntimeGraph(transform.weights)
    layers, factor = _before_last_interleave(transform.layers)
    planes = graph.layers("latents", layers)
    whole = graph.to_bytes(planes, PIXEL_CHANNELS * factor**2)
    # The last interleave moves bytes: a fourth of what it would move before the rounding.
    pixels = graph.interleave(graph.add("Transpose", whole, perm=TO_CHANNELS_LAST), factor)
    return as_model(graph, "latents", TensorProto.FLOAT, pixels, TensorProto.UINT8)


def _before_last_interleave(layers: tuple[Layer, ...]) -> tuple[tuple[Layer, ...], int]:
    if layers and isinstance(layers[-1], DepthToSpace):
        return layers[:-1], layers[-1].factor
    return layers, 1


def _constant(name: str, value: NDArray[Any]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


def as_model(graph: Graph, source: str, source_type: int, result: str, result_type: int) -> bytes:
    """Return the bytes of a model of one input and one output, four dimensions each."""
    proto = helper.make_graph(
        graph.nodes,
        "pathae",
        [helper.make_tensor_value_info(source, source_type, [None] * 4)],
        [helper.make_tensor_value_info(result, result_type, [None] * 4)],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(proto, opset_imports=opsets, ir_version=IR_VERSION)
    return bytes(model.SerializeToString())
