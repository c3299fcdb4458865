"""Pixels of crops -> what networks take."""

import torch
from torch import Tensor

from pathae_codec.arrays import Pixels


def to_network(pixels: Pixels, device: torch.device) -> Tensor:
    """Return network input, (N, 3, H, W) from -1 to 1, channels last, of uint8 (N, H, W, 3)."""
    x = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)
