"""What structure and texture are to a loss: local means and deviations of filtered pictures.

Squared error asks where each pixel is; where the latent does not say, its answer is the mean of all
that might be, which is blur. Local statistics ask what is there within a window. The filters are
fixed, so that the loss is of no network's taste: a picture in an opponent colour space, and the
positive and negative parts of the first and second derivatives of a Gaussian, at four scales
(Portilla and Simoncelli 2000; windows as in Wasserstein distortion, Qiu et al. 2024).

A difference counts by the deviation that is there: what is lost in texture is seen in glass
(contrast masking, Legge and Foley 1980). Counted alike everywhere, glass was filled with a dither
of one step, which networks of every family noticed.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

SCALES = 4
"""Each half the size of the one before."""
LEAST_VARIANCE = 1e-5
"""Keeps the slope of a deviation near zero finite: a deviation of 0.4 in 8-bit steps, -1 to 1."""
UNMASKED = 0.05
"""Share of a map's variance over all sources that is taken for there where a window is flat."""
OPPONENT = ((0.299, 0.587, 0.114), (-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))
"""Red, green and blue -> luma and two chromas (BT.601)."""
WINDOWS = (4, 16)
"""Sides of the windows, in pixels of each scale."""
_BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)


class LocalStatistics(nn.Module):
    """The squared distance of two pictures' local statistics, by the source's local variance.

    Args:
        sources: (N, 3, H, W), -1 to 1: what the maps' variances are taken from.
    """

    def __init__(self, sources: Tensor) -> None:
        super().__init__()
        self.register_buffer("opponent", torch.tensor(OPPONENT)[:, :, None, None])
        blur = torch.tensor(_BINOMIAL) / 16
        self.register_buffer("rows", blur.view(1, 1, 5, 1).repeat(3, 1, 1, 1))
        self.register_buffer("columns", blur.view(1, 1, 1, 5).repeat(3, 1, 1, 1))
        with torch.no_grad():
            for scale, maps in enumerate(self._scales(sources)):
                variance = maps.var((0, 2, 3)).clamp_min(LEAST_VARIANCE)
                self.register_buffer(f"variance_{scale}", variance[:, None, None])

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        distances = []
        for scale, (found, wanted) in enumerate(
            zip(self._scales(decoded), self._scales(source), strict=True)
        ):
            flat = UNMASKED * self.get_buffer(f"variance_{scale}")
            for (mean, deviation), (right_mean, right_deviation) in zip(
                windowed(found, WINDOWS), windowed(wanted, WINDOWS), strict=True
            ):
                masked = right_deviation.square() + flat
                squares = (mean - right_mean).square() + (deviation - right_deviation).square()
                distances.append((squares / masked).mean((1, 2, 3)))
        return torch.stack(distances).mean(0)

    def _scales(self, pictures: Tensor) -> list[Tensor]:
        """Return the maps of each scale, (N, 33, rows, columns)."""
        level = functional.conv2d(pictures.float(), self.get_buffer("opponent"))
        scales = []
        for scale in range(SCALES):
            level = functional.avg_pool2d(level, 2) if scale else level
            scales.append(self._maps(level.contiguous()))
        return scales

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


def windowed(maps: Tensor, sides: tuple[int, ...]) -> list[tuple[Tensor, Tensor]]:
    """Return local means and deviations of (N, C, H, W), a pair for each side.

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
        statistics.append((mean, deviation))
    return statistics
