"""Does a classifier of tiles notice (the paper's Table 2, right)?

A seed is a split: two thirds of each class train, one third tests. A linear probe on features of
the ImageNet network (of the judge's kind, trained on the split's own original training tiles, where
that is not installed) and a small network are trained on originals and tested on reconstructions,
and trained and tested on reconstructions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.bench.codec_setting import CodecSetting, original
from benchmarks.bench.extractors import Extractor, imagenet_extractor
from benchmarks.bench.material import Material
from benchmarks.bench.networks.classifier import (
    Classifier,
    classify,
    linear_probe,
    train_classifier,
)
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.tile_sets import LabelledTiles, load_labelled
from pathae_codec.arrays import Pixels

REVISION = 1


@dataclass(frozen=True)
class Settings:
    """Tiles of each class, and how the classifiers are trained.

    Attributes:
        penalty: Of the linear probe's squared weights.
        network_splits: Splits (the first seeds) on which the small network is trained too.
        retrained: `CODEC SETTING` for which the small network is trained on reconstructions too:
            it takes minutes.
    """

    per_class: int = 200
    side: int = 224
    penalty: float = 0.003
    epochs: int = 30
    crop: int = 160
    network_splits: int = 3
    retrained: tuple[str, ...] = ()


def measure(
    codec: CodecSetting, seed: int, settings: Settings, material: Material
) -> dict[str, Any]:
    """Measure one split: the share of test tiles that are put into the right class."""
    assert material.data.classes is not None
    labelled = load_labelled(material.data.classes, settings.per_class, settings.side)
    return measure_labelled(codec, seed, settings, material, labelled)


def measure_labelled(
    codec: CodecSetting,
    seed: int,
    settings: Settings,
    material: Material,
    labelled: LabelledTiles,
) -> dict[str, Any]:
    """Measure one split of tiles that are there already."""
    train, test = split(labelled.labels, seed)
    sizes = material.coded(codec, labelled.tiles).sizes
    measured: dict[str, Any] = {
        "tiles": len(labelled.labels),
        "train": len(train),
        "test": len(test),
        "pixels": int(labelled.tiles.pixels[0, ..., 0].size),
        "bytes": float(sizes.mean()),
        "accuracy": {},
    }
    extractor = imagenet_extractor() or _split_extractor(labelled, train, settings, material, seed)
    sources = material.features(original(), labelled.tiles, extractor)
    decoded = material.features(codec, labelled.tiles, extractor)
    labels = labelled.labels
    for name, features in (("trained on originals", sources), ("on reconstructions", decoded)):
        (found,) = linear_probe(features[train], labels[train], [decoded[test]], settings.penalty)
        measured["accuracy"][f"probe, {name}"] = _share(found, labels[test])
    measured["probe"] = extractor.name
    measured["networks"] = {extractor.name: extractor.digest}
    if seed < settings.network_splits:
        coded = material.coded(codec, labelled.tiles)
        tested = material.decoded(codec, labelled.tiles, test.tolist())
        sources_of = {"trained on originals": ("original", lambda: labelled.tiles.pixels)}
        if codec.is_original or f"{codec.codec} {codec.setting}" in settings.retrained:
            identity = "original" if codec.is_original else codec.identity
            sources_of["on reconstructions"] = (identity, coded.decode)
        for name, (identity, pixels) in sources_of.items():
            network = _network(labelled, identity, pixels, train, settings, material, seed)
            share = _share(classify(network, tested), labels[test])
            measured["accuracy"][f"network, {name}"] = share
            if identity == "original":
                measured["networks"]["network, trained on originals"] = weights_digest(network)
    return measured


def split(labels: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices that train, two thirds of each class at random, and those that test."""
    random = np.random.default_rng(seed)
    train, test = [], []
    for label in np.unique(labels):
        members = random.permutation(np.flatnonzero(labels == label))
        border = 2 * len(members) // 3
        train.append(members[:border])
        test.append(members[border:])
    return np.sort(np.concatenate(train)), np.sort(np.concatenate(test))


def _share(found: NDArray[np.int64], wanted: NDArray[np.int64]) -> float:
    return float((found == wanted).mean())


def _network(
    labelled: LabelledTiles,
    identity: str,
    pixels: Callable[[], Pixels],
    train: NDArray[np.int64],
    settings: Settings,
    material: Material,
    seed: int,
) -> nn.Module:
    depends = [REVISION, labelled.tiles.identity, identity, settings.epochs, settings.crop, seed]
    return material.network(
        "classifier",
        depends,
        lambda: Classifier(len(labelled.classes), seed),
        lambda network: train_classifier(
            network,
            pixels()[train],
            labelled.labels[train],
            epochs=settings.epochs,
            crop=settings.crop,
            seed=seed,
        ),
    )


def _split_extractor(
    labelled: LabelledTiles,
    train: NDArray[np.int64],
    settings: Settings,
    material: Material,
    seed: int,
) -> Extractor:
    network = _network(
        labelled, "original", lambda: labelled.tiles.pixels, train, settings, material, seed
    )
    assert isinstance(network, Classifier)

    def pooled(x: Tensor) -> Tensor:
        return network.pooled(2 * x - 1)

    return Extractor("small network", f"small network {labelled.tiles.identity} {seed}", pooled)
