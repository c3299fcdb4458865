"""A small U-Net that tells nuclei from the rest (Ronneberger et al. 2015)."""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.bench.networks.classifier import to_network
from pathae_codec.arrays import Pixels

Masks = NDArray[np.bool_]
BATCH = 8
LEARNING_RATE = 3e-3


class UNet(nn.Module):
    """Three halvings; `width` channels at full resolution, twice as many at each halving."""

    def __init__(self, width: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        widths = [width * 2**i for i in range(4)]
        self.down = nn.ModuleList(
            _block(a, b) for a, b in zip((3, *widths[:-1]), widths, strict=True)
        )
        self.up = nn.ModuleList(_block(a + b, a) for a, b in pairwise(widths))
        self.last = nn.Conv2d(width, 1, 1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        """Score every pixel, (N, 1, H, W), sides multiples of 8."""
        kept = []
        for index, block in enumerate(self.down):
            x = block(nn.functional.max_pool2d(x, 2) if index else x)
            kept.append(x)
        for index in (2, 1, 0):
            x = nn.functional.interpolate(x, scale_factor=2)
            x = self.up[index](torch.cat([kept[index], x], 1))
        scores: Tensor = self.last(x)
        return scores


def _block(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def train_unet(
    network: nn.Module, pixels: Pixels, masks: Masks, *, steps: int, crop: int, seed: int
) -> None:
    """Train on crops at random places, flipped, turned and stained a little otherwise.

    The loss is cross-entropy and the Dice loss (Milletari et al. 2016), one to one.
    """
    random = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    network.train()
    for _ in range(steps):
        pairs = [_crop(random, pixels, masks, crop) for _ in range(BATCH)]
        x, y = (np.stack(part) for part in zip(*pairs, strict=True))
        scores = network(to_network(x))[:, 0]
        wanted = torch.from_numpy(y).float()
        loss = nn.functional.binary_cross_entropy_with_logits(scores, wanted)
        found = scores.sigmoid()
        loss = loss + 1 - (2 * (found * wanted).sum() + 1) / (found.sum() + wanted.sum() + 1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval()


def _crop(
    random: np.random.Generator, pixels: Pixels, masks: Masks, side: int
) -> tuple[Pixels, Masks]:
    index = int(random.integers(len(pixels)))
    top, left = (int(random.integers(0, n - side + 1)) for n in pixels.shape[1:3])
    square = pixels[index, top : top + side, left : left + side]
    mask = masks[index, top : top + side, left : left + side]
    turns, flip = int(random.integers(4)), bool(random.integers(2))
    square, mask = np.rot90(square, turns), np.rot90(mask, turns)
    if flip:
        square, mask = square[:, ::-1], mask[:, ::-1]
    # Amounts of dye differ from laboratory to laboratory: a factor of optical density a channel.
    density = -np.log((square.astype(np.float32) + 1) / 256)
    stained = 256 * np.exp(-density * random.uniform(0.8, 1.25, 3).astype(np.float32)) - 1
    return np.clip(stained, 0, 255).astype(np.uint8), mask.copy()


def segment(network: nn.Module, pixels: Pixels) -> Masks:
    """Say where nuclei are, bool (N, H, W)."""
    with torch.inference_mode():
        return np.stack(
            [(network(to_network(picture[None]))[0, 0] > 0).numpy() for picture in pixels]
        )
