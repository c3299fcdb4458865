"""Small slides drawn at random: sides about multiples of the tile, levels of odd ratios, white."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from pathae_codec.arrays import Pixels
from tests.tiny_model import draw_tissue

_TILES = (16, 16, 16, 32, 48, 64)
"""Sides of a tile; the smallest is taken most, since it gives many tiles for few pixels."""
_GRIDS = (0, 1, 1, 2, 3, 4, 8)
"""Tiles along a side, before a few pixels more or less; a shard has 8 at most."""
_MOST_SIDE = 200


@dataclass(frozen=True)
class RandomSlide:
    """A slide and how it is converted.

    Attributes:
        tile: Side of a tile in pixels, of the file that is made.
        sizes: Width and height of each level of the source.
        white: Rectangles of glass of level 0: left, top, right, bottom.
        sub_ifds: Levels lie below level 0, and not behind it.
        seed: Of the pixels.
        options: Of `ConvertSettings`.
        containers: What is converted, transcoded and requantized to: `tif`, `0.5` or `0.4`.
        export: Format of an export that loses nothing.
    """

    tile: int
    sizes: tuple[tuple[int, int], ...]
    white: tuple[tuple[int, int, int, int], ...]
    sub_ifds: bool
    seed: int
    options: dict[str, Any]
    containers: tuple[str, str, str]
    export: str


def draw_slide(seed: int, number: int) -> RandomSlide:
    """Return the slide of a number; the same one each time."""
    generator = np.random.default_rng([seed, number])
    tile = int(generator.choice(_TILES))
    width, height = (_side(generator, tile) for _ in range(2))
    levels = int(generator.integers(1, 5))
    ratio = float(generator.choice([2, 2, 4, 3, 2.5]))
    lossless = generator.random() < 0.3
    corners = generator.uniform(-0.2, 1.2, (int(generator.integers(0, 3)), 4))
    return RandomSlide(
        tile=tile,
        sizes=_sizes(generator, width, height, ratio, levels),
        white=tuple(_rectangle(corner, width, height) for corner in corners),
        sub_ifds=bool(generator.random() < 0.5),
        seed=int(generator.integers(2**31)),
        options={
            "max_error": 0 if lossless else None,
            "quality": 60,
            "min_psnr": 0.0,
            "embed_model": bool(generator.random() < 0.5),
        },
        containers=tuple(str(c) for c in generator.choice(["tif", "0.5", "0.4"], 3)),  # type: ignore[arg-type]
        export=str(generator.choice(["tiff", "ome-tiff", "ome-zarr"])),
    )


def write_source(slide: RandomSlide, path: Path) -> Pixels:
    """Write a slide as a tiled TIFF; return the pixels of level 0."""
    width, height = slide.sizes[0]
    full = draw_tissue(height, width, slide.seed)
    for left, top, right, bottom in slide.white:
        full[top:bottom, left:right] = 255
    options: dict[str, Any] = {"photometric": "rgb", "tile": (32, 32), "metadata": None}
    with tifffile.TiffWriter(path) as tiff:
        below = len(slide.sizes) - 1 if slide.sub_ifds else None
        tiff.write(full, subifds=below, **options)
        for level in slide.sizes[1:]:
            tiff.write(_resized(full, *level), subfiletype=1, **options)
    return full


def _side(generator: np.random.Generator, tile: int) -> int:
    tiles, off = int(generator.choice(_GRIDS)), int(generator.choice([-1, 0, 0, 1, 7]))
    return int(np.clip(tiles * tile + off, 1, _MOST_SIDE))


def _sizes(
    generator: np.random.Generator, width: int, height: int, ratio: float, levels: int
) -> tuple[tuple[int, int], ...]:
    """Return the size of each level; vendors round up, down, or to the nearest."""
    sizes = [(width, height)]
    for number in range(1, levels):
        rounding = [np.floor, np.ceil, np.rint][int(generator.integers(3))]
        shrunk = tuple(max(1, int(rounding(side / ratio**number))) for side in (width, height))
        # Two images of one size are a stack, and no levels.
        if shrunk != sizes[-1]:
            sizes.append(shrunk)
    return tuple(sizes)


def _rectangle(corners: np.ndarray, width: int, height: int) -> tuple[int, int, int, int]:
    left, right = sorted(np.clip(corners[:2], 0, 1) * width)
    top, bottom = sorted(np.clip(corners[2:], 0, 1) * height)
    return int(left), int(top), int(right), int(bottom)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    rows = np.arange(height) * pixels.shape[0] // height
    columns = np.arange(width) * pixels.shape[1] // width
    return np.ascontiguousarray(pixels[rows][:, columns])
