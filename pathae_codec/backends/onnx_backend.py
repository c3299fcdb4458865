"""Networks on onnxruntime: what every install has. It is imported here only, without telemetry.

From 1.32 on onnxruntime looks up a name on the network and writes a device identity and events
under the user's cache. Its `disable_telemetry_events` comes too late for that; the environment,
read while it is imported, does not, and child processes inherit it.
"""

import os
from functools import partial
from typing import Any

# What the user says goes.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.backends.onnx_graph import analysis_graph, runtime_synthesis_graph
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
    return OnnxTransform(runtime_synthesis_graph(transform), threads)


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """Return a session that runs a graph on CPUs.

    Args:
        graph: An ONNX model, serialized.
        threads: That compute; 0 leaves the number to onnxruntime.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
