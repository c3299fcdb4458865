"""Compare a converted slide with its source, tile by tile, with nothing of the encoder.

    python -m tests.independent_check SOURCE CONVERTED [--tile 256] [--min-psnr 32]

The source is read by tifffile, or by OpenSlide if that knows it; the converted file by tifffile or
by zarr. Levels that the source lacks are held against means of 4 x 4 pixels of the level below,
rounded half up. Exit code 1 if a tile lies below the floor. Nothing of pathae_codec is called: it
is imported because an editable install does not register with tifffile by itself.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import openslide
import tifffile
import zarr

import pathae_codec  # noqa: F401 - registers with tifffile
from pathae_codec.arrays import Pixels

Place = tuple[int, int, int]
FACTOR = 4


def read_source(path: Path, sizes: list[tuple[int, int]]) -> list[Pixels]:
    """Return the levels of a source, as many as there are sizes (height, width)."""
    if openslide.OpenSlide.detect_format(path) in (None, "generic-tiff"):
        levels = [tifffile.imread(path)]
    else:
        with openslide.OpenSlide(path) as slide:
            levels = [
                np.asarray(slide.read_region((0, 0), n, size).convert("RGB"))
                for n, size in enumerate(slide.level_dimensions)
            ]
    while len(levels) < len(sizes):
        levels.append(shrink(levels[-1]))
    assert [level.shape[:2] for level in levels] == sizes
    return levels


def shrink(pixels: Pixels) -> Pixels:
    """Return the means of boxes of 4 x 4 pixels, halves rounded up."""
    height, width = (side // FACTOR * FACTOR for side in pixels.shape[:2])
    boxes = pixels[:height, :width].reshape(height // FACTOR, FACTOR, width // FACTOR, FACTOR, 3)
    return np.floor(boxes.mean((1, 3)) + 0.5).astype(np.uint8)


def read_converted(path: Path) -> list[Pixels]:
    """Return the levels of a converted slide as uint8 (H, W, 3)."""
    if not path.is_dir():
        with tifffile.TiffFile(path) as tiff:
            return [level.asarray() for level in tiff.series[0].levels]
    group = zarr.open_group(path, mode="r")
    names = sorted(name for name, _ in group.arrays() if name != "ledger")
    return [np.moveaxis(np.asarray(group[name]), 0, -1) for name in names]


def tile_errors(source: Path, converted: Path, tile: int) -> Iterator[tuple[Place, float, int]]:
    """Return level, row and column of each tile, its PSNR in dB and its largest error."""
    ours = read_converted(converted)
    theirs = read_source(source, [level.shape[:2] for level in ours])
    for number, (a, b) in enumerate(zip(theirs, ours, strict=True)):
        off = a.astype(float) - b
        for y in range(0, off.shape[0], tile):
            for x in range(0, off.shape[1], tile):
                part = off[y : y + tile, x : x + tile]
                mean = (part**2).mean()
                psnr = 10 * np.log10(255**2 / mean) if mean else np.inf
                yield (number, y // tile, x // tile), float(psnr), int(np.abs(part).max())


def main(say: Callable[[str], None] = print) -> int:
    """Check the files that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("converted", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--min-psnr", type=float, default=32.0)
    options = parser.parse_args()
    found = list(tile_errors(options.source, options.converted, options.tile))
    below = [(place, psnr) for place, psnr, _ in found if psnr < options.min_psnr]
    for place, psnr in below:
        say(f"level, row, column {place}: {psnr:.2f} dB")
    place, least, _ = min(found, key=lambda tile: tile[1])
    say(f"{len(found)} tiles, {len(below)} below {options.min_psnr:g} dB")
    say(f"worst: level, row, column {place}: {least:.2f} dB")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
