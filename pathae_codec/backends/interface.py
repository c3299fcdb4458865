"""What runs a network: what each of the backends gives."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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


class ErrorGradient(Protocol):
    """The mean squared error of one decoded tile, in 8-bit units, as a function of its latent."""

    def error(self, latent: Latents, pixels: Pixels) -> float:
        """Return the error of a latent, float32 (1, C, h, w), against uint8 (H, W, 3)."""
        ...

    def gradient(self, latent: Latents, pixels: Pixels) -> tuple[float, Latents]:
        """Return the error, and its derivative by the latent, float32 (C, h, w)."""
        ...

    def curvature(self, latent: Latents, seed: int) -> NDArray[np.float32]:
        """Return what a change of 1 in a channel's number adds to the error by itself, (C,)."""
        ...


class Backend(Protocol):
    """A module that can load networks."""

    def load_analysis(self, transform: Transform, threads: int) -> AnalysisTransform:
        """Load the analysis network; `threads` 0 leaves the number to the backend."""
        ...

    def load_synthesis(self, transform: Transform, threads: int) -> SynthesisTransform:
        """Load the synthesis network; `threads` 0 leaves the number to the backend."""
        ...
