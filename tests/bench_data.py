"""Drawn data for a smoke run of the benchmarks: classes, nuclei with masks, tiles, a slide."""

from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

SIDE = 96
CLASSES = {"sparse": 4, "dense": 30}
"""Nuclei of a tile, by class."""
BACKGROUND, NUCLEUS = (225, 180, 210), (110, 60, 140)


def draw_nuclei(side: int, count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Draw round nuclei on stroma: pixels (side, side, 3) and their mask."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:side, :side]
    mask = np.zeros((side, side), bool)
    for y, x in random.uniform(0, side, (count, 2)):
        mask |= (rows - y) ** 2 + (columns - x) ** 2 < random.uniform(3, 6) ** 2
    pixels = np.where(mask[..., None], NUCLEUS, BACKGROUND) + random.normal(0, 6, (side, side, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8), mask


def write_bench_data(folder: Path) -> None:
    """Write what `smoke.toml` asks for."""
    for kind in ("tiles", "slides", "nuclei/train", "nuclei/test"):
        (folder / kind).mkdir(parents=True)
    for number in range(2):
        pixels, _ = draw_nuclei(2 * SIDE, 40, number)
        Image.fromarray(pixels).save(folder / "tiles" / f"{number}.png")
    for label, (name, count) in enumerate(CLASSES.items()):
        (folder / "classes" / name).mkdir(parents=True)
        for number in range(6):
            pixels, _ = draw_nuclei(SIDE, count, 100 * label + number)
            Image.fromarray(pixels).save(folder / "classes" / name / f"{number}.png")
    for part, numbers in (("train", range(3)), ("test", range(3, 6))):
        for number in numbers:
            pixels, mask = draw_nuclei(SIDE, 12, 1000 + number)
            Image.fromarray(pixels).save(folder / "nuclei" / part / f"{number}.png")
            picture = Image.fromarray(mask.astype(np.uint8) * 255)
            picture.save(folder / "nuclei" / part / f"{number}_mask.png")
    slide, _ = draw_nuclei(256, 60, 7)
    slide[:, 128:] = 255
    tifffile.imwrite(
        folder / "slides" / "drawn.tif",
        slide,
        tile=(128, 128),
        photometric="rgb",
        compression="jpeg",
    )
