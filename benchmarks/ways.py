"""What each way of storing a slide costs and keeps: exact, and the network's qualities.

    python -m benchmarks.ways SLIDE

Converts the slide in each way, to TIFF and to OME-Zarr, and prints a table: bytes of level 0's
tiles and of the whole files, against those of the source; PSNR of level 0; the similarity of an
ImageNet network's features, mean over the tiles of 256 that are no glass.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import pathae_codec
from benchmarks.judges.efficientnet import efficientnet_judge
from pathae_codec.arrays import Pixels
from pathae_codec.container import open_container
from pathae_codec.conversion.convert import convert_slide
from pathae_codec.conversion.settings import ConvertSettings
from pathae_codec.fidelity import psnr
from pathae_codec.geometry import tile_grid
from pathae_codec.slide import open_slide
from pathae_codec.slide.source_streams import open_streams
from pathae_codec.storage.stored_files import stored_bytes

WAYS = {
    "`--lossless`": ConvertSettings(lossless=True),
    "`--quality 80`": ConvertSettings(quality=80),
    "`--quality 50`": ConvertSettings(quality=50),
    "`--quality 20`": ConvertSettings(quality=20),
}
PURPOSES = ("archives: the source comes back byte for byte", "models trained on the originals",
            "viewing; models trained on such tiles", "search, overview, latents")  # fmt: skip
SIDE, GLASS = 256, 240
NETWORK = 0


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks.ways", description=__doc__)
    parser.add_argument("slide", type=Path)
    slide = parser.parse_args().slide
    with open_slide(slide) as source, open_streams(slide, source) as streams:
        level = source.levels[0]
        original = source.read_region(0, 0, 0, level.width, level.height)
        own = streams.levels[0]
        stored = [own.read(number) or b"" for number in range(own.rows * own.columns)]
    print("| way | level 0's tiles | of the source's | TIFF | OME-Zarr | bits a pixel | PSNR | "
          "features | for |")  # fmt: skip
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    size = sum(map(len, stored))
    print(f"| source | {size / 1e6:.3f} MB | 1.00 | {stored_bytes(slide) / 1e6:.2f} MB | | "
          f"{8 * size / original[..., 0].size:.2f} | | | |")  # fmt: skip
    for (way, settings), purpose in zip(WAYS.items(), PURPOSES, strict=True):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("out.tif", "out.ome.zarr")]
            for file in files:
                convert_slide(slide, file, settings)
            print(_row(way, files, original, size, purpose), flush=True)
    return 0


def _row(way: str, files: list[Path], original: Pixels, size: int, purpose: str) -> str:
    container = open_container(files[0])
    level = container.levels[0]
    places = tile_grid(level, container.tile)
    tiles = sum(len(container.tile_bytes(0, index) or b"") for index in places)
    with pathae_codec.open(files[0]) as slide:
        decoded = slide.read_array((0, 0), 0, (level.width, level.height))
    pairs = list(_tissue(original, decoded))
    judge = efficientnet_judge(NETWORK)
    features = judge.similarity(*(np.stack(side) for side in zip(*pairs, strict=True))).mean()
    whole = " | ".join(f"{stored_bytes(file) / 1e6:.2f} MB" for file in files)
    exact = np.array_equal(original, decoded)
    fidelity = "exact" if exact else f"{psnr(original, decoded):.1f} dB"
    return (
        f"| {way} | {tiles / 1e6:.3f} MB | {tiles / size:.2f} | {whole} | "
        f"{8 * tiles / original[..., 0].size:.2f} | {fidelity} | {features:.3f} | {purpose} |"
    )


def _tissue(original: Pixels, decoded: Pixels) -> Iterator[tuple[Pixels, Pixels]]:
    """Return the whole tiles of both that are no glass in the original."""
    for top in range(0, original.shape[0] - SIDE + 1, SIDE):
        for left in range(0, original.shape[1] - SIDE + 1, SIDE):
            area = slice(top, top + SIDE), slice(left, left + SIDE)
            if original[area].mean() < GLASS:
                yield original[area], decoded[area]


if __name__ == "__main__":
    sys.exit(main())
