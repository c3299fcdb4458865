"""Speed of each installed backend, beside JPEG on one thread, in one process.

    python -m benchmarks.backends FOLDER [--tile 512] [--quality 50] [--rounds 5] [--model NAME]

Rounds of all backends take turns and the best of each counts: these machines are shared. The peak
is that of a network of nothing but 3 x 3 convolutions of 128 channels on the same backend, so the
share says what the shape of our network costs. `cold` is one tile alone, its decoder loaded.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from benchmarks.rate_distortion import load_tiles
from pathae_codec.arrays import Pixels
from pathae_codec.backends.choice import available_backends, choose_backend
from pathae_codec.backends.interface import SynthesisTransform
from pathae_codec.bitstream.rans import fastest_lanes
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.architecture import (
    Conv,
    DepthToSpace,
    Layer,
    Residual,
    weight_shapes,
)
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.cost import multiply_accumulates
from pathae_codec.model.default import DEFAULT_MODEL
from pathae_codec.model.library import find_model

PEAK_LAYERS: tuple[Layer, ...] = (
    Conv(32, 128, 1),
    *(Residual(128) for _ in range(4)),
    Conv(128, 192, 1),
    DepthToSpace(8),
)


def peak_network() -> Transform:
    """Return a synthesis network that is all convolution, with small random weights."""
    random = np.random.default_rng(0)
    weights = {
        name: (random.standard_normal(shape) * 0.01).astype(np.float32)
        for name, shape in weight_shapes(PEAK_LAYERS).items()
    }
    return Transform(PEAK_LAYERS, weights)


def best_seconds(tasks: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run all tasks in turns and return the least time of each; the first round only warms up."""
    best = dict.fromkeys(tasks, np.inf)
    for number in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if number:
                best[name] = min(best[name], time.perf_counter() - start)
    return best


def measure(tiles: Pixels, quality: int, rounds: int, model: ModelArtifact) -> None:
    """Print a line a backend and one for JPEG."""
    assert model.synthesis is not None
    megapixels = tiles[..., 0].size / 1e6
    jpeg = [imagecodecs.jpeg8_encode(tile, level=85) for tile in tiles]
    tasks: dict[str, Callable[[], object]] = {
        "jpeg decode": lambda: [imagecodecs.jpeg8_decode(data) for data in jpeg]
    }
    latents = _zeros(tiles, model.latent_channels, model.factor)
    peak_latents = _zeros(tiles, 32, 8)
    names = available_backends(by_name_only=True)
    for name in names:
        codec = TileCodec(model, backend=name)
        data = codec.encode_tiles(tiles, quality)
        module = choose_backend(name)
        ours = module.load_synthesis(model.synthesis, 0)
        peak = module.load_synthesis(peak_network(), 0)
        tasks |= {
            f"{name} encode": lambda c=codec: c.encode_tiles(tiles, quality),
            f"{name} decode": lambda c=codec, d=data: c.decode_tiles(d),
            f"{name} one": lambda c=codec, d=data: c.decode_tiles(d[:1]),
            f"{name} synthesis": lambda n=ours: _run(n, latents),
            f"{name} peak": lambda n=peak: _run(n, peak_latents),
        }
    seconds = best_seconds(tasks, rounds)
    print(f"JPEG (quality 85, one thread) decodes {megapixels / seconds['jpeg decode']:.0f} MPix/s")
    print("| backend | encode MPix/s | decode MPix/s | of JPEG | one tile ms | of the peak |")
    print("|---|---|---|---|---|---|")
    for name in names:
        encode, decode = (megapixels / seconds[f"{name} {way}"] for way in ("encode", "decode"))
        share = seconds["jpeg decode"] / seconds[f"{name} decode"]
        rates = [
            multiply_accumulates(layers) / seconds[f"{name} {what}"]
            for what, layers in (("synthesis", model.synthesis.layers), ("peak", PEAK_LAYERS))
        ]
        alone = 1000 * seconds[f"{name} one"]
        print(
            f"| {name} | {encode:.1f} | {decode:.1f} | {share:.3f} | {alone:.0f} "
            f"| {rates[0] / rates[1]:.2f} of {rates[1] * megapixels / 1e3:.0f} GMAC/s |"
        )


def _zeros(tiles: Pixels, channels: int, factor: int) -> NDArray[np.float32]:
    count, height, width, _ = tiles.shape
    return np.zeros((count, channels, height // factor, width // factor), np.float32)


def _run(network: SynthesisTransform, latents: NDArray[np.float32]) -> Pixels:
    return network.synthesize(latents)


def main() -> None:
    """Measure the tiles of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tile", type=int, default=512)
    parser.add_argument("--quality", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()
    tiles = load_tiles(options.folder, options.tile, half=False, limit=16)
    lanes = fastest_lanes().__name__.rpartition(".")[2]
    print(
        f"{options.folder.name}: {len(tiles)} tiles of {options.tile}, quality {options.quality}, "
        f"entropy coder in {lanes}"
    )
    measure(tiles, options.quality, options.rounds, find_model(options.model))


if __name__ == "__main__":
    main()
