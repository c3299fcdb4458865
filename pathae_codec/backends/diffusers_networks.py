"""The halves of `diffusers_architecture` as torch modules: the library's own."""

from typing import Any

import torch
from torch import Tensor, nn

from pathae_codec.errors import ArtifactError, BackendUnavailableError
from pathae_codec.model.diffusers_architecture import DiffusersDecoder, DiffusersEncoder


def build_autoencoder(network: str, config: dict[str, Any]) -> nn.Module:
    """Build an autoencoder of diffusers without weights: its tensors are on the device `meta`.

    Raises:
        ArtifactError: diffusers does not know such a config.
        BackendUnavailableError: diffusers is not installed.
    """
    try:
        import diffusers
    except ImportError as error:
        raise BackendUnavailableError(
            f"{network}: expected the library diffusers, found none; the extra pathae[torch] "
            "brings it"
        ) from error
    try:
        with torch.device("meta"):
            autoencoder: nn.Module = getattr(diffusers, network)(**config)
    except (TypeError, ValueError, IndexError, ZeroDivisionError, AssertionError) as error:
        raise ArtifactError(
            f"{network}: diffusers {diffusers.__version__} refuses the config: {error}"
        ) from None
    return autoencoder


def build_half(layer: DiffusersEncoder | DiffusersDecoder) -> nn.Module:
    """Build a half of an autoencoder, `DiffusersEncoder` or `DiffusersDecoder`."""
    autoencoder = build_autoencoder(layer.network, dict(layer.config))
    half = EncoderHalf if isinstance(layer, DiffusersEncoder) else DecoderHalf
    return half(autoencoder)


class EncoderHalf(nn.Module):
    """Pixels in -1 to 1 -> the posterior's mean."""

    def __init__(self, autoencoder: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.encoder = autoencoder.encoder
        self.quant_conv = getattr(autoencoder, "quant_conv", None)
        self._gaussian = type(autoencoder).__name__ == "AutoencoderKL"

    def forward(self, x: Tensor) -> Tensor:
        """Run the half."""
        latents: Tensor = self.encoder(x)
        if self.quant_conv is not None:
            latents = self.quant_conv(latents)
        # Mean, then logarithm of the variance.
        return latents.chunk(2, dim=1)[0] if self._gaussian else latents


class DecoderHalf(nn.Module):
    """Latents -> pixels in -1 to 1."""

    def __init__(self, autoencoder: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.post_quant_conv = getattr(autoencoder, "post_quant_conv", None)
        self.decoder = autoencoder.decoder

    def forward(self, latents: Tensor) -> Tensor:
        """Run the half."""
        if self.post_quant_conv is not None:
            latents = self.post_quant_conv(latents)
        pixels: Tensor = self.decoder(latents)
        return pixels
