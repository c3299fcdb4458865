"""Errors of colour that the eye sees: chroma over areas of one to eight pixels.

Squared error of red, green and blue counts a faded nucleus little, since chroma has a small share
of a picture's variance. Over an area, errors of chroma that are noise cancel out, and those that
are a wrong colour do not.
"""

import torch
from torch import Tensor
from torch.nn import functional

from pathae_codec.training.local_statistics import OPPONENT

SIDES = (1, 2, 4, 8)
"""Of the areas, in pixels. An error that is noise loses its square with the side's square: weighing
by the side keeps the larger areas from vanishing beside the smallest."""


def chroma_error(decoded: Tensor, source: Tensor) -> Tensor:
    """Compare (N, 3, H, W), -1 to 1, with the source: (N,), in 8-bit units squared."""
    planes = torch.tensor(OPPONENT[1:], device=source.device)[:, :, None, None]
    error = functional.conv2d((decoded - source) * 127.5, planes)
    over = [s * functional.avg_pool2d(error, s).square().sum(1).mean((1, 2)) for s in SIDES]
    return torch.stack(over).mean(0)
