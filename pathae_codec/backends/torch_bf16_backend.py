"""Networks on torch, synthesis in bfloat16: for those who ask for it by name.

Analysis stays in float32: what bfloat16 costs there stays in the file for good, and with TAEF2 it
was 0.16 dB, against 0.002 dB of synthesis (benchmarks/results/bfloat16.md). Nothing bounds what
pixels lose: where a file's canary shows more than the tolerance of the specification (7.2), the
file is not read this way.
"""

from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.backends.torch_backend import TorchTransform, load_analysis
from pathae_codec.model.artifact import Transform

__all__ = ["load_analysis", "load_synthesis"]


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network; torch's own thread setting stays as it is."""
    del threads
    return TorchTransform(transform, bf16=True)
