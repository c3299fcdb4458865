"""`classification` with the same tiles at half size (2 x 2 box), where the grid of JPEG is gone.

The class tiles were stored as JPEG, with the grid at phase 0: a codec of 8 x 8 blocks meets its own
lattice, and what it rounds was rounded before. That is so in scanner slides too, and so both sizes
are measured.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.bench.cells import digest_of
from benchmarks.bench.codec_setting import CodecSetting
from benchmarks.bench.material import Material
from benchmarks.bench.tasks.classification import Settings, measure_labelled
from benchmarks.bench.tile_sets import LabelledTiles, TileSet, load_labelled

__all__ = ["REVISION", "Settings", "measure"]

REVISION = 1


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure one split; `side` is that of the tiles after they were halved."""
    assert material.data.classes is not None
    whole = load_labelled(material.data.classes, settings.per_class, 2 * settings.side)
    return measure_labelled(codec, seed, settings, material, halved(whole))


def halved(labelled: LabelledTiles) -> LabelledTiles:
    """Return the tiles shrunk by 2, uint8 (N, H/2, W/2, 3)."""
    tiles = labelled.tiles
    count, height, width, _ = tiles.pixels.shape
    boxes = tiles.pixels.reshape(count, height // 2, 2, width // 2, 2, 3)
    pixels = boxes.mean((2, 4)).round().astype(np.uint8)
    identity = digest_of(tiles.identity, "half size")
    return replace(labelled, tiles=TileSet(f"{tiles.name}, half size", identity, pixels))
