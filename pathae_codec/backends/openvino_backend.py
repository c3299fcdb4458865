"""Networks on OpenVINO, an extra: faster than onnxruntime on the CPUs that were measured.

Analysis of what `pathae models train` makes runs in bfloat16 where the CPU has it: which of two
near symbols a latent becomes is a writer's choice. Synthesis runs in float32, since pixels have a
tolerance (spec: v1, section 7.2).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import numpy as np

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.backends.onnx_graph import analysis_graph, synthesis_graph
from pathae_codec.backends.process_local import ProcessLocal
from pathae_codec.model.architecture import Conv, Residual, SpaceToDepth
from pathae_codec.model.artifact import Transform

_TELEMETRY = "openvino_telemetry"


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Let OpenVINO be imported with its stub in the place of its telemetry.

    The telemetry reports the import to a server, asks for the home folder and writes there. Nothing
    in the environment turns it off but what says that this is a CI job.
    """
    there = _TELEMETRY in sys.modules
    if not there:
        # What Python takes for a module that is not installed.
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if not there:
            del sys.modules[_TELEMETRY]


with _without_telemetry():
    import openvino

_BEARS_BFLOAT16 = (Conv, Residual, SpaceToDepth)
"""Networks of these alone lose nothing by it, as was measured with the shipped model. TAEF2, which
has others, loses 0.03 to 0.19 dB for good (benchmarks/results/bfloat16.md)."""


class _Session:
    """A compiled network; it takes one call at a time."""

    def __init__(self, graph: bytes, threads: int, precision: str) -> None:
        core = openvino.Core()
        # Pinned, each process computes on the first core: two side by side take twice the time.
        settings: dict[str, Any] = {
            "INFERENCE_PRECISION_HINT": precision,
            "ENABLE_CPU_PINNING": False,
        }
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        self._network = core.compile_model(core.read_model(graph), "CPU", settings)
        self._lock = Lock()

    def run(self, value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        with self._lock:
            result: np.ndarray[Any, Any] = self._network(value)[0].copy()
        return result


class OpenVinoTransform:
    """One network on OpenVINO; a batch and its single tiles give equal results."""

    def __init__(self, graph: bytes, threads: int, precision: str) -> None:
        self._session = ProcessLocal(partial(_Session, graph, threads, precision))

    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, h, w)."""
        return self._session.get().run(np.ascontiguousarray(pixels))

    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, H, W, 3)."""
        return self._session.get().run(np.ascontiguousarray(latents))


def load_analysis(transform: Transform, threads: int) -> AnalysisTransform:
    """Load the analysis network."""
    precision = "bf16" if all(isinstance(x, _BEARS_BFLOAT16) for x in transform.layers) else "f32"
    return OpenVinoTransform(analysis_graph(transform), threads, precision)


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network."""
    return OpenVinoTransform(synthesis_graph(transform), threads, "f32")
