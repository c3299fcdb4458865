"""Which colours a model was trained on, and how much of a folder of tiles lies outside of them.

    python -m benchmarks.colour_range CONFIG TRAIN [FOLDER ...] [--crops 4000]

CONFIG is a recipe of `pathae models train`, TRAIN holds the folders that it names; crops are drawn
as the training draws them. The colour of a crop is the median L*, a*, b* (CIE 1976, sRGB, D65) of
its tissue: the pixels that are no glass. FOLDERs are cut into tiles of the same side.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.training.config import load_config
from pathae_codec.training.tiles import CropSource, load_images
from pathae_codec.verification.colour_difference import lab

Pixels = NDArray[np.uint8]
Colours = NDArray[np.float32]
PERCENTILES = (1, 5, 50, 95, 99)
GLASS_LIGHTNESS, GLASS_CHROMA = 90.0, 6.0
"""Lighter and less coloured than this is glass."""
LEAST_TISSUE = 0.1
"""Share of a crop: with less it has no colour."""


def tissue_colours(tiles: Iterable[Pixels]) -> Colours:
    """Return the median L*, a*, b* of the tissue of uint8 (H, W, 3) each, float32 (N, 3).

    Tiles that are glass for the most part are left out.
    """
    medians = []
    for tile in tiles:
        colours = lab(tile[::2, ::2]).reshape(-1, 3)
        chroma = np.hypot(colours[:, 1], colours[:, 2])
        tissue = colours[(colours[:, 0] < GLASS_LIGHTNESS) | (chroma > GLASS_CHROMA)]
        if len(tissue) >= LEAST_TISSUE * len(colours):
            medians.append(np.median(tissue, 0))
    return np.array(medians, np.float32).reshape(-1, 3)


def outside(colours: Colours, low: Colours, high: Colours) -> float:
    """Return the share of colours (N, 3) that lie below `low` or above `high` (3,) in anything."""
    return float(((colours < low) | (colours > high)).any(1).mean())


def cut(images: Iterable[Pixels], side: int) -> Iterable[Pixels]:
    """Cut images into tiles, those beyond the last whole one left out."""
    for image in images:
        for top in range(0, image.shape[0] - side + 1, side):
            for left in range(0, image.shape[1] - side + 1, side):
                yield image[top : top + side, left : left + side]


def main() -> None:
    """Print a line for the training and one for each folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("train", type=Path)
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--crops", type=int, default=4000)
    options = parser.parse_args()
    config = load_config(options.config)
    source = CropSource(options.train, config.folders, config.crop)
    drawn = source.draw(np.random.default_rng(config.seed), options.crops)
    seen = tissue_colours(drawn)
    low, high = np.percentile(seen, (PERCENTILES[0], PERCENTILES[-1]), axis=0)
    print(f"{config.name}: {options.crops} crops of {config.crop}, {len(seen)} of them tissue")
    print("\n| tiles | number | " + " | ".join(f"{name}*" for name in "Lab") + " | outside |")
    print("|---|---|---|---|---|---|")
    print(_line("training", seen, low, high))
    for folder in options.folders:
        colours = tissue_colours(cut(load_images(folder), config.crop))
        print(_line(folder.name, colours, low, high))
    print(f"\nColumns: percentiles {PERCENTILES}; outside: of the training's first to last, share.")


def _line(name: str, colours: Colours, low: Colours, high: Colours) -> str:
    found = np.percentile(colours, PERCENTILES, axis=0).T
    cells = [", ".join(f"{value:.0f}" for value in axis) for axis in found]
    share = 100 * outside(colours, low, high)
    return f"| {name} | {len(colours)} | {' | '.join(cells)} | {share:.0f} % |"


if __name__ == "__main__":
    main()
