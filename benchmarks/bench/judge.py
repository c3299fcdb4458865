"""The judge: a pathology network that is trained here, for no codec, on the labelled tiles."""

from dataclasses import dataclass

from torch import Tensor, nn

from benchmarks.bench.extractors import Extractor, imagenet_extractor, named_extractors
from benchmarks.bench.material import Material
from benchmarks.bench.networks.classifier import Classifier, train_classifier
from benchmarks.bench.networks.weights import weights_digest
from benchmarks.bench.tile_sets import load_labelled

JUDGE = "judge (trained here)"


@dataclass(frozen=True)
class JudgeSettings:
    """How the judge is trained: its config is that of the task `feature_similarity`."""

    per_class: int
    side: int
    crop: int
    epochs: int


def judge_extractor(material: Material, settings: JudgeSettings) -> Extractor | None:
    """Return the judge; None where there are no labelled tiles.

    It is trained on the folder `train` of the classes, where there is one, and its features are
    those before its last layer.
    """
    folder = material.data.classes
    if folder is None:
        return None
    labelled = load_labelled(
        folder / "train" if (folder / "train").is_dir() else folder,
        settings.per_class,
        settings.side,
    )
    depends = ["judge", labelled.tiles.identity, settings.crop, settings.epochs]

    def build() -> nn.Module:
        return Classifier(len(labelled.classes), seed=0)

    def train(network: nn.Module) -> None:
        train_classifier(
            network,
            labelled.tiles.pixels,
            labelled.labels,
            epochs=settings.epochs,
            crop=settings.crop,
            seed=0,
        )

    network = material.network("judge", depends, build, train)
    assert isinstance(network, Classifier)

    def pooled(x: Tensor) -> Tensor:
        return network.pooled(2 * x - 1)

    return Extractor(JUDGE, f"{depends} {weights_digest(network)}", pooled)


def available_extractors(
    material: Material, judge: JudgeSettings, timm: tuple[str, ...], hub: tuple[str, ...]
) -> list[Extractor]:
    """Return all extractors that this machine has, the ImageNet network and the judge first."""
    own = [imagenet_extractor(), judge_extractor(material, judge)]
    return [*filter(None, own), *named_extractors(timm, hub)]
