"""Large autoencoders in float32 and in bfloat16 on torch, and tiles alone and four together.

    python -m benchmarks.bfloat16 [--network sd-1.5 ...] [--model MODEL --tiles FOLDER]

The full-size architectures have their published configs and seeded random weights: their times are
those of the real ones; how far their pixels move says little of trained weights. A model of the
library and a folder of tiles show that: its PSNR of the float latents, decoded in both. The best of
two rounds counts, the ways taking turns.
"""

import argparse
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.backends import best_seconds
from benchmarks.full_size_autoencoders import NETWORKS, SIDE, random_autoencoder
from benchmarks.measures import psnr_of_tiles
from benchmarks.rate_distortion import load_tiles
from benchmarks.synthetic_tissue import draw_tissue
from pathae_codec.arrays import Pixels
from pathae_codec.backends.torch_backend import TorchTransform
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.pretrained.autoencoder import load_autoencoder

TOGETHER, ROUNDS = 4, 2


def full_size(network: str, config: dict[str, Any]) -> ModelArtifact:
    """Return a model with seeded random weights."""
    with tempfile.TemporaryDirectory() as folder:
        random_autoencoder(network, config).save_pretrained(folder)
        return load_autoencoder(Path(folder), "random", {}).model


def measure(name: str, model: ModelArtifact, tiles: Pixels) -> str:
    """Return two lines of the table, encode and decode, of some tiles."""
    assert model.analysis
    assert model.synthesis
    lines = []
    encoders = {bf16: TorchTransform(model.analysis, bf16=bf16) for bf16 in (False, True)}
    found = {bf16: encoder.analyze(tiles[:1]) for bf16, encoder in encoders.items()}
    exact = found[False]
    moved = np.sqrt(np.square(found[True] - exact).mean()) / exact.std()
    seconds = _seconds({bf16: e.analyze for bf16, e in encoders.items()}, tiles)
    lines.append(f"| {name} | encode | {seconds} | {100 * moved:.2f} % of the spread |")
    del encoders
    latents = np.repeat(exact, len(tiles), axis=0)
    decoders = {bf16: TorchTransform(model.synthesis, bf16=bf16) for bf16 in (False, True)}
    pixels = {bf16: decoder.synthesize(exact).astype(int) for bf16, decoder in decoders.items()}
    steps = np.abs(pixels[True] - pixels[False])
    seconds = _seconds({bf16: d.synthesize for bf16, d in decoders.items()}, latents)
    lines.append(
        f"| {name} | decode | {seconds} | {steps.mean():.2f}, at most {steps.max()} of 255 |"
    )
    return "\n".join(lines)


def _seconds(ways: dict[bool, Callable[[Any], object]], batch: NDArray[Any]) -> str:
    tasks: dict[str, Callable[[], object]] = {
        f"{bf16} {count}": lambda run=run, some=batch[:count]: run(some)  # type: ignore[misc]
        for bf16, run in ways.items()
        for count in (1, TOGETHER)
    }
    best = best_seconds(tasks, ROUNDS)
    one, one_bf16 = (best[f"{bf16} 1"] for bf16 in (False, True))
    four, four_bf16 = (best[f"{bf16} {TOGETHER}"] / TOGETHER for bf16 in (False, True))
    return (
        f"{one:.3g} s | {one_bf16:.3g} s | {one / one_bf16:.2f} "
        f"| {four:.3g} s | {four_bf16:.3g} s | {four / four_bf16:.2f}"
    )


def fidelity(model: ModelArtifact, tiles: Pixels, folder: str) -> str:
    """Say what bfloat16 costs a trained model: dB against the source, encode and decode."""
    assert model.analysis
    assert model.synthesis
    values, worst = {}, 0
    exact: Pixels | None = None
    for encode, decode in ((False, False), (False, True), (True, True)):
        latents = TorchTransform(model.analysis, bf16=encode).analyze(tiles)
        decoded = TorchTransform(model.synthesis, bf16=decode).synthesize(latents)
        exact = decoded if exact is None else exact
        values[encode, decode] = psnr_of_tiles(tiles, decoded)
        if not encode and decode:
            worst = int(np.abs(decoded.astype(int) - exact).max())
    plain = values[False, False]
    return (
        f"{model.name}, {len(tiles)} tiles of {tiles.shape[1]} of {folder}, float latents: "
        f"{plain.mean():.3f} dB in float32, {values[False, True].mean():.3f} dB decoded in "
        f"bfloat16 (the tile that loses most: {(plain - values[False, True]).max():.3f} dB; "
        f"pixels differ by at most {worst} of 255), {values[True, True].mean():.3f} dB both ways."
    )


def main() -> None:
    """Measure the networks named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", action="append", choices=list(NETWORKS))
    parser.add_argument("--model", help="one of the library, with trained weights")
    parser.add_argument("--tiles", type=Path, help="tiles for its PSNR")
    options = parser.parse_args()
    drawn = np.stack([draw_tissue(SIDE, SIDE, seed) for seed in range(TOGETHER)])
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU"
    print(
        f"torch {torch.__version__} on {where}, {torch.get_num_threads()} threads, "
        f"{platform.machine()}; tiles of {SIDE}; seconds a tile, and how many times as fast\n"
    )
    print(
        "| network | | one, float32 | one, bfloat16 | ratio "
        "| of four, float32 | of four, bfloat16 | ratio | difference |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in options.network or list(NETWORKS):
        print(measure(name, full_size(*NETWORKS[name]), drawn), flush=True)
    if options.model:
        model = find_model(options.model)
        print(measure(model.name, model, drawn), flush=True)
        if options.tiles:
            tiles = load_tiles(options.tiles, SIDE, half=False, limit=16)
            print(f"\n{fidelity(model, tiles, options.tiles.name)}")


if __name__ == "__main__":
    main()
