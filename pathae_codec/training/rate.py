"""Latents -> gains, and the differentiable estimate of the bits that the symbols will take."""

import torch
from torch import Tensor, nn


class RateModel(nn.Module):
    """Per quality and channel: a gain, and a mixture of logistics over the scaled latent.

    The mixture only shapes the training: the tables in the artifact are counted afterwards.
    """

    def __init__(self, lambdas: tuple[float, ...], channels: int, components: int = 3) -> None:
        super().__init__()
        # The best step size goes with 1 / sqrt(lambda) at high rate (Sullivan 1996).
        start = torch.tensor(lambdas).div(lambdas[len(lambdas) // 2]).sqrt().mul(4).log()
        self.log_gains = nn.Parameter(start[:, None].repeat(1, channels))
        shape = (len(lambdas), channels, components)
        self.means = nn.Parameter(torch.zeros(shape))
        spread = torch.linspace(-1, 2, components).expand(shape)
        self.log_scales = nn.Parameter(spread.clone())
        self.logits = nn.Parameter(torch.zeros(shape))

    def gains(self, quality: Tensor) -> Tensor:
        """Gains for one quality a sample: (N,) to (N, C, 1, 1)."""
        return self.log_gains[quality].exp()[:, :, None, None]

    def bits(self, scaled: Tensor, quality: Tensor) -> Tensor:
        """Bits of each sample, (N,), for latents times gain plus uniform noise, (N, C, h, w)."""
        x = scaled.flatten(2)[..., None]
        means = self.means[quality][:, :, None]
        # Narrower than this, a channel that is always zero gives gradients without bound.
        scales = self.log_scales[quality].clamp_min(-2.0).exp()[:, :, None]
        weights = self.logits[quality].softmax(-1)[:, :, None]
        upper = torch.sigmoid((x - means + 0.5) / scales)
        lower = torch.sigmoid((x - means - 0.5) / scales)
        likelihood = ((upper - lower) * weights).sum(-1).clamp_min(1e-7)
        return -likelihood.log2().sum((1, 2))
