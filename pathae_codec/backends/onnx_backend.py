"""Networks on onnxruntime: what every install has."""

from functools import partial
from typing import Any

import numpy as np

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.backends.onnx_graph import analysis_graph
from pathae_codec.backends.onnx_runtime_graph import synthesis_graph
from pathae_codec.backends.onnx_session import open_session
from pathae_codec.backends.process_local import ProcessLocal
from pathae_codec.model.artifact import Transform


class OnnxTransform:
    """One network in an onnxruntime session; a batch and its single tiles give equal results."""

    def __init__(self, graph: bytes, threads: int) -> None:
        self._session = ProcessLocal(partial(open_session, graph, threads))

    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, h, w)."""
        return self._run(np.ascontiguousarray(pixels))

    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, H, W, 3)."""
        return self._run(np.ascontiguousarray(latents))

    def _run(self, value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        session = self._session.get()
        result: np.ndarray[Any, Any] = session.run(None, {session.get_inputs()[0].name: value})[0]
        return result


def load_analysis(transform: Transform, threads: int) -> AnalysisTransform:
    """Load the analysis network."""
    return OnnxTransform(analysis_graph(transform), threads)


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network."""
    return OnnxTransform(synthesis_graph(transform), threads)
