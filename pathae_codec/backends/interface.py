"""What runs a network: what each of the backends gives."""

from typing import Protocol

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.model.artifact import Transform


class AnalysisTransform(Protocol):
    """Pixels -> latents."""

    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, H / factor, W / factor)."""
        ...


class SynthesisTransform(Protocol):
    """Latents -> pixels."""

    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, h * factor, w * factor, 3)."""
        ...


class Backend(Protocol):
    """A module that can load networks."""

    def load_analysis(self, transform: Transform, threads: int) -> AnalysisTransform:
        """Load the analysis network; `threads` 0 leaves the number to the backend."""
        ...

    def load_synthesis(self, transform: Transform, threads: int) -> SynthesisTransform:
        """Load the synthesis network; `threads` 0 leaves the number to the backend."""
        ...
