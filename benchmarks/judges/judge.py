"""A judge: pixels -> features, and how alike the features of two tiles are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pathae_codec.arrays import Pixels

Features = list[NDArray[np.float32]]
BATCH = 8
REVISION = 1
"""Of how judges see and compare tiles; raised when that changes, so that figures are taken anew."""


@dataclass(frozen=True)
class Judge:
    """A frozen network that sees tiles and takes part in no training.

    Attributes:
        name: In tables.
        family: What it shares its architecture or its training with; claims count families.
        source: Package, and what its weights were trained on.
        weights: The file that holds them.
        features: uint8 (N, H, W, 3) -> arrays of float32 (N, ...).
        compare: Features of originals and of reconstructions -> (N,), 1 where they are the same.
    """

    name: str
    family: str
    source: str
    weights: Path
    features: Callable[[Pixels], Features]
    compare: Callable[[Features, Features], NDArray[np.float64]]

    @property
    def digest(self) -> str:
        """Of what its figures depend on: name, revision, weights."""
        return f"{self.name} {REVISION} {_file_digest(self.weights)}"

    def similarity(self, tiles: Pixels, decoded: Pixels) -> NDArray[np.float64]:
        """Return the similarity of each pair of tiles, (N,)."""
        return self.compare(self.features(tiles), self.features(decoded))


@cache
def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:12]


def cosine_of_means(a: Features, b: Features) -> NDArray[np.float64]:
    """Return the cosine of each pair of rows, the mean over the arrays: (N,), -1 to 1."""
    return np.mean([_cosine(x, y) for x, y in zip(a, b, strict=True)], axis=0)


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    a, b = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in _doubles(a, b))
    # By way of the distance: 1 - cosine keeps its digits where the two are nearly the same.
    distance: NDArray[np.float64] = ((a - b) ** 2).sum(1)
    return 1 - distance / 2


def _doubles(*arrays: NDArray[np.float32]) -> Iterator[NDArray[np.float64]]:
    return (array.astype(np.float64) for array in arrays)


def pooled_features(network: Callable[[Tensor], Sequence[Tensor]], pixels: Pixels) -> Features:
    """Run a network over tiles, a few at a time.

    Args:
        network: float (N, 3, H, W), 0 to 255 -> tensors (N, D).
        pixels: uint8 (N, H, W, 3).
    """
    batches = []
    with torch.inference_mode():
        for first in range(0, len(pixels), BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(pixels[first : first + BATCH]))
            x = batch.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
            batches.append(network(x))
    return [torch.cat(parts).float().numpy() for parts in zip(*batches, strict=True)]
