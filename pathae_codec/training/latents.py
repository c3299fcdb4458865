"""Crops of training tiles -> the latents that ladders are fitted on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pathae_codec.backends.choice import choose_backend
from pathae_codec.model.artifact import Transform
from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.tiles import CropSource

FIT_CROPS = 1200
FIT_CROP_SIDE = 256
FIT_BATCH = 16


def draw_latents(config: TrainingConfig, analysis: Transform, tiles: Path) -> NDArray[np.float32]:
    """Return the latents of random crops, float32 (crops, channels, h, w), by the config's seed."""
    crops = CropSource(tiles, config.folders, FIT_CROP_SIDE, config.history, config.stains)
    random = np.random.default_rng(config.seed)
    transform = choose_backend().load_analysis(analysis, 0)
    return np.concatenate(
        [transform.analyze(crops.draw(random, FIT_BATCH)) for _ in range(FIT_CROPS // FIT_BATCH)]
    )
