"""Steps across tile borders against steps inside tiles: does one see the grid?

    python -m benchmarks.seams FOLDER [--tile 256] [--quality 50]

Images are cut into tiles, coded, and put together again. A step is the mean absolute difference of
the two pixels left and right of a line (above and below it, for rows), over 32 pixels along the
line. Lines inside tiles are those at multiples of 32 that are no borders, so that they lie on the
same phase of the network's grids. Both are divided by the steps of the source at the same places.
Flat is the quarter of all places where the source varies least, textured the quarter where it
varies most. 1.00 is a grid that cannot be seen.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pathae_codec.codec import TileCodec
from pathae_codec.model.library import find_model

SEGMENT = 32
Pixels = NDArray[np.uint8]


def code_image(image: Pixels, codec: TileCodec, side: int, quality: int) -> Pixels:
    """Code whole tiles of `side` and put them together again: uint8 (H, W, 3)."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    tiles = image.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    decoded = np.stack(codec.decode_tiles(codec.encode_tiles(tiles, quality)))
    grid = decoded.reshape(rows, columns, side, side, 3).swapaxes(1, 2)
    return grid.reshape(image.shape)


def steps_across(image: Pixels) -> NDArray[np.float64]:
    """Give the steps across the lines between columns 31|32, 63|64, ...: (segments, lines)."""
    left = image[:, SEGMENT - 1 : -1 : SEGMENT].astype(float)
    right = image[:, SEGMENT::SEGMENT].astype(float)
    steps: NDArray[np.float64] = np.abs(right - left).mean(2)
    return steps.reshape(-1, SEGMENT, steps.shape[1]).mean(1)


def variation(image: Pixels) -> NDArray[np.float64]:
    """Give the standard deviation of the source around each place of `steps_across`."""
    blocks = image.astype(float).mean(2)
    rows, columns = blocks.shape[0] // SEGMENT, blocks.shape[1] // SEGMENT
    deviation: NDArray[np.float64] = (
        blocks.reshape(rows, SEGMENT, columns, SEGMENT).swapaxes(1, 2).std((2, 3))
    )
    return (deviation[:, :-1] + deviation[:, 1:]) / 2


@dataclass(frozen=True)
class Steps:
    """Steps of the coded picture over those of the source: across borders, inside, how many."""

    border: float
    inside: float
    places: int

    @property
    def ratio(self) -> float:
        """How much larger a step is for lying on a border."""
        return self.border / self.inside


def measure(images: list[Pixels], codec: TileCodec, side: int, quality: int) -> dict[str, Steps]:
    """Give the steps at all, at flat and at textured places."""
    found: list[NDArray[np.float64]] = []
    for image in images:
        decoded = code_image(image, codec, side, quality)
        for source, coded in ((image, decoded), (image.swapaxes(0, 1), decoded.swapaxes(0, 1))):
            ours, theirs = steps_across(coded), steps_across(source)
            lines = (np.arange(ours.shape[1]) + 1) * SEGMENT % side == 0
            border = np.broadcast_to(lines, ours.shape)
            columns = (ours, theirs, variation(source), border)
            found.append(np.stack([c.ravel().astype(float) for c in columns]))
    ours, theirs, texture, border = np.concatenate(found, 1)
    low, high = np.quantile(texture, [0.25, 0.75])
    kinds = {"all": texture >= 0, "flat": texture <= low, "textured": texture >= high}

    def relative(where: NDArray[np.bool_]) -> float:
        return float(ours[where].mean() / theirs[where].mean())

    return {
        name: Steps(
            relative(where & (border == 1)),
            relative(where & (border == 0)),
            int((where & (border == 1)).sum()),
        )
        for name, where in kinds.items()
    }


def main() -> None:
    """Measure the images of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--quality", type=int, nargs="+", default=[20, 50, 80])
    parser.add_argument("--model", default="he-f8c32")
    options = parser.parse_args()
    images = []
    for path in sorted(options.folder.rglob("*.*")):
        image = np.asarray(Image.open(path).convert("RGB"))
        h, w = (n // options.tile * options.tile for n in image.shape[:2])
        if min(h, w) >= 2 * options.tile:
            images.append(image[:h, :w])
    codec = TileCodec(find_model(options.model))
    print(f"{options.folder.name}: {len(images)} images, tiles of {options.tile}, {options.model}")
    print("| quality | where | places | border / source | inside / source | ratio |")
    print("|---|---|---|---|---|---|")
    for quality in options.quality:
        for name, steps in measure(images, codec, options.tile, quality).items():
            print(
                f"| {quality} | {name} | {steps.places} | {steps.border:.2f} | {steps.inside:.2f} "
                f"| {steps.ratio:.2f} |"
            )


if __name__ == "__main__":
    main()
