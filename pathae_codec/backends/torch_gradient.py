"""How the error of a decoded tile changes with its latent: what a search for better symbols asks.

On torch, since the other backends run networks forwards only.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.torch_networks import build_network, load_weights
from pathae_codec.model.artifact import Transform

PROBES = 2
"""Random pictures that a curvature is taken from: it is a mean over all positions besides."""


class TorchGradient:
    """The squared error of one tile as a function of its latent, in float32, on CUDA if there is.

    Convolutions are deterministic ones, and nothing depends on other tiles: the same tile gives the
    same numbers on the same machine, in whatever order tiles come.

    Args:
        transform: A synthesis of one face.
        silent_planes: How many planes of noise it takes behind the latent; they are zeros here.
    """

    def __init__(self, transform: Transform, silent_planes: int) -> None:
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._silent_planes = silent_planes
        weights = {name: torch.from_numpy(w.copy()) for name, w in transform.weights.items()}
        network = load_weights(build_network(transform.layers), weights)
        self._network = network.to(self._device).to(
            memory_format=torch.channels_last  # type: ignore[call-overload]
        )

    def error(self, latent: Latents, pixels: Pixels) -> float:
        """Return the mean squared error in 8-bit units.

        Args:
            latent: float32 (1, C, h, w).
            pixels: uint8 (H, W, 3), what is to be decoded.
        """
        with torch.no_grad():
            return self._squared_error(self._tensor(latent), pixels).item()

    def gradient(self, latent: Latents, pixels: Pixels) -> tuple[float, Latents]:
        """Return the error, and its derivative by the latent, float32 (C, h, w)."""
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            taken = self._tensor(latent).requires_grad_()
            error = self._squared_error(taken, pixels)
            (slope,) = torch.autograd.grad(error, taken)
        return error.item(), _planes(slope)

    def curvature(self, latent: Latents, seed: int) -> NDArray[np.float32]:
        """Return what a change of 1 in one number of the latent adds to the error by itself.

        The diagonal of the Gauss-Newton matrix (Hutchinson's estimate, by random signs), a mean
        over the positions: float32 (C,).
        """
        random = np.random.default_rng(seed)
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            taken = self._tensor(latent).requires_grad_()
            decoded = self._decode(taken)
            squares = np.zeros(latent.shape[1:], np.float32)
            for _ in range(PROBES):
                signs = 2.0 * random.integers(2, size=decoded.shape) - 1
                probe = torch.from_numpy(signs.astype(np.float32)).to(self._device)
                (slope,) = torch.autograd.grad(decoded, taken, probe, retain_graph=True)
                squares += np.square(_planes(slope))
        means: NDArray[np.float32] = squares.mean((1, 2)) / (PROBES * decoded.numel())
        return means

    def _tensor(self, latent: Latents) -> Tensor:
        return torch.from_numpy(latent.copy()).to(self._device)

    def _squared_error(self, latent: Tensor, pixels: Pixels) -> Tensor:
        wanted = torch.from_numpy(pixels.copy()).to(self._device).permute(2, 0, 1)
        return (self._decode(latent)[0] - wanted).square().mean()

    def _decode(self, latent: Tensor) -> Tensor:
        """Return the picture in 8-bit units, neither rounded nor cut off: (1, 3, H, W)."""
        given = functional.pad(latent, (0, 0, 0, 0, 0, self._silent_planes))
        planes: Tensor = self._network(given.contiguous(memory_format=torch.channels_last))
        return (planes + 1) * 127.5


def _planes(slope: Tensor) -> Latents:
    planes: Latents = slope[0].contiguous().cpu().numpy()
    return planes
