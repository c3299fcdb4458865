"""What is left of a tile that is coded again and again, as tools do that copy slides."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.judge import available_extractors
from benchmarks.bench.material import Material
from benchmarks.bench.tasks import feature_similarity
from benchmarks.bench.tasks.feature_similarity import compare_tiles
from benchmarks.bench.tile_sets import load_tile_folder

REVISION = 1


@dataclass(frozen=True)
class Settings(feature_similarity.Settings):
    """As of `feature_similarity`, and after which rounds is measured."""

    rounds: tuple[int, ...] = (1, 2, 5, 10)


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure the tiles of all sets together: of each round, bytes a tile and means."""
    del seed
    extractors = available_extractors(material, settings.judge, settings.timm, settings.hub)
    tiles = np.concatenate(
        [
            load_tile_folder(folder, settings.side, settings.limit).pixels
            for folder in material.data.tiles
        ]
    )
    features = {extractor: extractor.embed(tiles) for extractor in extractors}
    decoded, rounds = tiles, {}
    for number in range(1, max(settings.rounds) + 1):
        data = codec.encode(decoded)
        decoded = np.stack(codec.decode(data))
        if number in settings.rounds:
            measured = compare_tiles(tiles, decoded, features)
            rounds[str(number)] = {
                "bytes": float(np.mean([len(tile) for tile in data])),
                **{name: float(np.mean(values)) for name, values in measured.items()},
            }
    return {
        "tiles": len(tiles),
        "networks": {extractor.name: extractor.digest for extractor in extractors},
        "pixels": settings.side**2,
        "rounds": rounds,
    }
