"""Latents -> gains, and the differentiable estimate of the bits that the symbols will take."""

import torch
from torch import Tensor, nn

SELECTION_STRIDE = 4
"""A crop's table set is chosen by every so many of its positions; all of them cost more time."""


class RateModel(nn.Module):
    """Per quality: a gain a channel, and several sets of mixtures of logistics, one a channel.

    A crop is rated by the set that gives it the fewest bits, as a tile is coded by the table set
    that suits it best. The mixtures only shape the training: the tables in the artifact are
    counted afterwards.
    """

    def __init__(
        self, lambdas: tuple[float, ...], channels: int, sets: int, components: int = 3
    ) -> None:
        super().__init__()
        # The best step size goes with 1 / sqrt(lambda) at high rate (Sullivan 1996).
        start = torch.tensor(lambdas).div(lambdas[len(lambdas) // 2]).sqrt().mul(4).log()
        self.log_gains = nn.Parameter(start[:, None].repeat(1, channels))
        shape = (len(lambdas), sets, channels, components)
        self.means = nn.Parameter(torch.zeros(shape))
        # Sets that start alike would stay alike: the first is the narrowest.
        width = torch.linspace(-1, 1, sets) if sets > 1 else torch.zeros(1)
        spread = width[:, None, None] + torch.linspace(-1, 2, components)
        self.log_scales = nn.Parameter(spread.expand(shape).clone())
        self.logits = nn.Parameter(torch.zeros(shape))

    def gains(self, quality: Tensor) -> Tensor:
        """Gains for one quality a sample: (N,) to (N, C, 1, 1)."""
        return self.log_gains[quality].exp()[:, :, None, None]

    def bits(self, scaled: Tensor, quality: Tensor) -> Tensor:
        """Bits of each sample, (N,), for latents times gain plus uniform noise, (N, C, h, w)."""
        x = scaled.flatten(2)
        with torch.no_grad():
            some = x[:, :, ::SELECTION_STRIDE]
            sets = range(self.means.shape[1])
            costs = [self._bits_in_set(some, quality, torch.full_like(quality, s)) for s in sets]
            chosen = torch.stack(costs).argmin(0)
        return self._bits_in_set(x, quality, chosen)

    def _bits_in_set(self, x: Tensor, quality: Tensor, chosen: Tensor) -> Tensor:
        means = self.means[quality, chosen][:, :, None]
        # Narrower than this, a channel that is always zero gives gradients without bound.
        scales = self.log_scales[quality, chosen].clamp_min(-2.0).exp()[:, :, None]
        weights = self.logits[quality, chosen].softmax(-1)[:, :, None]
        offset = x[..., None] - means
        upper = torch.sigmoid((offset + 0.5) / scales)
        lower = torch.sigmoid((offset - 0.5) / scales)
        likelihood = ((upper - lower) * weights).sum(-1).clamp_min(1e-7)
        return -likelihood.log2().sum((1, 2))
