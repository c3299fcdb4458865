"""The synthesis as onnxruntime runs it fastest: the layers of `onnx_graph`, other operators.

Measured with the default model on two cores: 16 to 18 % less time for the network
(benchmarks/model_attempts.md).
"""

import numpy as np
from onnx import TensorProto

from pathae_codec.backends.onnx_graph import TO_CHANNELS_FIRST, TO_CHANNELS_LAST, Graph, as_model
from pathae_codec.model.architecture import DepthToSpace, Layer
from pathae_codec.model.artifact import Transform

PIXEL_CHANNELS = 3
HALF_RANGE = 127.5


class _Graph(Graph):
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


def synthesis_graph(transform: Transform) -> bytes:
    """Build `latents` float32 (N, C, h, w) -> pixels uint8 (N, H, W, 3)."""
    graph = _Graph(transform.weights)
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
