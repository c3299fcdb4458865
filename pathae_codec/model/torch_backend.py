"""Networks on torch: for GPUs, and where onnxruntime is missing."""

import torch

from pathae_codec.model.artifact import Transform
from pathae_codec.model.backend import AnalysisTransform, Latents, Pixels, SynthesisTransform
from pathae_codec.model.networks import build_network, load_weights


class TorchTransform:
    """One network in torch, float32, channels-last, on CUDA where there is one."""

    def __init__(self, transform: Transform) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        weights = {name: torch.from_numpy(w.copy()) for name, w in transform.weights.items()}
        network = load_weights(build_network(transform.layers), weights)
        # torch's own types leave the memory format of a whole module out.
        self._network = network.to(self._device).to(
            memory_format=torch.channels_last  # type: ignore[call-overload]
        )

    @torch.inference_mode()
    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, h, w)."""
        x = torch.from_numpy(pixels.copy()).to(self._device).permute(0, 3, 1, 2)
        latents: Latents = self._network(x.float() / 127.5 - 1).contiguous().cpu().numpy()
        return latents

    @torch.inference_mode()
    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, H, W, 3)."""
        x = torch.from_numpy(latents.copy()).to(self._device)
        y = (self._network(x.contiguous(memory_format=torch.channels_last)) + 1) * 127.5
        whole = y.clamp(0, 255).round().to(torch.uint8)
        pixels: Pixels = whole.permute(0, 2, 3, 1).contiguous().cpu().numpy()
        return pixels


def load_analysis(transform: Transform, threads: int) -> AnalysisTransform:
    """Load the analysis network; torch's own thread setting stays as it is."""
    del threads
    return TorchTransform(transform)


def load_synthesis(transform: Transform, threads: int) -> SynthesisTransform:
    """Load the synthesis network; torch's own thread setting stays as it is."""
    del threads
    return TorchTransform(transform)
