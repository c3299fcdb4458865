"""Pixels of crops -> what networks take."""

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from pathae_codec.arrays import Pixels
from pathae_codec.training.crop_pool import CropPool


class Crops(Protocol):
    """Gives random crops: `CropSource` reads them, `CropPool` has them drawn by processes."""

    def draw(self, random: np.random.Generator, count: int, /) -> Pixels:
        """Draw crops, uint8 (count, crop, crop, 3)."""
        ...


def draw_input(
    crops: Crops, random: np.random.Generator, count: int, device: torch.device
) -> Tensor:
    """Return network input of drawn crops; those of a pool lie on the device already."""
    if isinstance(crops, CropPool):
        return _scaled(crops.draw_tensor(random, count).to(device))
    return to_network(crops.draw(random, count), device)


def to_network(pixels: Pixels, device: torch.device) -> Tensor:
    """Return network input, (N, 3, H, W) from -1 to 1, channels last, of uint8 (N, H, W, 3)."""
    return _scaled(torch.from_numpy(pixels).to(device))


def _scaled(pixels: Tensor) -> Tensor:
    x = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)
