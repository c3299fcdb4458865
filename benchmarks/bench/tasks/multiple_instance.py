"""Does attention over bags of tiles notice (the paper's Table 2, left)?

The bags are made, not found: there are no labelled slides here. A bag holds tiles drawn at random;
in a positive one a few are of the class `positive`, in a negative one none is. What trains and what
tests draws from different tiles, by the split of `classification`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench.codec_setting import CodecSetting, original
from benchmarks.bench.extractors import imagenet_extractor
from benchmarks.bench.judge import JudgeSettings, judge_extractor
from benchmarks.bench.material import Material
from benchmarks.bench.networks.attention_mil import score_bags, train_attention_mil
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.statistics import area_under_curve
from benchmarks.bench.tasks.classification import split
from benchmarks.bench.tile_sets import load_labelled

REVISION = 1


@dataclass(frozen=True)
class Settings:
    """Tiles as in `classification`; bags and how long is trained.

    Attributes:
        positive: The class that makes a bag positive; the first where there is no such class.
        witnesses: Tiles of it in a positive bag.
    """

    per_class: int = 200
    side: int = 224
    positive: str = "AC"
    witnesses: int = 2
    bag: int = 16
    train_bags: int = 300
    test_bags: int = 200
    epochs: int = 30
    judge_crop: int = 160
    judge_epochs: int = 30


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure one split: the area under the ROC curve of test bags."""
    assert material.data.classes is not None
    labelled = load_labelled(material.data.classes, settings.per_class, settings.side)
    extractor = imagenet_extractor() or judge_extractor(
        material,
        JudgeSettings(
            settings.per_class, settings.side, settings.judge_crop, settings.judge_epochs
        ),
    )
    assert extractor is not None
    sources = material.features(original(), labelled.tiles, extractor)
    decoded = material.features(codec, labelled.tiles, extractor)
    positive = (
        labelled.classes.index(settings.positive) if settings.positive in labelled.classes else 0
    )
    is_positive = labelled.labels == positive
    random = np.random.default_rng(seed)
    parts = split(labelled.labels, seed)
    counts = (settings.train_bags, settings.test_bags)
    (train, train_labels), (test, test_labels) = (
        draw_bags(random, part, is_positive, count, settings)
        for part, count in zip(parts, counts, strict=True)
    )
    mean, deviation = sources[parts[0]].mean(0), sources[parts[0]].std(0) + 1e-6
    areas, weights = {}, {}
    for name, features in (("trained on originals", sources), ("on reconstructions", decoded)):
        scaled, tested = ((f - mean) / deviation for f in (features, decoded))
        network = train_attention_mil(
            scaled[train], train_labels, epochs=settings.epochs, seed=seed
        )
        weights[name] = weights_digest(network)
        areas[name] = area_under_curve(score_bags(network, tested[test]), test_labels)
    sizes = material.coded(codec, labelled.tiles).sizes
    return {
        "positive": labelled.classes[positive],
        "extractor": extractor.name,
        "networks": {
            extractor.name: extractor.digest,
            "ABMIL, trained on originals": weights["trained on originals"],
        },
        "bags": list(counts),
        "pixels": int(labelled.tiles.pixels[0, ..., 0].size),
        "bytes": float(sizes.mean()),
        "auc": areas,
    }


def draw_bags(
    random: np.random.Generator,
    tiles: NDArray[np.int64],
    is_positive: NDArray[np.bool_],
    count: int,
    settings: Settings,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return indices of tiles, (count, bag), and which bags are positive: every second."""
    witnesses, others = tiles[is_positive[tiles]], tiles[~is_positive[tiles]]
    labels = np.arange(count) % 2 == 1
    bags = np.stack([random.choice(others, settings.bag) for _ in range(count)])
    for index in np.flatnonzero(labels):
        bags[index, : settings.witnesses] = random.choice(witnesses, settings.witnesses)
    return bags, labels
