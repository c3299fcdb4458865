"""Networks on torch: for GPUs, and where onnxruntime is missing."""

import torch
from torch import Tensor

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.interface import AnalysisTransform, SynthesisTransform
from pathae_codec.backends.torch_networks import build_network, load_weights
from pathae_codec.model.architecture import is_plain, scale_factor
from pathae_codec.model.artifact import Transform

PIXELS_AT_ONCE = 2**18
"""Most pixels that a diffusers network is given at once: it holds some 10 kB for each of them."""


class TorchTransform:
    """One network in torch, channels-last, on CUDA where there is one.

    Weights and results are float32; with `bf16` convolutions and products run in bfloat16. On CUDA
    torch lets float32 convolutions run in TF32 unless `torch.backends.cudnn.allow_tf32` is false.
    """

    def __init__(self, transform: Transform, *, bf16: bool = False) -> None:
        self._bf16 = bf16
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        weights = {name: torch.from_numpy(w.copy()) for name, w in transform.weights.items()}
        network = load_weights(build_network(transform.layers), weights)
        # torch's own types leave the memory format of a whole module out.
        self._network = network.to(self._device).to(
            memory_format=torch.channels_last  # type: ignore[call-overload]
        )
        self._factor = scale_factor(transform.layers)
        self._pixels_at_once = None if is_plain(transform.layers) else PIXELS_AT_ONCE

    def _run(self, x: Tensor, pixels_each: int) -> Tensor:
        count = len(x) if self._pixels_at_once is None else self._pixels_at_once // pixels_each
        parts = torch.split(x, max(1, count))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bf16):
            return torch.cat([self._network(part).float() for part in parts])

    @torch.inference_mode()
    def analyze(self, pixels: Pixels) -> Latents:
        """Turn uint8 (N, H, W, 3) into float32 (N, C, h, w)."""
        x = torch.from_numpy(pixels.copy()).to(self._device).permute(0, 3, 1, 2)
        y = self._run(x.float() / 127.5 - 1, x[0, 0].numel())
        latents: Latents = y.contiguous().cpu().numpy()
        return latents

    @torch.inference_mode()
    def synthesize(self, latents: Latents) -> Pixels:
        """Turn float32 (N, C, h, w) into uint8 (N, H, W, 3)."""
        x = torch.from_numpy(latents.copy()).to(self._device)
        planes = x.contiguous(memory_format=torch.channels_last)
        y = (self._run(planes, x[0, 0].numel() * self._factor**2) + 1) * 127.5
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
