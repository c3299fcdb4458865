"""What a natural face is trained by: structure and texture, by filters and by a network.

Three distances: local statistics of a fixed filter bank (`local_statistics`), local statistics of
the features of EfficientNet-Lite1, and its features position by position (`features`). Each alone
pleases judges of its own kind only; together they please those that had no part in it.
"""

import torch
from torch import Tensor, nn

from pathae_codec.training.features import FeatureNetwork, position_distance
from pathae_codec.training.local_statistics import LocalStatistics, windowed
from pathae_codec.training.perception_weights import PerceptionWeights

WINDOW = 16
"""Side in pixels of the windows of the features' statistics."""


class Perception(nn.Module):
    """The weighted sum of the three distances; the network is there only where one counts.

    Args:
        weights: Of the three.
        sources: (N, 3, H, W), -1 to 1: what the spread of each statistic is taken from.

    Raises:
        BackendUnavailableError: The network is not installed.
    """

    def __init__(self, weights: PerceptionWeights, sources: Tensor) -> None:
        super().__init__()
        self.weights = weights
        self.bank = LocalStatistics(sources)
        counts = weights.features or weights.feature_statistics
        self.features = FeatureLikeness(weights, sources) if counts else None

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        by_bank: Tensor = self.weights.local_statistics * self.bank(decoded, source)
        return by_bank if self.features is None else by_bank + self.features(decoded, source)


class FeatureLikeness(nn.Module):
    """The weighted sum of what features differ by: position by position, and in windows.

    Args:
        weights: Of the two.
        sources: As of `Perception`.

    Raises:
        BackendUnavailableError: The network is not installed.
    """

    def __init__(self, weights: PerceptionWeights, sources: Tensor) -> None:
        super().__init__()
        self.weights = weights
        self.network = FeatureNetwork()
        with torch.no_grad():
            spreads = [s.var((0, 2, 3)).clamp_min(1e-6) for s in _statistics(self.network(sources))]
        for index, spread in enumerate(spreads):
            self.register_buffer(f"spread_{index}", spread[:, None, None])

    def forward(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1, with the source: (N,), 0 for equal pictures."""
        with torch.no_grad():
            wanted = self.network(source)
        found = self.network(decoded)
        pairs = zip(_statistics(found), _statistics(wanted), strict=True)
        distances = [
            ((a - b).square() / self.get_buffer(f"spread_{index}")).mean((1, 2, 3))
            for index, (a, b) in enumerate(pairs)
        ]
        return self.weights.features * position_distance(
            found, wanted
        ) + self.weights.feature_statistics * torch.stack(distances).mean(0)


def _statistics(features: list[Tensor]) -> list[Tensor]:
    """Return means and deviations of features at halves, quarters and eighths of the side."""
    statistics = []
    for depth, maps in enumerate(features, 1):
        side = WINDOW >> depth
        if side >= 2:
            statistics += [part for pair in windowed(maps, (side,)) for part in pair]
    return statistics
