"""Networks on OpenVINO in bfloat16, both ways: for those who ask for it by name.

With the shipped model pixels are within 1 of 255 of onnxruntime's on the tiles that were measured,
but nothing bounds it: a tile may lie outside the tolerance of the specification (7.2).
"""

from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.backends.onnx_graph import synthesis_graph
from pathae_codec.backends.openvino_backend import OpenVinoTransform, load_analysis
from pathae_codec.model.artifact import Transform

__all__ = ["load_analysis", "load_synthesis"]


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network."""
    return OpenVinoTransform(synthesis_graph(transform), threads, "bf16")
