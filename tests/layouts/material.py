"""What layouts are built from: a picture of tissue with glass at its edge, and how it is shrunk."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imagecodecs
import numpy as np

from benchmarks.data import data_folder
from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels

WIDTH, HEIGHT = 900, 700
GLASS = 244
"""Scanners' white."""
MPP, MAGNIFICATION = 0.25, 40


@dataclass(frozen=True)
class Built:
    """A source that was written.

    Attributes:
        path: Of the file or folder.
        options: What `convert` must be told.
        pixels: Level 0 as it must be read, uint8 (H, W, 3); None where the source is lossy.
    """

    path: Path
    options: tuple[str, ...] = ()
    pixels: Pixels | None = None


@cache
def picture() -> Pixels:
    """Return tissue of real tiles where there are any, else drawn: uint8 (700, 900, 3)."""
    pixels = draw_tissue(HEIGHT, WIDTH, 1)
    folder = data_folder() / "tiles" / "dev" / "gbm40_tcga"
    tiles = [imagecodecs.imread(path)[..., :3] for path in sorted(folder.glob("*.png"))[:4]]
    corners = [(0, 0), (0, 450), (350, 0), (350, 450)]
    for (top, left), tile in zip(corners, tiles, strict=False):
        part = tile[:350, :450]
        pixels[top : top + part.shape[0], left : left + part.shape[1]] = part
    pixels[:, 780:] = GLASS
    pixels[620:] = GLASS
    pixels.flags.writeable = False
    return pixels


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return pixels at another size, each the one at its place; any ratio will do."""
    rows = (np.arange(height) + 0.5) * pixels.shape[0] / height
    columns = (np.arange(width) + 0.5) * pixels.shape[1] / width
    taken: Pixels = np.ascontiguousarray(pixels[rows.astype(int)][:, columns.astype(int)])
    return taken


def padded(pixels: Pixels, tile: int, value: int = 255) -> Pixels:
    """Return pixels with their right and lower edges filled up to whole tiles."""
    height, width = (-(-side // tile) * tile for side in pixels.shape[:2])
    grown: Pixels = np.full((height, width, 3), value, np.uint8)
    grown[: pixels.shape[0], : pixels.shape[1]] = pixels
    return grown
