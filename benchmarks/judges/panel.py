"""The judges that this machine has."""

from collections.abc import Callable
from functools import partial

from benchmarks.judges.efficientnet import efficientnet_judge
from benchmarks.judges.judge import Judge, cosine_of_means, pooled_features
from benchmarks.judges.segmentation import segmentation_judge
from benchmarks.judges.vgg import vgg_judge
from pathae_codec.errors import SettingError


def contrastive_judge() -> Judge:
    """Return the network trained here without labels; its weights are in the repository."""
    from benchmarks.judges.contrastive import WEIGHTS, contrastive_network

    return Judge(
        "contrastive",
        "contrastive",
        "benchmarks/judges/contrastive.safetensors, tissue of tiles/train, no labels",
        WEIGHTS,
        partial(pooled_features, lambda x: contrastive_network()(x / 255)),
        cosine_of_means,
    )


MAKERS: dict[str, Callable[[], Judge]] = {
    "Lite0": partial(efficientnet_judge, 0),
    "Lite2": partial(efficientnet_judge, 2),
    "VGG-16": vgg_judge,
    "SHELL": segmentation_judge,
    "contrastive": contrastive_judge,
}
"""By the judge's name."""


def available_judges() -> tuple[list[Judge], list[str]]:
    """Return the judges that are installed, and of the others why they are not."""
    judges, reasons = [], []
    for name, make in MAKERS.items():
        try:
            judges.append(make())
        except SettingError as error:
            reasons.append(f"{name}: {error}")
    return judges, reasons
