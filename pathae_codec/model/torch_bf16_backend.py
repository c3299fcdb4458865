"""Networks on torch in bfloat16, both ways: for those who ask for it by name.

Normalizations and results stay in float32. Nothing bounds what the rest does to the pixels: where
a file's canary shows more than the tolerance of the specification (7.2), it is not read this way.
"""

from pathae_codec.model.artifact import Transform
from pathae_codec.model.backend import AnalysisTransform, SynthesisTransform
from pathae_codec.model.torch_backend import TorchTransform


def load_analysis(transform: Transform, threads: int) -> AnalysisTransform:
    """Load the analysis network; torch's own thread setting stays as it is."""
    del threads
    return TorchTransform(transform, bf16=True)


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network; torch's own thread setting stays as it is."""
    del threads
    return TorchTransform(transform, bf16=True)
