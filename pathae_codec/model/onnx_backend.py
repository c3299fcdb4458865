"""Networks on onnxruntime: the default on a CPU.

A forked child (multiprocessing's "fork", torch's DataLoader) inherits a session without its
threads: running it waits for them for ever, and so does destroying it. A child therefore makes its
own sessions and never lets go of the ones it inherited.
"""

import ctypes
import os
from typing import Any
from weakref import WeakSet

import numpy as np
import onnxruntime

from pathae_codec.model.artifact import Transform
from pathae_codec.model.backend import AnalysisTransform, Latents, Pixels, SynthesisTransform
from pathae_codec.model.onnx_graph import analysis_graph, synthesis_graph

_sessions: WeakSet[onnxruntime.InferenceSession] = WeakSet()


def _open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    _sessions.add(session)
    return session


def _keep_inherited_sessions() -> None:
    """Count one reference too many for each, so that nothing destroys it."""
    for session in _sessions:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_inherited_sessions)


class OnnxTransform:
    """One network in an onnxruntime session; a batch and its single tiles give equal results."""

    def __init__(self, graph: bytes, threads: int) -> None:
        self._graph = graph
        self._threads = threads
        self._session = _open_session(graph, threads)
        self._process = os.getpid()

    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, h, w)."""
        return self._run(np.ascontiguousarray(pixels))

    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, H, W, 3)."""
        return self._run(np.ascontiguousarray(latents))

    def _run(self, value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if self._process != os.getpid():
            self._session, self._process = _open_session(self._graph, self._threads), os.getpid()
        name = self._session.get_inputs()[0].name
        result: np.ndarray[Any, Any] = self._session.run(None, {name: value})[0]
        return result


def load_analysis(transform: Transform, threads: int) -> AnalysisTransform:
    """Load the analysis network."""
    return OnnxTransform(analysis_graph(transform), threads)


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network."""
    return OnnxTransform(synthesis_graph(transform), threads)
