"""The distortion of the natural face: some squared error, colour, structure and texture."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pathae_codec.training.colour import chroma_error
from pathae_codec.training.config import TrainingConfig, TrainingRealism
from pathae_codec.training.distortion import Distortion
from pathae_codec.training.network_input import Crops, to_network
from pathae_codec.training.perception import Perception

SPREAD_CROPS = 48
"""Crops that the spread of each statistic is taken from."""


@dataclass(frozen=True)
class NaturalDistortion:
    """What a naturally decoded crop is from its source.

    Attributes:
        realism: What each part counts.
        chroma_error: What errors of colour count.
        squared: Squared error, more at borders.
        perception: Structure and texture.
    """

    realism: TrainingRealism
    chroma_error: float
    squared: Distortion
    perception: Perception

    @classmethod
    def of_run(
        cls,
        config: TrainingConfig,
        realism: TrainingRealism,
        crops: Crops,
        device: torch.device,
    ) -> "NaturalDistortion":
        """Return the distortion that a config asks for; spreads are taken by its seed."""
        drawn = crops.draw(np.random.default_rng(config.seed), SPREAD_CROPS)
        perception = Perception(realism.weights, to_network(drawn, torch.device("cpu")))
        squared = Distortion.of_run(config, None, device)
        return cls(realism, config.chroma_error, squared, perception.to(device))

    def __call__(self, decoded: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Compare (N, 3, H, W), -1 to 1: what each counts (N,), its squared error (N,)."""
        error = self.squared.squared_error(decoded, source)
        colour = self.chroma_error * chroma_error(decoded, source)
        return self.realism.error * error + colour + self.perception(decoded, source), error
