"""Bytes against fidelity: PathAE and the standard codecs on the same tiles, in one process.

    python -m benchmarks.rate_distortion FOLDER [FOLDER ...] [--tile 256] [--half]

Bytes are those of whole tiles, headers included. BD-rate (Bjontegaard 2001, but piecewise linear)
is the mean difference in bytes at equal PSNR over the range that both codecs reach.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pathae_codec.codec import TileCodec
from pathae_codec.fidelity import psnr
from pathae_codec.model.library import find_model

Pixels = NDArray[np.uint8]
ENDINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}


@dataclass(frozen=True)
class Point:
    """A codec at one setting: bits per pixel, mean PSNR of the tiles in dB, MPix/s."""

    setting: float
    bpp: float
    psnr: float
    encode: float
    decode: float


def load_tiles(folder: Path, side: int, *, half: bool, limit: int = 64) -> Pixels:
    """Cut whole tiles from the images below a folder: uint8 (tiles, side, side, 3)."""
    tiles = []
    for path in sorted(p for p in folder.rglob("*") if _is_picture(p)):
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


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and "_mask" not in path.stem


def standard_codecs() -> dict[
    str, tuple[Sequence[float], Callable[..., bytes], Callable[..., Pixels]]
]:
    """Give settings, encoder and decoder of each codec to compare with."""
    return {
        "JPEG 4:2:0": (
            (10, 20, 30, 45, 60, 75, 85, 92),
            lambda p, q: imagecodecs.jpeg8_encode(p, level=q, subsampling="420", optimize=True),
            imagecodecs.jpeg8_decode,
        ),
        "JPEG 2000": (
            (24, 26, 28, 30, 32, 34, 37, 40),
            lambda p, q: imagecodecs.jpeg2k_encode(p, level=q, codecformat="j2k"),
            imagecodecs.jpeg2k_decode,
        ),
        "WebP": (
            (5, 20, 40, 60, 75, 85, 92),
            lambda p, q: imagecodecs.webp_encode(p, level=q, lossless=False),
            imagecodecs.webp_decode,
        ),
        "JPEG XL e7": (
            (6.0, 4.0, 3.0, 2.2, 1.6, 1.1, 0.7),
            lambda p, d: imagecodecs.jpegxl_encode(p, distance=d, effort=7),
            imagecodecs.jpegxl_decode,
        ),
        "AVIF s6": (
            (25, 35, 45, 55, 65, 75, 85),
            lambda p, q: imagecodecs.avif_encode(p, level=q, speed=6),
            imagecodecs.avif_decode,
        ),
    }


def measure_standard(
    tiles: Pixels,
    settings: Sequence[float],
    encode: Callable[..., bytes],
    decode: Callable[..., Pixels],
) -> list[Point]:
    """Measure a codec that takes one tile a call."""
    return [
        _measure(
            tiles,
            setting,
            lambda t, s=setting: [encode(tile, s) for tile in t],
            lambda data: [decode(d) for d in data],
        )
        for setting in settings
    ]


def measure_pathae(tiles: Pixels, codec: TileCodec) -> list[Point]:
    """Measure all rungs of a model, all tiles in one call."""
    codec.decode_tiles(codec.encode_tiles(tiles[:1], codec.model.qualities[0]))
    return [
        _measure(tiles, q, lambda t, q=q: codec.encode_tiles(t, q), codec.decode_tiles)
        for q in codec.model.qualities
    ]


def _measure(
    tiles: Pixels,
    setting: float,
    encode: Callable[[Pixels], list[bytes]],
    decode: Callable[[list[bytes]], list[Pixels]],
) -> Point:
    start = time.perf_counter()
    data = encode(tiles)
    middle = time.perf_counter()
    decoded = decode(data)
    end = time.perf_counter()
    size, pixels = sum(map(len, data)), tiles[..., 0].size
    quality = float(np.mean([psnr(a, b) for a, b in zip(tiles, decoded, strict=True)]))
    speeds = pixels / 1e6 / (middle - start), pixels / 1e6 / (end - middle)
    return Point(setting, 8 * size / pixels, quality, *speeds)


def bd_rate(ours: Sequence[Point], other: Sequence[Point]) -> float:
    """Give the mean difference in bytes at equal PSNR, in percent; negative is fewer for us."""
    # A tile that was once JPEG of the very same quality comes back exactly: no point of a curve.
    other = [p for p in other if np.isfinite(p.psnr)]
    low = max(min(p.psnr for p in ours), min(p.psnr for p in other))
    high = min(max(p.psnr for p in ours), max(p.psnr for p in other))
    if high - low < 0.5:
        return float("nan")
    grid = np.linspace(low, high, 200)
    difference = _log_rate(ours, grid) - _log_rate(other, grid)
    return float(100 * (np.exp(np.trapezoid(difference, grid) / (high - low)) - 1))


def _log_rate(points: Sequence[Point], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = sorted(points, key=lambda p: p.psnr)
    return np.interp(grid, [p.psnr for p in ordered], np.log([p.bpp for p in ordered]))


def main() -> None:
    """Measure the folders given and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--half", action="store_true", help="shrink by 2 first: less JPEG history")
    parser.add_argument("--model", default="he-f8c32")
    parser.add_argument("--codecs", default="", help="comma-separated; default all")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    codec = TileCodec(find_model(options.model))
    wanted = set(filter(None, options.codecs.split(",")))
    results = {}
    for folder in options.folders:
        tiles = load_tiles(folder, options.tile, half=options.half)
        curves = {"PathAE": measure_pathae(tiles, codec)}
        for name, setup in standard_codecs().items():
            if not wanted or name in wanted:
                curves[name] = measure_standard(tiles, *setup)
        results[folder.name] = {n: [vars(p) for p in c] for n, c in curves.items()}
        _print_table(folder.name, len(tiles), options, curves)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


def _print_table(
    name: str, count: int, options: argparse.Namespace, curves: dict[str, list[Point]]
) -> None:
    size = " at half size" if options.half else ""
    print(f"\n{name}{size}: {count} tiles of {options.tile}, model {options.model}")
    print(
        "| codec | points (bpp, dB) | BD-rate of PathAE | encode, decode MPix/s |"
        "\n|---|---|---|---|"
    )
    for codec, points in curves.items():
        pairs = "; ".join(f"{p.bpp:.2f}, {p.psnr:.1f}" for p in points)
        change = "" if codec == "PathAE" else f"{bd_rate(curves['PathAE'], points):+.1f} %"
        encode, decode = (np.median([getattr(p, n) for p in points]) for n in ("encode", "decode"))
        print(f"| {codec} | {pairs} | {change} | {encode:.1f}, {decode:.1f} |")


if __name__ == "__main__":
    main()
