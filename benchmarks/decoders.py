"""Two decoders of the same latents, on the same tile bitstreams: before and after fine-tuning.

    python -m benchmarks.decoders MODEL OTHER FOLDER [FOLDER ...] [--quality 90] [--limit 16]

MODEL encodes once; both decode. The features are those of EfficientNet-Lite0 (`measures`), which is
in no loss. Differences have the 95 % interval of a paired bootstrap over the tiles.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.bench.statistics import bootstrap
from benchmarks.measures import Measure, available_measures
from benchmarks.rate_distortion import load_tiles
from pathae_codec.arrays import Pixels
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.library import find_model


def describe(
    title: str,
    models: tuple[ModelArtifact, ModelArtifact],
    tiles: Pixels,
    qualities: Sequence[int],
    measures: Mapping[str, Measure],
) -> str:
    """Return a Markdown table for some tiles, uint8 (N, H, W, 3): a row a quality and measure."""
    first, other = models
    if first.encoder_id != other.encoder_id:
        raise SystemExit(f"model {other.name}: expected one for the encoder of {first.name}")
    encoder = TileCodec(first)
    # The symbols are the first model's: what the other's own tables are does not matter.
    decoders = [TileCodec(replace(first, synthesis=m.synthesis)) for m in models]
    lines = [
        f"### {title}: {len(tiles)} tiles of {tiles.shape[1]}",
        "",
        f"| quality | bpp | measure | {first.name} | {other.name} | difference |",
        "|---|---|---|---|---|---|",
    ]
    for quality in qualities:
        data = encoder.encode_tiles(tiles, quality)
        bpp = 8 * sum(map(len, data)) / tiles[..., 0].size
        decoded = [np.stack(codec.decode_tiles(data)) for codec in decoders]
        for name, measure in measures.items():
            before, after = (measure(tiles, pixels) for pixels in decoded)
            change = bootstrap(after - before)
            lines.append(
                f"| {quality} | {bpp:.2f} | {name} | {before.mean():.4g} | {after.mean():.4g} | "
                f"{change.mean:+.4f} ({change.low:+.4f} to {change.high:+.4f}) |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure the folders given and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("other")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--quality", type=int, action="append", help="rungs (default the top one)")
    parser.add_argument("--limit", type=int, default=16, help="tiles of a folder, evenly taken")
    options = parser.parse_args()
    models, measures = (find_model(options.model), find_model(options.other)), available_measures()
    top = max(set(models[0].qualities) - set(models[0].profiles.values()))
    for folder in options.folders:
        tiles = load_tiles(folder, 256, half=False, limit=options.limit)
        table = describe(folder.name, models, tiles, options.quality or [top], measures)
        print(f"\n{table}", flush=True)


if __name__ == "__main__":
    main()
