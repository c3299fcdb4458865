"""What latents at half the side would save before any training: bytes and fidelity, real tiles.

    python -m benchmarks.coarser_start CONFIG TRAIN FOLDER [FOLDER ...] [--half] [--limit 24]

CONFIG is that of a training whose factor is twice that of its start, TRAIN the folder of its tiles.
What `coarser_model` makes of the start is compared with the start itself, through the codec, with
headers; by BD-rate, as `rate_distortion` has it.
"""

import argparse
from pathlib import Path

from benchmarks.curve import Point, bd_rate
from benchmarks.measures import available_measures
from benchmarks.rate_distortion import load_tiles, measure_pathae
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.training.coarser import coarser_model
from pathae_codec.training.config import load_config
from pathae_codec.training.latents import draw_latents

QUALITIES = (20, 50, 80)
MEASURES = ("psnr", "ms_ssim", "features")


def models_of(config_path: Path, tiles: Path) -> tuple[ModelArtifact, ModelArtifact]:
    """Return the model that a training starts from, and what is made of it."""
    config = load_config(config_path)
    start = find_model(config.start or "")
    if start.analysis is None:
        raise SystemExit(f"model {start.name}: expected an encoder")
    return start, coarser_model(start, draw_latents(config, start.analysis, tiles))


def describe(title: str, before: list[Point], after: list[Point]) -> str:
    """Return a line of the table."""
    rungs = []
    for one, other in zip(before, after, strict=True):
        if one.setting in QUALITIES:
            rungs.append(f"{one.bpp:.3f}, {one.psnr:.2f} -> {other.bpp:.3f}, {other.psnr:.2f}")
    rates = [f"{bd_rate(after, before, measure):+.1f} %" for measure in MEASURES]
    return f"| {title} | {' | '.join(rungs)} | {' | '.join(rates)} |"


def main() -> None:
    """Measure the folders given and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("train", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--half", action="store_true", help="shrink by 2 first")
    parser.add_argument("--limit", type=int, default=24, help="tiles of a folder, evenly taken")
    options = parser.parse_args()
    start, coarser = models_of(options.config, options.train)
    measures = {name: f for name, f in available_measures().items() if name in MEASURES}
    print(
        f"{start.name} at factor {coarser.factor}, tiles of 256, at most {options.limit} a folder"
    )
    heads = [f"quality {quality}: bpp, dB" for quality in QUALITIES]
    print(f"| tiles | {' | '.join(heads)} | BD-rate, {' | '.join(MEASURES)} |")
    print("|---" * (1 + len(QUALITIES) + len(MEASURES)) + "|")
    for folder in options.folders:
        tiles = load_tiles(folder, 256, half=options.half, limit=options.limit)
        curves = [measure_pathae(tiles, TileCodec(m), measures) for m in (start, coarser)]
        title = f"{folder.name}, {len(tiles)}{', half size' if options.half else ''}"
        print(describe(title, *curves), flush=True)


if __name__ == "__main__":
    main()
