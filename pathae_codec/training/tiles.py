"""Folders of tiles -> random crops."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError
from pathae_codec.training.config import TileFolder
from pathae_codec.training.jpeg_grid import GRID, find_grid
from pathae_codec.training.scanner_history import HistoryTable, draw_history
from pathae_codec.training.stains import StainTable, draw_stain
from pathae_codec.training.unmixing import Unmixing, estimate_unmixing

ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}


def load_images(folder: Path) -> list[Pixels]:
    """Read every image below a folder as uint8 (H, W, 3), in the order of their names."""
    from PIL import Image

    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    if not paths:
        raise SettingError(f"tiles: expected images in {folder}, found none")
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def half_size(pixels: Pixels) -> Pixels:
    """Shrink by a 2 x 2 box filter, which removes most of a JPEG's history."""
    h, w = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    blocks = pixels[:h, :w].reshape(h // 2, 2, w // 2, 2, 3)
    means: Pixels = ((blocks.sum((1, 3), dtype=np.uint16) + 2) >> 2).astype(np.uint8)
    return means


@dataclass(frozen=True)
class _Image:
    """An image, where its own JPEG's grid begins, and its dyes; None where nobody asks."""

    pixels: Pixels
    grid: tuple[int, int] | None
    unmixing: Unmixing | None


@dataclass(frozen=True)
class _Group:
    """Images of one folder and size; `aligned` is the share of crops that keep their grid."""

    images: Sequence[_Image]
    aligned: float

    @cached_property
    def areas(self) -> NDArray[np.integer]:
        """Sum of the images' sizes up to each."""
        return np.cumsum([image.pixels.size for image in self.images])


class CropSource:
    """Images in memory, from which crops are drawn by the folders' weights, then by area.

    What is done to a crop has the order of things: stained, turned, stored by a scanner. Without
    `stains` and `history` crops are as they are in the images.

    Args:
        root: Holds the folders.
        folders: What to read.
        crop: Side of a crop.
        history: How often crops are stored as which scanner's file.
        stains: How often crops are stained otherwise.
    """

    def __init__(
        self,
        root: Path,
        folders: Sequence[TileFolder],
        crop: int,
        history: HistoryTable | None = None,
        stains: StainTable | None = None,
    ) -> None:
        self._crop, self._history, self._stains = crop, history, stains
        self._groups: list[_Group] = []
        weights: list[float] = []
        for folder in folders:
            images = load_images(root / folder.name)
            for weight, group, aligned in (
                (folder.full, images, folder.aligned),
                (folder.half, [half_size(i) for i in images], 0.0),
            ):
                usable = [i for i in group if min(i.shape[:2]) >= crop]
                if weight and usable:
                    known = [self._known(pixels, aligned) for pixels in usable]
                    self._groups.append(_Group(known, aligned))
                    weights.append(weight)
        self._weights = np.array(weights) / sum(weights)

    def draw(self, random: np.random.Generator, count: int) -> Pixels:
        """Draw crops, uint8 (count, crop, crop, 3), each flipped and turned at random."""
        return np.stack([self._draw_one(random) for _ in range(count)])

    def _known(self, pixels: Pixels, aligned: float) -> _Image:
        grid = find_grid(pixels) if aligned else None
        if grid and min(np.subtract(pixels.shape[:2], grid)) < self._crop:
            grid = None
        return _Image(pixels, grid, estimate_unmixing(pixels) if self._stains else None)

    def _draw_one(self, random: np.random.Generator) -> Pixels:
        group = self._groups[random.choice(len(self._groups), p=self._weights)]
        index = np.searchsorted(group.areas, random.integers(group.areas[-1]), side="right")
        image = group.images[index]
        # Nothing is drawn for what nobody asks: recipes of before repeat.
        if image.grid and random.random() < group.aligned:
            # Its own history is one already; another stain would blur what it is known by.
            return _turn(self._cut(image, image.grid, GRID, random), random)
        crop = self._cut(image, (0, 0), 1, random)
        if self._stains and image.unmixing:
            crop = draw_stain(crop, image.unmixing, self._stains, random)
        crop = _turn(crop, random)
        return draw_history(crop, self._history, random) if self._history else crop

    def _cut(
        self, image: _Image, first: tuple[int, int], step: int, random: np.random.Generator
    ) -> Pixels:
        """Cut a crop at a random place out of every `step`-th from the first row and column."""
        top, left = (
            start + step * int(random.integers((side - start - self._crop) // step + 1))
            for start, side in zip(first, image.pixels.shape[:2], strict=True)
        )
        return image.pixels[top : top + self._crop, left : left + self._crop]


def _turn(crop: Pixels, random: np.random.Generator) -> Pixels:
    """Turn and flip at random.

    A grid of 8 or 16 at phase 0 stays at phase 0 where the crop's side is a multiple of it: a
    border between blocks at x comes to lie at side - x.
    """
    turned: Pixels = np.rot90(crop, int(random.integers(4)))
    return turned[:, ::-1] if random.integers(2) else turned
