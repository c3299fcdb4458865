"""What structure and texture are to a loss: local means and deviations of filtered pictures.

Squared error asks where each pixel is; where the latent does not say, its answer is the mean of all
that might be, which is blur. Local statistics ask what is there within a window. The filters are
fixed, so that the loss is of no network's taste: a picture in an opponent colour space, and the
positive and negative parts of the first and second derivatives of a Gaussian, at four scales
(Portilla and Simoncelli 2000; windows as in Wasserstein distortion, Qiu et al. 2024).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALES = 4
"""Each half the size of the one before."""
LEAST_VARIANCE = 1e-4
"""Of what is squared, -1 to 1: a deviation of 0.6 in 8-bit steps and less is none."""
OPPONENT = ((0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))
"""Red, green and blue -> luma and two chromas (BT.601)."""
_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)
_MAPS = 11


class LocalStatistics(nn.Module):
    """The squared distance of two pictures' local statistics.

    Args:
        sources: (N, 3, H, W), -1 to 1: what the statistics' own spread is taken from, so that each
            counts by how far it is from what it might have been.
    """

    def __init__(self, sources: Tensor) -> None:
        super().__init__()
        self.register_buffer("opponent", torch.tensor(OPPONENT)[:, :, None, None])
        blur = torch.tensor(_BINOMIAL) / 16
        self.register_buffer("rows", blur.view(1, 1, 5, 1).repeat(3, 1, 1, 1))
        self.register_buffer("columns", blur.view(1, 1, 1, 5).repeat(3, 1, 1, 1))
        with torch.no_grad():
            spreads = [s.var((0, 2, 3)).clamp_min(1e-6) for s in self._statistics(sources)]
        self._count = len(spreads)
        for index, spread in enumerate(spreads):
            self.register_buffer(f"spread_{index}", spread[:, None, None])

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        with torch.no_grad():
            wanted = self._statistics(source)
        found = self._statistics(decoded)
        distances = [
            ((a - b).square() / self.get_buffer(f"spread_{index}")).mean((1, 2, 3))
            for index, (a, b) in enumerate(zip(found, wanted, strict=True))
        ]
        return torch.stack(distances).mean(0)

    def _statistics(self, pictures: Tensor) -> list[Tensor]:
        """Return means and deviations in windows of 4 and 16, each (N, maps, rows, columns)."""
        level = functional.conv2d(pictures.float(), self.get_buffer("opponent"))
        level = level.contiguous()
        statistics = []
        for scale in range(SCALES):
            if scale:
                level = functional.avg_pool2d(level, 2)
            maps = self._maps(level)
            statistics += windowed(maps, (4, 16))
        return statistics

    def _maps(self, level: Tensor) -> Tensor:
        """Return the picture and the parts of its derivatives, (N, 33, H - 6, W - 6)."""
        smooth = functional.conv2d(level, self.get_buffer("rows"), groups=3)
        smooth = functional.conv2d(smooth, self.get_buffer("columns"), groups=3)
        middle, inner = slice(1, -1), smooth[:, :, 1:-1, 1:-1]
        left, right = smooth[:, :, middle, :-2], smooth[:, :, middle, 2:]
        above, below = smooth[:, :, :-2, middle], smooth[:, :, 2:, middle]
        diagonal = (
            smooth[:, :, 2:, 2:]
            + smooth[:, :, :-2, :-2]
            - smooth[:, :, 2:, :-2]
            - smooth[:, :, :-2, 2:]
        )
        derivatives = torch.cat(
            [
                (right - left) / 2,
                (below - above) / 2,
                right + left - 2 * inner,
                above + below - 2 * inner,
                diagonal / 4,
            ],
            1,
        )
        picture = level[:, :, 3:-3, 3:-3]
        return torch.cat([picture, derivatives.relu(), (-derivatives).relu()], 1)


def windowed(maps: Tensor, sides: tuple[int, ...]) -> list[Tensor]:
    """Return local means and deviations of (N, C, H, W), one after the other for each side.

    Windows overlap by half. They are put together from their quarters, those of a side from those
    of the side before: a side must be a multiple of twice the one before, the first one even.
    Where a map is too small for a side, that and the larger ones are left out.
    """
    both = torch.cat([maps, maps.square()], 1)
    statistics, quarter = [], 1
    for side in sides:
        both = functional.avg_pool2d(both, side // 2 // quarter)
        quarter = side // 2
        if min(both.shape[2:]) < 2:
            break
        mean, square = functional.avg_pool2d(both, 2, 1).chunk(2, 1)
        deviation = (square - mean.square()).clamp_min(0).add(LEAST_VARIANCE).sqrt()
        statistics += [mean, deviation]
    return statistics
