"""What a linear transform of neighbouring latents would still save: bits before and after.

    python -m benchmarks.latent_headroom FOLDER [FOLDER ...] [--half] [--limit 48]

Each 2 x 2 latents of all channels are turned by the Karhunen-Loeve transform of the tiles
themselves, in units of the steps, and rounded. Bits are order-zero, with table sets counted on the
same tiles: more than a network with latents at half the side could count on without training.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rate_distortion import load_tiles
from pathae_codec.bitstream.frequencies import ideal_bytes
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.backend import choose_backend
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import dequantize, quantize
from pathae_codec.training.fit import FittingLatents, fit_bottleneck

Latents = NDArray[np.float32]
QUALITIES = (20, 50, 80)


def steps_of(bottleneck: Bottleneck) -> NDArray[np.float32]:
    """Give the step of each channel, (channels,): that at the end, where none was ever seen.

    A channel of one symbol has none; it gets one that leaves it a single symbol.
    """
    words = bottleneck.quantizer.codewords
    return np.array([w[-1] - w[-2] if len(w) > 1 else 1e6 for w in words], np.float32)


def turned(latents: Latents) -> Latents:
    """Give (N, C, h, w) as (N, 4 C, h / 2, w / 2) by the orthonormal transform of its blocks."""
    n, c, h, w = latents.shape
    blocks = latents.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 2, 4, 1, 3, 5)
    rows = blocks.reshape(-1, 4 * c)
    _, axes = np.linalg.eigh(rows.T.astype(np.float64) @ rows)
    places = (rows @ axes.astype(np.float32)).reshape(n, h // 2, w // 2, 4 * c)
    return np.ascontiguousarray(places.transpose(0, 3, 1, 2))


def bits_and_error(scaled: Latents, sets: int) -> tuple[float, float]:
    """Give ideal bits, and the squared error in steps, of all latents, quantized at step 1."""
    bottleneck = fit_bottleneck(FittingLatents(scaled), np.ones(scaled.shape[1]), sets)
    symbols = quantize(scaled, bottleneck.quantizer)
    restored = dequantize(symbols, bottleneck.quantizer, *scaled.shape[2:])
    bits = 8 * float(ideal_bytes(symbols, bottleneck.tables).min(1).sum())
    return bits, float(np.square(restored - scaled).sum())


def describe(title: str, model: ModelArtifact, latents: Latents, pixels: int) -> list[str]:
    """Give a line of a table for each quality."""
    lines = []
    for quality in QUALITIES:
        bottleneck = model.bottlenecks[quality]
        scaled = latents / steps_of(bottleneck)[:, None, None]
        sets = bottleneck.tables.sets
        bits, error = bits_and_error(scaled, sets)
        fewer, other = bits_and_error(turned(scaled), sets)
        lines.append(
            f"| {title} | {quality} | {bits / pixels:.4f} | {fewer / pixels:.4f} | "
            f"{100 * (fewer / bits - 1):+.1f} % | {100 * (other / error - 1):+.1f} % |"
        )
    return lines


def main() -> None:
    """Measure the folders given and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--half", action="store_true", help="shrink by 2 first")
    parser.add_argument("--limit", type=int, default=48, help="tiles of a folder, evenly taken")
    parser.add_argument("--model", default="he-f8c32-2")
    options = parser.parse_args()
    model = find_model(options.model)
    if model.analysis is None:
        raise SystemExit(f"model {model.name}: expected an encoder")
    analysis = choose_backend("auto", model.analysis.layers).load_analysis(model.analysis, 0)
    print(f"{model.name}, tiles of 256, at most {options.limit} a folder")
    print("| tiles | quality | bpp | of the transform | bits | squared error |")
    print("|---|---|---|---|---|---|")
    for folder in options.folders:
        tiles = load_tiles(folder, 256, half=options.half, limit=options.limit)
        title = f"{folder.name}, {len(tiles)}{', half size' if options.half else ''}"
        lines = describe(title, model, analysis.analyze(tiles), tiles[..., 0].size)
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
