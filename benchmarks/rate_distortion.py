"""Bytes against fidelity: PathAE and the standard codecs on the same tiles, in one process.

    python -m benchmarks.rate_distortion FOLDER [FOLDER ...] [--tile 256] [--half] [--out results/x]

Bytes are those of whole tiles, headers included; BD-rate is explained in `curve`, the measures in
`measures`. `--out` writes x.json, x.md and, with matplotlib, x.svg.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.curve import Point, bd_rate
from benchmarks.measures import Measure, available_measures, psnr_of_tiles
from benchmarks.standard_codecs import standard_codecs
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import find_model

Pixels = NDArray[np.uint8]
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
    results: dict[str, dict[str, list[Point]]] = {}
    tables = []
    for folder in options.folders:
        tiles = load_tiles(folder, options.tile, half=options.half, limit=options.limit)
        curves = {"PathAE": measure_pathae(tiles, codec, measures)}
        for name, setup in standard_codecs().items():
            if not wanted or name in wanted:
                curves[name] = measure_standard(tiles, *setup, measures)
        title = f"{_name(folder)}{', half size' if options.half else ''}"
        tables.append(describe_curves(f"{title}: {len(tiles)} tiles of {options.tile}", curves))
        print(f"\n{tables[-1]}", flush=True)
        results[title] = curves
    if options.out:
        plain = {t: {n: [asdict(p) for p in c] for n, c in r.items()} for t, r in results.items()}
        options.out.with_suffix(".json").write_text(json.dumps(plain, indent=1) + "\n")
        options.out.with_suffix(".md").write_text("\n\n".join(tables) + "\n")
        if find_spec("matplotlib"):
            plot_curves(results, options.out.with_suffix(".svg"))


def _name(folder: Path) -> str:
    return f"{folder.resolve().parent.name}/{folder.name}"


def describe_curves(title: str, curves: Mapping[str, Sequence[Point]]) -> str:
    """Return a Markdown table: a line a codec with its points and the BD-rates of PathAE."""
    ours = curves["PathAE"]
    names = list(ours[0].measured)
    lines = [
        f"### {title}",
        "",
        f"| codec | bpp: {', '.join(names)} | BD-rate of PathAE by {', '.join(names)} "
        "| encode, decode MPix/s |",
        "|---|---|---|---|",
    ]
    for codec, points in curves.items():
        cells = "; ".join(
            f"{p.bpp:.2f}: " + ", ".join(f"{v:.4g}" for v in p.measured.values()) for p in points
        )
        rates = [f"{bd_rate(ours, points, n):+.1f} %" for n in names] if codec != "PathAE" else []
        encode, decode = (np.median([getattr(p, n) for p in points]) for n in ("encode", "decode"))
        lines.append(f"| {codec} | {cells} | {', '.join(rates)} | {encode:.1f}, {decode:.1f} |")
    return "\n".join(lines)


def plot_curves(results: Mapping[str, Mapping[str, Sequence[Point]]], path: Path) -> None:
    """Draw fidelity over rate: a row a folder, a column a measure."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "pathae"
    measures = list(next(iter(results.values()))["PathAE"][0].measured)
    shape = len(results), len(measures)
    figure, axes = plt.subplots(*shape, figsize=(4 * shape[1], 3 * shape[0]), squeeze=False)
    for row, (title, curves) in zip(axes, results.items(), strict=True):
        for axis, measure in zip(row, measures, strict=True):
            for codec, points in curves.items():
                bold = 2.2 if codec == "PathAE" else 1.0
                values = [p.measured[measure] for p in points]
                axis.plot([p.bpp for p in points], values, label=codec, linewidth=bold)
            axis.set(title=f"{title}: {measure}", xlabel="bits per pixel", xlim=(0, 2))
            axis.grid(alpha=0.3)
    axes[0, 0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
