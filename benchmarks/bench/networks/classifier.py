"""A small convolutional classifier of tiles, trained from nothing."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pathae_codec.arrays import Pixels

Labels = NDArray[np.int64]
WIDTHS = (24, 48, 96, 160)
BATCH = 32
LEARNING_RATE = 3e-3


class Classifier(nn.Module):
    """Four strided convolutions, the mean over positions, one linear layer."""

    def __init__(self, classes: int, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        blocks: list[nn.Module] = []
        for inputs, outputs in zip((3, *WIDTHS), WIDTHS, strict=False):
            blocks += [
                nn.Conv2d(inputs, outputs, 3, 2, 1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(WIDTHS[-1], classes)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def pooled(self, x: Tensor) -> Tensor:
        """Return the features before the last layer, (N, 160)."""
        pooled: Tensor = self.blocks(x).mean((2, 3))
        return pooled

    def forward(self, x: Tensor) -> Tensor:
        """Score the classes, (N, classes)."""
        scores: Tensor = self.head(self.pooled(x))
        return scores


def to_network(pixels: Pixels) -> Tensor:
    """Turn uint8 (N, H, W, 3) into float (N, 3, H, W), about -1 to 1."""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float()
    return x / 127.5 - 1


def train_classifier(
    network: nn.Module, pixels: Pixels, labels: Labels, *, epochs: int, crop: int, seed: int
) -> None:
    """Train on crops that are flipped and turned at random, the rate of learning a half cosine."""
    random = np.random.default_rng(seed)
    steps = epochs * -(-len(pixels) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    network.train()
    for _ in range(epochs):
        order = random.permutation(len(pixels))
        for first in range(0, len(order), BATCH):
            chosen = order[first : first + BATCH]
            batch = np.stack([augment(random, pixels[i], crop) for i in chosen])
            loss = nn.functional.cross_entropy(
                network(to_network(batch)), torch.from_numpy(labels[chosen]), label_smoothing=0.1
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()


def augment(random: np.random.Generator, tile: Pixels, crop: int) -> Pixels:
    """Cut a square at random, flip and turn it."""
    crop = min(crop, *tile.shape[:2])
    top, left = (random.integers(0, side - crop + 1) for side in tile.shape[:2])
    square = tile[top : top + crop, left : left + crop]
    square = np.rot90(square, random.integers(4))
    return square[:, ::-1] if random.integers(2) else square


def classify(network: nn.Module, pixels: Pixels) -> Labels:
    """Return the likeliest class of each tile."""
    with torch.inference_mode():
        parts = [
            network(to_network(pixels[i : i + BATCH])).argmax(1)
            for i in range(0, len(pixels), BATCH)
        ]
    return torch.cat(parts).numpy()


def linear_probe(
    train: NDArray[np.float32],
    labels: Labels,
    tests: Sequence[NDArray[np.float32]],
    penalty: float,
) -> list[Labels]:
    """Fit a linear classifier on features and return the classes that it sees in others.

    Multinomial logistic regression on features scaled to mean 0 and deviation 1, by L-BFGS.

    Args:
        train: Features to fit on, float32 (N, D).
        labels: Their classes, 0 and up.
        tests: Sets of other features.
        penalty: Of the squared weights.
    """
    mean, deviation = train.mean(0), train.std(0) + 1e-6
    x = torch.from_numpy((train - mean) / deviation)
    y = torch.from_numpy(labels)
    layer = nn.Linear(x.shape[1], int(labels.max()) + 1)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimizer = torch.optim.LBFGS(layer.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = nn.functional.cross_entropy(layer(x), y) + penalty * layer.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    with torch.inference_mode():
        return [
            layer(torch.from_numpy((test - mean) / deviation)).argmax(1).numpy() for test in tests
        ]
