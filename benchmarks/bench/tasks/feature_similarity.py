"""How like its original a reconstruction is to networks that see tiles (the paper's Table 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench.codec_setting import CodecSetting, original
from benchmarks.bench.extractors import Extractor
from benchmarks.bench.judge import JudgeSettings, available_extractors
from benchmarks.bench.material import Material
from benchmarks.bench.tile_sets import load_tile_folder
from benchmarks.measures import available_measures
from pathae_codec.arrays import Pixels

REVISION = 1
PIXEL_MEASURES = ("psnr", "ssim")
MOST_DECIBELS = 100.0
"""For equal pixels, whose PSNR is infinite: JSON knows no such number."""


@dataclass(frozen=True)
class Settings:
    """Tiles of `side`, at most `limit` of each folder; how the judge is trained; more extractors.

    Attributes:
        timm: Names of timm, `NAME` or `NAME=CHECKPOINT`.
        hub: Networks of torch.hub folders on this machine, `FOLDER:ENTRY`.
    """

    side: int = 256
    limit: int = 24
    judge_per_class: int = 200
    judge_side: int = 224
    judge_crop: int = 160
    judge_epochs: int = 30
    timm: tuple[str, ...] = ()
    hub: tuple[str, ...] = ()

    @property
    def judge(self) -> JudgeSettings:
        """How the judge is trained."""
        return JudgeSettings(
            self.judge_per_class, self.judge_side, self.judge_crop, self.judge_epochs
        )


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure every tile of every set: bytes, PSNR, SSIM, and a cosine for each extractor."""
    del seed
    extractors = available_extractors(material, settings.judge, settings.timm, settings.hub)
    whole, sets = original(), {}
    for folder in material.data.tiles:
        tiles = load_tile_folder(folder, settings.side, settings.limit)
        coded = material.coded(codec, tiles)
        sets[tiles.name] = {
            "pixels": settings.side**2,
            "bytes": coded.sizes.tolist(),
            **compare_tiles(
                tiles.pixels,
                coded.decode(),
                {e: material.features(whole, tiles, e) for e in extractors},
            ),
        }
    return {
        "extractors": [extractor.name for extractor in extractors],
        "networks": {extractor.name: extractor.digest for extractor in extractors},
        "tiles": list(sets),
        "sets": sets,
    }


def compare_tiles(
    tiles: Pixels, decoded: Pixels, features: Mapping[Extractor, NDArray[np.float32]]
) -> dict[str, list[float]]:
    """Return the measures of each tile by name: PSNR, SSIM where installed, cosines.

    Args:
        tiles: uint8 (N, H, W, 3).
        decoded: Likewise.
        features: Of `tiles`, by extractor.
    """
    known = available_measures()
    measured = {
        name: np.minimum(known[name](tiles, decoded), MOST_DECIBELS).round(5).tolist()
        for name in PIXEL_MEASURES
        if name in known
    }
    for extractor, whole in features.items():
        similarity = cosine(whole, extractor.embed(decoded))
        measured[extractor.name] = similarity.round(5).tolist()
    return measured


def cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the cosine of each pair of rows, -1 to 1."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    similarity: NDArray[np.float64] = (a * b).sum(1) / np.maximum(lengths, 1e-12)
    return similarity
