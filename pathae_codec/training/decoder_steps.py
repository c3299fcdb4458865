"""The last steps of a run: the decoder alone, on latents as files hold them.

Until then latents are rounded to the nearest step. What files hold has been through the thresholds
of the ladder, which favour symbols that cost less, and stands at codewords; where most of a channel
rounds to nothing that is another latent. Encoder, ladder and tables stay, and so do the bytes.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.distortion import Distortion, ladder_weights
from pathae_codec.training.faces import Faces
from pathae_codec.training.features import FeatureDistance
from pathae_codec.training.loop import StepFigures, learning_rate, to_network
from pathae_codec.training.pairs import TilePairs
from pathae_codec.training.tiles import CropSource


@dataclass
class DecoderAlone:
    """All that changes from step to step of the decoder's own; a checkpoint holds it too."""

    synthesis: nn.Module
    optimizer: torch.optim.Optimizer
    random: np.random.Generator
    step: int = 0


def start_decoder_alone(
    config: TrainingConfig, synthesis: nn.Module, device: torch.device
) -> DecoderAlone:
    """Return the state before the first step: a copy, as the ladder is fitted to the original."""
    copy = deepcopy(synthesis).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(copy.parameters(), betas=(0.9, 0.98), weight_decay=1e-4)
    return DecoderAlone(copy, optimizer, np.random.default_rng(config.seed))


def train_decoder_alone(
    config: TrainingConfig,
    model: ModelArtifact,
    state: DecoderAlone,
    crops: CropSource,
    features: FeatureDistance | None,
    device: torch.device,
) -> Iterator[StepFigures]:
    """Run the steps that are left, giving the figures of each (bits: none).

    The learning rate falls to zero at the last of the `decoder_steps`.

    Args:
        config: The run.
        model: With its ladder.
        state: The decoder in single precision; changed in place.
        crops: What to learn from.
        features: None for no such loss.
        device: Where to.
    """
    pairs = TilePairs(model, crops, model.qualities, "auto")
    lambdas = torch.tensor(rung_lambdas(config.lambdas, model.qualities), device=device)
    counted = ladder_weights(lambdas) * lambdas
    distortion = Distortion.of_run(config, features, device)
    faces = None if config.realism is None else Faces.of_run(config, crops, device)
    while state.step < config.decoder_steps:
        rate = learning_rate(config.learning_rate, state.step, config.decoder_steps)
        state.optimizer.param_groups[0]["lr"] = rate
        rungs = state.random.integers(len(lambdas), size=config.batch)
        latents, pixels = pairs.draw_at(state.random, rungs)
        x = to_network(pixels, device)
        steps = faces.draw(state.random, config.batch) if faces else None
        if faces and steps is not None:
            latents = faces.told(latents, steps, state.random)
        with torch.autocast(device.type, torch.bfloat16):
            decoded = state.synthesis(torch.from_numpy(latents).to(device)).float()
        mse = distortion.squared_error(decoded, x)
        if faces and steps is not None:
            seen = faces.distortion(mse, decoded, x, steps)
        else:
            seen = distortion.with_features(mse, decoded, x)
        loss = (counted[torch.from_numpy(rungs).to(device)] * seen).mean()
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(state.synthesis.parameters(), config.gradient_clip)
        state.optimizer.step()
        state.step += 1
        yield StepFigures(loss.item(), 0.0, mse.mean().item(), skipped=False)


def rung_lambdas(lambdas: tuple[float, ...], qualities: tuple[int, ...]) -> list[float]:
    """Return the lambda of each quality, those between the trained ones by the logarithm."""
    places = np.array(qualities) / MAX_QUALITY * (len(lambdas) - 1)
    between = np.exp(np.interp(places, np.arange(len(lambdas)), np.log(lambdas)))
    return [float(value) for value in between]
