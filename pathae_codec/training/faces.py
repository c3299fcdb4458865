"""The faces of one latent in training: what each crop's decoder is told, and what it is to give."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pathae_codec.model.realism import STEPS, told
from pathae_codec.training.colour import chroma_error
from pathae_codec.training.config import TrainingConfig, TrainingRealism
from pathae_codec.training.loop import to_network
from pathae_codec.training.perception import Perception
from pathae_codec.training.tiles import CropSource

SPREAD_CROPS = 48
"""Crops that the spread of each statistic is taken from."""


@dataclass(frozen=True)
class Faces:
    """The faces that a run trains.

    Attributes:
        settings: Of the run.
        perception: Structure and texture, for the crops that are decoded naturally.
    """

    settings: TrainingRealism
    perception: Perception

    @classmethod
    def of_run(cls, config: TrainingConfig, crops: CropSource, device: torch.device) -> "Faces":
        """Return the faces that a config asks for, statistics by its seed."""
        settings = config.realism
        assert settings is not None, "the caller looks"
        drawn = crops.draw(np.random.default_rng(config.seed), SPREAD_CROPS)
        sources = to_network(drawn, torch.device("cpu"))
        return cls(settings, Perception(settings.weights, sources).to(device))

    def draw(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        """Draw the eighths of each crop, natural ones first: all that are not told 0."""
        natural = random.integers(1, STEPS + 1, size=self.settings.natural_crops)
        return np.concatenate([natural, np.zeros(count - len(natural), np.int64)])

    def told(
        self,
        latents: NDArray[np.float32],
        steps: NDArray[np.int64],
        random: np.random.Generator,
    ) -> NDArray[np.float32]:
        """Return latents (N, C, h, w) with each one's realism and noise of a drawn seed."""
        seeds = random.integers(2**32, size=len(latents), dtype=np.uint32)
        rows = [
            told(latents[i : i + 1], seeds[i : i + 1], int(step), self.settings.taken)
            for i, step in enumerate(steps)
        ]
        return np.concatenate(rows)

    def distortion(
        self, error: Tensor, decoded: Tensor, source: Tensor, steps: NDArray[np.int64]
    ) -> Tensor:
        """Return what each crop counts, (N,), from its squared error (N,) and its realism."""
        realism = torch.from_numpy(steps / STEPS).to(error)
        kept = 1 - (1 - self.settings.error_kept) * realism
        count = self.settings.natural_crops
        some = slice(count)
        seen = realism[some] * self.perception(decoded[some], source[some])
        natural = torch.cat([seen, torch.zeros_like(error[count:])])
        return kept * error + self.settings.chroma_error * chroma_error(decoded, source) + natural
