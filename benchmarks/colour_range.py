"""Which colours a model was trained on, and how much of a folder of tiles lies outside of them.

    python -m benchmarks.colour_range CONFIG TRAIN [FOLDER ...] [--crops 4000] [--dab]

CONFIG is a recipe of `pathae models train`, TRAIN holds the folders that it names; crops are drawn
as the training draws them. The colour of a crop is the median L*, a*, b* (CIE 1976, sRGB, D65) of
its tissue: the pixels that are no glass. FOLDERs are cut into tiles of the same side. With --dab
each is measured a second time, as immunohistochemistry might look: scikit-image, whose code and
vectors are not the training's, unmixes haematoxylin and eosin, and mixes haematoxylin and DAB. What
the training draws with and without its restaining is compared by two configs.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Pixels
from pathae_codec.training.config import load_config
from pathae_codec.training.tiles import CropSource, load_images
from pathae_codec.verification.colour_difference import lab

Colours = NDArray[np.float32]
PERCENTILES = (1, 5, 50, 95, 99)
GLASS_LIGHTNESS, GLASS_CHROMA = 90.0, 6.0
"""Lighter and less coloured than this is glass."""
LEAST_TISSUE = 0.1
"""Share of a crop: with less it has no colour."""
NEAR = 5.0
"""Distance in CIELAB at which two colours of tissue are still much alike."""
DAB_OF_EOSIN = 1.5
"""Brown as dark as it is in slides takes more dye than eosin's pink."""


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


def far(colours: Colours, seen: Colours) -> float:
    """Return the share of colours (N, 3) that have none of `seen` (M, 3) within `NEAR`."""
    nearest = [np.square(seen - colour).sum(1).min() for colour in colours]
    return float((np.array(nearest) > NEAR**2).mean())


def as_dab(tiles: Iterable[Pixels]) -> Iterable[Pixels]:
    """Put DAB in the place of eosin in uint8 (H, W, 3) each."""
    from skimage.color import hed2rgb, rgb2hed

    for tile in tiles:
        dyes = rgb2hed(tile)
        mixed = np.stack([dyes[..., 0], 0 * dyes[..., 1], DAB_OF_EOSIN * dyes[..., 1]], -1)
        yield np.rint(255 * np.clip(hed2rgb(mixed), 0, 1)).astype(np.uint8)


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
    parser.add_argument("--dab", action="store_true")
    options = parser.parse_args()
    config = load_config(options.config)
    source = CropSource(options.train, config.folders, config.crop, config.history, config.stains)
    drawn = source.draw(np.random.default_rng(config.seed), options.crops)
    seen = tissue_colours(drawn)
    print(f"{config.name}: {options.crops} crops of {config.crop}, {len(seen)} of them tissue")
    print("\n| tiles | number | " + " | ".join(f"{name}*" for name in "Lab") + " | outside | far |")
    print("|---|---|---|---|---|---|---|")
    print(_line("training", seen, seen))
    for folder in options.folders:
        images = load_images(folder)
        print(_line(folder.name, tissue_colours(cut(images, config.crop)), seen))
        if options.dab:
            stained = tissue_colours(as_dab(cut(images, config.crop)))
            print(_line(f"{folder.name}, DAB", stained, seen))
    print(
        f"\nColumns: percentiles {PERCENTILES}; outside: of the training's first to last, share; "
        f"far: no crop of the training within {NEAR:.0f}, share."
    )


def _line(name: str, colours: Colours, seen: Colours) -> str:
    low, high = np.percentile(seen, (PERCENTILES[0], PERCENTILES[-1]), axis=0)
    found = np.percentile(colours, PERCENTILES, axis=0).T
    cells = [", ".join(f"{value:.0f}" for value in axis) for axis in found]
    shares = [outside(colours, low, high), far(colours, seen)]
    cells += [f"{100 * share:.0f} %" for share in shares]
    return f"| {name} | {len(colours)} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
