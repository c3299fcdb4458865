"""Steps across tile borders against steps inside tiles: does one see the grid?

    python -m benchmarks.seams FOLDER [--tile 256] [--quality 50] [--peers]

Images are cut into tiles, coded, and put together again. `--peers` does the same with the standard
codecs, each at the setting whose bytes are nearest to those of PathAE.

A step is the mean absolute difference of the two pixels left and right of a line (above and below
it, for rows), over 32 pixels along the line. Lines inside tiles are those at multiples of 32 that
are no borders, so that they lie on the same phase of the network's grids. Both are divided by the
steps of the source at the same places. Flat is the quarter of all places where the source varies
least, textured the quarter where it varies most. A ratio of 1.00 is a grid that cannot be seen.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.rate_distortion import is_picture
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.arrays import Pixels
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import find_model
from pathae_codec.verification.seams import SPACING as SEGMENT
from pathae_codec.verification.seams import Steps, steps_across


@dataclass(frozen=True)
class Coding:
    """A codec at one setting: tiles (n, side, side, 3) -> bytes -> tiles."""

    name: str
    encode: Callable[[Pixels], list[bytes]]
    decode: Callable[[list[bytes]], list[Pixels]]


def pathae_coding(codec: TileCodec, quality: int) -> Coding:
    """PathAE at a quality."""
    return Coding(f"PathAE {quality}", lambda t: codec.encode_tiles(t, quality), codec.decode_tiles)


def nearest_peers(images: list[Pixels], side: int, size: float) -> list[Coding]:
    """Return each standard codec at the setting whose bytes a tile are nearest to `size`."""
    some = np.concatenate([cut_tiles(image, side) for image in images])[::4]
    peers = []
    for name, (settings, encode, decode) in standard_codecs().items():
        codings = [
            Coding(
                f"{name} {setting:g}",
                lambda tiles, encode=encode, setting=setting: [encode(t, setting) for t in tiles],
                lambda data, decode=decode: [decode(d) for d in data],
            )
            for setting in settings
        ]
        sizes = [np.mean([len(d) for d in coding.encode(some)]) for coding in codings]
        peers.append(codings[int(np.abs(np.log(np.array(sizes) / size)).argmin())])
    return peers


def cut_tiles(image: Pixels, side: int) -> Pixels:
    """Cut an image of whole tiles: uint8 (tiles, side, side, 3)."""
    rows, columns = image.shape[0] // side, image.shape[1] // side
    return image.reshape(rows, side, columns, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)


def join_tiles(tiles: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Put tiles together again: uint8 (H, W, 3)."""
    side = tiles.shape[1]
    grid = tiles.reshape(shape[0] // side, shape[1] // side, side, side, 3).swapaxes(1, 2)
    return grid.reshape(shape)


def segment_steps(image: Pixels) -> NDArray[np.float64]:
    """Return the steps across the lines between columns 31|32, 63|64, ...: (segments, lines)."""
    steps = steps_across(image)
    return steps.reshape(-1, SEGMENT, steps.shape[1]).mean(1)


def variation(image: Pixels) -> NDArray[np.float64]:
    """Return the standard deviation of the source around each place of `segment_steps`."""
    blocks = image.astype(float).mean(2)
    rows, columns = blocks.shape[0] // SEGMENT, blocks.shape[1] // SEGMENT
    deviation: NDArray[np.float64] = (
        blocks.reshape(rows, SEGMENT, columns, SEGMENT).swapaxes(1, 2).std((2, 3))
    )
    return (deviation[:, :-1] + deviation[:, 1:]) / 2


def measure(images: list[Pixels], coding: Coding, side: int) -> tuple[float, dict[str, Steps]]:
    """Return the bytes of a tile and the steps at all, at flat and at textured places."""
    found: list[NDArray[np.float64]] = []
    sizes: list[int] = []
    for image in images:
        data = coding.encode(cut_tiles(image, side))
        sizes += map(len, data)
        decoded = join_tiles(np.stack(coding.decode(data)), image.shape)
        for source, coded in ((image, decoded), (image.swapaxes(0, 1), decoded.swapaxes(0, 1))):
            ours, theirs = segment_steps(coded), segment_steps(source)
            lines = (np.arange(ours.shape[1]) + 1) * SEGMENT % side == 0
            border = np.broadcast_to(lines, ours.shape)
            columns = (ours, theirs, variation(source), border)
            found.append(np.stack([c.ravel().astype(float) for c in columns]))
    ours, theirs, texture, border = np.concatenate(found, 1)
    low, high = np.quantile(texture, [0.25, 0.75])
    kinds = {"all": texture >= 0, "flat": texture <= low, "textured": texture >= high}

    def relative(where: NDArray[np.bool_]) -> float:
        return float(ours[where].mean() / theirs[where].mean())

    steps = {
        name: Steps(relative(where & (border == 1)), relative(where & (border == 0)))
        for name, where in kinds.items()
    }
    return float(np.mean(sizes)), steps


def main() -> None:
    """Measure the images of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--quality", type=int, nargs="+", default=[20, 50, 80])
    parser.add_argument("--peers", action="store_true", help="the standard codecs too")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()
    side = options.tile
    images = load_images(options.folder, side)
    codec = TileCodec(find_model(options.model))
    print(f"{options.folder.name}: {len(images)} images, tiles of {side}, {options.model}\n")
    print("| codec | bpp | all: border, inside, ratio | flat | textured |")
    print("|---|---|---|---|---|")
    for quality in options.quality:
        coding = pathae_coding(codec, quality)
        size, steps = measure(images, coding, side)
        print(describe(coding.name, size, side, steps), flush=True)
        for peer in nearest_peers(images, side, size) if options.peers else []:
            size_of_peer, steps = measure(images, peer, side)
            print(describe(peer.name, size_of_peer, side, steps), flush=True)


def load_images(folder: Path, side: int) -> list[Pixels]:
    """Return the images below a folder that hold two tiles both ways, cut to whole tiles."""
    images = []
    for path in sorted(p for p in folder.rglob("*") if is_picture(p)):
        image = np.asarray(Image.open(path).convert("RGB"))
        h, w = (n // side * side for n in image.shape[:2])
        if min(h, w) >= 2 * side:
            images.append(image[:h, :w])
    return images


def describe(name: str, size: float, side: int, steps: dict[str, Steps]) -> str:
    """Return a line of the table."""
    cells = [f"{s.border:.2f}, {s.inside:.2f}, {s.ratio:.2f}" for s in steps.values()]
    return f"| {name} | {8 * size / side**2:.2f} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
