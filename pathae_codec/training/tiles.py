"""Folders of tiles -> random crops."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import SettingError
from pathae_codec.training.config import TileFolder

Pixels = NDArray[np.uint8]
_ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}


def load_images(folder: Path) -> list[Pixels]:
    """Read every image below a folder as uint8 (H, W, 3), in the order of their names."""
    from PIL import Image

    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS)
    if not paths:
        raise SettingError(f"tiles: expected images in {folder}, found none")
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def half_size(pixels: Pixels) -> Pixels:
    """Shrink by a 2 x 2 box filter, which removes most of a JPEG's history."""
    h, w = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    blocks = pixels[:h, :w].reshape(h // 2, 2, w // 2, 2, 3)
    means: Pixels = ((blocks.sum((1, 3), dtype=np.uint16) + 2) >> 2).astype(np.uint8)
    return means


class CropSource:
    """Images in memory, from which crops are drawn by the folders' weights, then by area."""

    def __init__(self, root: Path, folders: Sequence[TileFolder], crop: int) -> None:
        self._crop = crop
        self._groups: list[list[Pixels]] = []
        weights: list[float] = []
        for folder in folders:
            images = load_images(root / folder.name)
            for weight, group in (
                (folder.full, images),
                (folder.half, [half_size(i) for i in images]),
            ):
                usable = [i for i in group if min(i.shape[:2]) >= crop]
                if weight and usable:
                    self._groups.append(usable)
                    weights.append(weight)
        self._weights = np.array(weights) / sum(weights)
        self._areas = [np.cumsum([i.size for i in group]) for group in self._groups]

    def draw(self, random: np.random.Generator, count: int) -> Pixels:
        """Draw crops, uint8 (count, crop, crop, 3), each flipped and turned at random."""
        return np.stack([self._draw_one(random) for _ in range(count)])

    def _draw_one(self, random: np.random.Generator) -> Pixels:
        group = random.choice(len(self._groups), p=self._weights)
        areas = self._areas[group]
        index = np.searchsorted(areas, random.integers(areas[-1]), side="right")
        image = self._groups[group][index]
        top, left = (int(random.integers(side - self._crop + 1)) for side in image.shape[:2])
        crop = image[top : top + self._crop, left : left + self._crop]
        turned: Pixels = np.rot90(crop, int(random.integers(4)))
        return turned[:, ::-1] if random.integers(2) else turned
