"""What analysis in bfloat16 on OpenVINO costs the tiles that are written: bytes and PSNR.

    python -m benchmarks.analysis_precision MODEL FOLDER [FOLDER ...] [--tile 256] [--limit 16]

Tiles are analysed in float32 and in bfloat16, and decoded in float32.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.measures import psnr_of_tiles
from benchmarks.rate_distortion import load_tiles
from pathae_codec.arrays import Pixels
from pathae_codec.backends.onnx_graph import analysis_graph
from pathae_codec.backends.openvino_backend import OpenVinoTransform
from pathae_codec.codec.latent import pack_latent_tiles
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import quantize


def describe(model: ModelArtifact, tiles: Pixels, folder: str) -> str:
    """Return a table of some tiles, uint8 (N, H, W, 3): bytes and PSNR, a line a quality."""
    assert model.analysis
    latents = {
        precision: OpenVinoTransform(analysis_graph(model.analysis), 0, precision).analyze(tiles)
        for precision in ("f32", "bf16")
    }
    decoder = TileCodec(model)
    lines = [
        f"{model.name}, {len(tiles)} tiles of {tiles.shape[1]} of {folder}, OpenVINO:\n",
        "| quality | float32: bpp, dB | bfloat16: bpp, dB | gained |",
        "|---|---|---|---|",
    ]
    for quality in model.qualities:
        bottleneck = model.bottlenecks[quality]
        row, fidelities = [], []
        for found in latents.values():
            symbols = quantize(found, bottleneck.quantizer)
            data = pack_latent_tiles(symbols, bottleneck, quality, *tiles.shape[1:3])
            decoded = np.stack(decoder.decode_tiles(data))
            fidelities.append(psnr_of_tiles(tiles, decoded).mean())
            bpp = 8 * sum(map(len, data)) / tiles[..., 0].size
            row.append(f"{bpp:.4f}, {fidelities[-1]:.3f}")
        exact, coarse = fidelities
        lines.append(f"| {quality} | {row[0]} | {row[1]} | {coarse - exact:+.3f} dB |")
    return "\n".join(lines)


def main() -> None:
    """Print a table for each folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--tile", type=int, default=256)
    parser.add_argument("--limit", type=int, default=16, help="tiles of a folder, evenly taken")
    options = parser.parse_args()
    model = find_model(options.model)
    for folder in options.folders:
        tiles = load_tiles(folder, options.tile, half=False, limit=options.limit)
        print(f"{describe(model, tiles, folder.name)}\n", flush=True)


if __name__ == "__main__":
    main()
