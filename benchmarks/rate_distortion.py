"""Bytes against fidelity: PathAE and the standard codecs on the same tiles, in one process.

    python -m benchmarks.rate_distortion FOLDER [FOLDER ...] [--tile 256] [--half] [--out results/x]

Bytes are those of whole tiles, headers included; BD-rate is explained in `curve`, the measures in
`measures`. `--out` writes x.json, and what `curve_tables` makes of it.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.curve import Point
from benchmarks.curve_file import Measured, write_curves
from benchmarks.curve_tables import describe_curves, write_tables
from benchmarks.measures import Measure, available_measures, psnr_of_tiles
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.arrays import Pixels
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import find_model

PSNR_ONLY: Mapping[str, Measure] = {"psnr": psnr_of_tiles}
ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}


def load_tiles(folder: Path, side: int, *, half: bool, limit: int = 64) -> Pixels:
    """Cut whole tiles from the images below a folder: uint8 (tiles, side, side, 3)."""
    tiles = []
    for path in sorted(p for p in folder.rglob("*") if is_picture(p)):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        if half:
            h, w = pixels.shape[0] // 2, pixels.shape[1] // 2
            pixels = pixels[: 2 * h, : 2 * w].reshape(h, 2, w, 2, 3).mean((1, 3)).round()
        rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
        tiles += [
            pixels[r * side : (r + 1) * side, c * side : (c + 1) * side]
            for r in range(rows)
            for c in range(columns)
        ]
    chosen = np.linspace(0, len(tiles) - 1, min(limit, len(tiles))).astype(int)
    return np.stack([tiles[i] for i in chosen]).astype(np.uint8)


def is_picture(path: Path) -> bool:
    """Say whether a file is a picture that is to be coded, and no mask of one."""
    return path.suffix.lower() in ENDINGS and "_mask" not in path.stem


def measure_standard(
    tiles: Pixels,
    settings: Sequence[float],
    encode: Callable[..., bytes],
    decode: Callable[..., Pixels],
    measures: Mapping[str, Measure] = PSNR_ONLY,
) -> list[Point]:
    """Measure a codec that takes one tile a call."""
    return [
        _measure(
            tiles,
            setting,
            lambda t, s=setting: [encode(tile, s) for tile in t],
            lambda data: [decode(d) for d in data],
            measures,
        )
        for setting in settings
    ]


def measure_pathae(
    tiles: Pixels, codec: TileCodec, measures: Mapping[str, Measure] = PSNR_ONLY
) -> list[Point]:
    """Measure all rungs of a model, all tiles in one call."""
    codec.decode_tiles(codec.encode_tiles(tiles[:1], codec.model.qualities[0]))
    return [
        _measure(tiles, q, lambda t, q=q: codec.encode_tiles(t, q), codec.decode_tiles, measures)
        for q in codec.model.qualities
    ]


def _measure(
    tiles: Pixels,
    setting: float,
    encode: Callable[[Pixels], list[bytes]],
    decode: Callable[[list[bytes]], list[Pixels]],
    measures: Mapping[str, Measure],
) -> Point:
    start = time.perf_counter()
    data = encode(tiles)
    middle = time.perf_counter()
    decoded = np.stack(decode(data))
    end = time.perf_counter()
    size, pixels = sum(map(len, data)), tiles[..., 0].size
    means = {name: float(np.mean(f(tiles, decoded))) for name, f in measures.items()}
    speeds = pixels / 1e6 / (middle - start), pixels / 1e6 / (end - middle)
    return Point(setting, 8 * size / pixels, means, *speeds)


def main() -> None:
    """Measure the folders given and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--limit", type=int, default=64, help="tiles of a folder, evenly taken")
    parser.add_argument("--half", action="store_true", help="shrink by 2 first: less JPEG history")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--codecs", default="", help="comma-separated; default all")
    parser.add_argument("--out", type=Path, help="path without ending of .json, .md and .svg")
    options = parser.parse_args()
    codec, measures = TileCodec(find_model(options.model)), available_measures()
    wanted = set(filter(None, options.codecs.split(",")))
    results: dict[str, Measured] = {}
    for folder in options.folders:
        tiles = load_tiles(folder, options.tile, half=options.half, limit=options.limit)
        curves = {"PathAE": measure_pathae(tiles, codec, measures)}
        for name, setup in standard_codecs().items():
            if not wanted or name in wanted:
                curves[name] = measure_standard(tiles, *setup, measures)
        title = f"{_name(folder)}{', half size' if options.half else ''}"
        results[title] = Measured(len(tiles), options.tile, curves)
        print(f"\n{describe_curves(title, results[title])}", flush=True)
    if options.out:
        path = options.out.with_suffix(".json")
        write_curves(path, results)
        write_tables(path)


def _name(folder: Path) -> str:
    return f"{folder.resolve().parent.name}/{folder.name}"


if __name__ == "__main__":
    main()
