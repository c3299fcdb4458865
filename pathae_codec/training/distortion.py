"""What a decoded crop is from its source: squared error, more at borders, and features."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.features import FeatureDistance


@dataclass(frozen=True)
class Distortion:
    """The distortion of a run.

    Attributes:
        weights: Of each pixel's error in a crop, (side, side), on the device of the pictures.
        features: Their distance, for the first `feature_crops` of a batch; None for none at all.
        feature_weight: What that distance counts by the squared error in 8-bit units.
        feature_crops: At least 1.
    """

    weights: Tensor
    features: FeatureDistance | None
    feature_weight: float
    feature_crops: int

    @classmethod
    def of_run(
        cls, config: TrainingConfig, features: FeatureDistance | None, device: torch.device
    ) -> "Distortion":
        """Return the distortion that a config asks for; `features` go to the device."""
        weights = border_weights(config.crop, config.border_weight).to(device)
        if features is not None:
            features.to(device)
        return cls(weights, features, config.feature_weight, config.feature_crops)

    def squared_error(self, decoded: Tensor, source: Tensor) -> Tensor:
        """Compare (N, 3, H, W), -1 to 1: (N,), in 8-bit units squared."""
        return (((decoded - source) * 127.5).square() * self.weights).mean((1, 2, 3))

    def with_features(self, error: Tensor, decoded: Tensor, source: Tensor) -> Tensor:
        """Add what the features differ by to the squared errors (N,)."""
        if self.features is None:
            return error
        some = slice(self.feature_crops)
        seen = self.feature_weight * self.features(decoded[some], source[some])
        return torch.cat([error[some] + seen, error[self.feature_crops :]])


def border_weights(side: int, at_border: float) -> Tensor:
    """Return the weight of each pixel's error in a crop, (side, side): 1, and more at the border.

    A crop's border is that of a tile. Errors there are not shared with the neighbouring tile and
    make a step that one sees; the weight falls by e every two pixels.
    """
    place = torch.arange(side)
    distance = torch.minimum(place, side - 1 - place)
    return 1 + (at_border - 1) * (-torch.minimum(distance[:, None], distance) / 2).exp()


def ladder_weights(lambdas: Tensor) -> Tensor:
    """Return what the loss at each lambda counts, all of the ladder's lambdas given.

    Without it, the gradients of the highest quality would drown the others.
    """
    return (lambdas / lambdas.median()) ** -0.3
