"""The layers of `architecture` as an ONNX graph, pixels in and pixels out as uint8 (N, H, W, 3)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pathae_codec.model.architecture import Conv, DepthToSpace, Layer, Residual, SpaceToDepth
from pathae_codec.model.artifact import Transform

OPSET = 17
IR_VERSION = 8
TO_CHANNELS_FIRST, TO_CHANNELS_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


class _Graph:
    """Nodes and constants in order; each method adds one node and gives its output's name."""

    def __init__(self, weights: Mapping[str, NDArray[Any]]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants = [_constant(n, w.astype(np.float32)) for n, w in weights.items()]

    def add(self, op: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401
        output = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def scalar(self, value: float) -> str:
        name = f"scalar{len(self.constants)}"
        self.constants.append(_constant(name, np.array(value, np.float32)))
        return name

    def conv(self, x: str, name: str, kernel: int) -> str:
        return self.add("Conv", x, f"{name}.weight", f"{name}.bias", pads=[kernel // 2] * 4)

    def silu(self, x: str) -> str:
        return self.add("Mul", x, self.add("Sigmoid", x))

    def layer(self, x: str, name: str, layer: Layer) -> str:
        match layer:
            case Conv(kernel=kernel):
                return self.conv(x, name, kernel)
            case Residual():
                inner = self.silu(self.conv(x, f"{name}.first", 3))
                return self.add("Add", x, self.conv(inner, f"{name}.second", 3))
            case SpaceToDepth(factor=factor):
                return self.add("SpaceToDepth", x, blocksize=factor)
            case DepthToSpace(factor=factor):
                return self.add("DepthToSpace", x, blocksize=factor, mode="DCR")

    def layers(self, x: str, layers: Sequence[Layer]) -> str:
        for index, layer in enumerate(layers):
            x = self.layer(x, f"{index}", layer)
        return x


def analysis_graph(transform: Transform) -> bytes:
    """Build `pixels` uint8 (N, H, W, 3) -> `latents` float32 (N, C, h, w)."""
    graph = _Graph(transform.weights)
    pixels = graph.add("Cast", "pixels", to=TensorProto.FLOAT)
    scaled = graph.add("Div", pixels, graph.scalar(127.5))
    centred = graph.add("Sub", scaled, graph.scalar(1.0))
    planes = graph.add("Transpose", centred, perm=TO_CHANNELS_FIRST)
    latents = graph.layers(planes, transform.layers)
    return _model(graph, "pixels", TensorProto.UINT8, latents, TensorProto.FLOAT)


def synthesis_graph(transform: Transform) -> bytes:
    """Build `latents` float32 (N, C, h, w) -> pixels uint8 (N, H, W, 3)."""
    graph = _Graph(transform.weights)
    planes = graph.layers("latents", transform.layers)
    shifted = graph.add("Add", planes, graph.scalar(1.0))
    scaled = graph.add("Mul", shifted, graph.scalar(127.5))
    clipped = graph.add("Clip", scaled, graph.scalar(0.0), graph.scalar(255.0))
    whole = graph.add("Cast", graph.add("Round", clipped), to=TensorProto.UINT8)
    pixels = graph.add("Transpose", whole, perm=TO_CHANNELS_LAST)
    return _model(graph, "latents", TensorProto.FLOAT, pixels, TensorProto.UINT8)


def _constant(name: str, value: NDArray[Any]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


def _model(graph: _Graph, source: str, source_type: int, result: str, result_type: int) -> bytes:
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
