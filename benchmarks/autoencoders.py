"""What quantization costs a published autoencoder: float latents, K-means, int8 and the rungs.

    python -m benchmarks.autoencoders MODEL FIT_FOLDER FOLDER [FOLDER ...] [--limit 16]

MODEL is one of the library with codebooks (`pathae models fit-codebook`). K-means and the range of
int8 (static, one for all channels, as in the paper's table) are fitted on tiles of FIT_FOLDER. Bits
of float, K-means and int8 are those of the latents alone; rungs are measured in real bytes.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from benchmarks.measures import Measure, available_measures
from benchmarks.rate_distortion import load_tiles, measure_pathae
from pathae_codec.arrays import Latents, Pixels
from pathae_codec.backends.choice import choose_backend
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.training.kmeans import fit_kmeans

Quantization = Callable[[Latents], Latents]
LEVELS = (256, 64, 16)


def quantizations(latents: Latents) -> dict[str, tuple[float, Quantization]]:
    """Return, for each quantization, bits a latent and its function, fitted on some latents."""
    low, high = float(latents.min()), float(latents.max())
    step = (high - low) / 255
    ways: dict[str, tuple[float, Quantization]] = {
        "float32": (32, lambda values: values),
        "int8, static range": (
            8,
            lambda values: (np.clip((values - low) / step, 0, 255).round() * step + low).astype(
                np.float32
            ),
        ),
    }
    for levels in LEVELS:
        words, edges = fit_kmeans(latents, levels)
        ways[f"K-means, {levels}"] = (
            float(np.log2(levels)),
            lambda values, w=words, e=edges: w[np.searchsorted(e, values)],  # type: ignore[misc]
        )
    return ways


def describe(
    title: str,
    model: ModelArtifact,
    fitted: Pixels,
    tiles: Pixels,
    measures: Mapping[str, Measure],
) -> str:
    """Return a Markdown table for some tiles, uint8 (N, H, W, 3)."""
    if model.analysis is None or model.synthesis is None:
        raise SystemExit(f"model {model.name}: expected encoder and decoder")
    backend = choose_backend("auto", model.analysis.layers)
    analysis = backend.load_analysis(model.analysis, 0)
    synthesis = backend.load_synthesis(model.synthesis, 0)
    latents = analysis.analyze(tiles)
    per_pixel = latents[0].size / tiles[0, ..., 0].size
    lines = [
        f"### {title}: {len(tiles)} tiles of {tiles.shape[1]}, {model.name}",
        "",
        f"| latents | bpp | {' | '.join(measures)} |",
        f"|---|---|{'---|' * len(measures)}",
    ]
    for name, (bits, quantize) in quantizations(analysis.analyze(fitted)).items():
        decoded = synthesis.synthesize(quantize(latents))
        values = [float(np.mean(measure(tiles, decoded))) for measure in measures.values()]
        lines.append(_line(name, bits * per_pixel, values))
    names = {rung: f", profile {name}" for name, rung in model.profiles.items()}
    for point in measure_pathae(tiles, TileCodec(model), measures):
        rung = int(point.setting)
        lines.append(
            _line(f"rung {rung}{names.get(rung, '')}", point.bpp, list(point.measured.values()))
        )
    return "\n".join(lines)


def _line(name: str, bpp: float, values: list[float]) -> str:
    return f"| {name} | {bpp:.2f} | {' | '.join(f'{value:.4g}' for value in values)} |"


def main() -> None:
    """Measure the folders given and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("fit_folder", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limit", type=int, default=16, help="tiles of a folder, evenly taken")
    options = parser.parse_args()
    model, measures = find_model(options.model), available_measures()
    fitted = load_tiles(options.fit_folder, 256, half=False, limit=64)
    for folder in options.folders:
        tiles = load_tiles(folder, 256, half=False, limit=options.limit)
        print(f"\n{describe(folder.name, model, fitted, tiles, measures)}", flush=True)


if __name__ == "__main__":
    main()
