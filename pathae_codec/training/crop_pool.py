"""Crops on the device, drawn by processes of their own: a GPU must not wait for JPEG and stains.

What a crop goes through takes a processor milliseconds, a step of a GPU as long for a whole batch.
So crops lie in a ring on the device, from which every step draws; the processes put new ones into
the place of the oldest, as fast as they come.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count

import numpy as np
import torch
from torch import Tensor

from pathae_codec.arrays import Pixels
from pathae_codec.closing import Closing
from pathae_codec.training.tiles import CropSource

BLOCK = 32
"""Crops that a process hands over at once."""
AHEAD = 2
"""Blocks that each process has before it."""
_sources: list[CropSource] = []
"""In a process that draws: its images, read once."""


class CropPool(Closing):
    """A ring of crops.

    What comes when depends on how fast the processes are: such a run does not repeat bit by bit.

    Args:
        make: Reads the images; called once in each process.
        crop: Side of a crop.
        size: Crops in the ring.
        processes: That draw.
        seed: Of the first block; each has a seed of its own.
        device: Where the ring lies.
    """

    def __init__(
        self,
        make: Callable[[], CropSource],
        crop: int,
        size: int,
        processes: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self._ring = torch.empty(
            (max(size, BLOCK), crop, crop, 3), dtype=torch.uint8, device=device
        )
        self.drawn = 0
        # Not forked: CUDA and its threads do not survive that.
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(
            processes, mp_context=context, initializer=_read, initargs=(make,)
        )
        self._seeds = ((seed, number) for number in count())
        self._coming: deque[Future[Pixels]] = deque()
        for _ in range(AHEAD * processes):
            self._ask()

    def draw_tensor(self, random: np.random.Generator, number: int) -> Tensor:
        """Return crops of the ring, uint8 (number, crop, crop, 3) on its device."""
        least = self.drawn + sum(1 for block in self._coming if block.done()) * BLOCK
        while self.drawn < max(least, min(number, len(self._ring))):
            self._take(self._coming.popleft().result())
            self._ask()
        there = min(self.drawn, len(self._ring))
        places = torch.from_numpy(random.integers(there, size=number)).to(self._ring.device)
        return self._ring[places]

    def draw(self, random: np.random.Generator, number: int) -> Pixels:
        """Return crops as `CropSource.draw` does."""
        pixels: Pixels = self.draw_tensor(random, number).cpu().numpy()
        return pixels

    def close(self) -> None:
        """End the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _ask(self) -> None:
        self._coming.append(self._executor.submit(_draw_block, next(self._seeds)))

    def _take(self, block: Pixels) -> None:
        size = len(self._ring)
        first = self.drawn % size
        new = torch.from_numpy(block).to(self._ring.device)
        end = min(size, first + len(block))
        self._ring[first:end] = new[: end - first]
        self._ring[: len(block) - (end - first)] = new[end - first :]
        self.drawn += len(block)


def _read(make: Callable[[], CropSource]) -> None:
    _sources.append(make())


def _draw_block(seed: tuple[int, int]) -> Pixels:
    return _sources[0].draw(np.random.default_rng(seed), BLOCK)
