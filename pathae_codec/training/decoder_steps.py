"""The last steps of a run: the decoder alone, on latents as files hold them.

Until then latents are rounded to the nearest step. What files hold has been through the thresholds
of the ladder, which favour symbols that cost less, and stands at codewords; where most of a channel
rounds to nothing that is another latent. Encoder, ladder and tables stay, and so do the bytes.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pathae_codec.arrays import Latents
from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.realism import with_noise
from pathae_codec.training.colour import chroma_error
from pathae_codec.training.config import TrainingConfig, TrainingRealism
from pathae_codec.training.distortion import Distortion, ladder_weights
from pathae_codec.training.features import FeatureDistance
from pathae_codec.training.loop import StepFigures, learning_rate
from pathae_codec.training.natural import NaturalDistortion
from pathae_codec.training.network_input import Crops, to_network
from pathae_codec.training.pairs import TilePairs


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


@dataclass(frozen=True)
class DecoderSteps:
    """What the decoder's own steps are: of the faithful face, or of the natural one.

    Attributes:
        steps: In all; the learning rate falls to zero at the last.
        batch: Crops a step.
        noise: Planes of noise behind the latent; where `silent`, of zeros, so that the weights
            that take them stay zero.
        silent: Of the faithful face.
        distortion: Decoded pictures and sources, (N, 3, H, W) -> what each counts, (N,), and its
            squared error in 8-bit units, (N,).
    """

    steps: int
    batch: int
    noise: int
    silent: bool
    distortion: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def faithful_steps(
    config: TrainingConfig, features: FeatureDistance | None, device: torch.device
) -> DecoderSteps:
    """Return the steps of the faithful face: squared error, features and colour as configured."""
    distortion = Distortion.of_run(config, features, device)

    def seen(decoded: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        error = distortion.squared_error(decoded, source)
        counted = distortion.with_features(error, decoded, source)
        if config.chroma_error:
            counted = counted + config.chroma_error * chroma_error(decoded, source)
        return counted, error

    noise = config.realism.noise_channels if config.realism else 0
    return DecoderSteps(config.decoder_steps, config.batch, noise, silent=True, distortion=seen)


def natural_steps(realism: TrainingRealism, distortion: NaturalDistortion) -> DecoderSteps:
    """Return the steps of the natural face."""
    noise, batch = realism.noise_channels, realism.batch
    return DecoderSteps(realism.steps, batch, noise, silent=False, distortion=distortion)


def train_decoder_alone(
    config: TrainingConfig,
    model: ModelArtifact,
    state: DecoderAlone,
    run: DecoderSteps,
    crops: Crops,
    device: torch.device,
) -> Iterator[StepFigures]:
    """Run the steps that are left, giving the figures of each (bits: none).

    Args:
        config: The run.
        model: With its ladder.
        state: The decoder in single precision; changed in place.
        run: Which steps these are.
        crops: What to learn from.
        device: Where to.
    """
    pairs = TilePairs(model, crops, model.qualities, "auto")
    lambdas = torch.tensor(rung_lambdas(config.lambdas, model.qualities), device=device)
    counted = ladder_weights(lambdas) * lambdas
    while state.step < run.steps:
        rate = learning_rate(config.learning_rate, state.step, run.steps)
        state.optimizer.param_groups[0]["lr"] = rate
        rungs = state.random.integers(len(lambdas), size=run.batch)
        latents, pixels = pairs.draw_at(state.random, rungs)
        x = to_network(pixels, device)
        taken = torch.from_numpy(_noisy(latents, run, state.random)).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            decoded = state.synthesis(taken).float()
        seen, error = run.distortion(decoded, x)
        loss = (counted[torch.from_numpy(rungs).to(device)] * seen).mean()
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(state.synthesis.parameters(), config.gradient_clip)
        state.optimizer.step()
        state.step += 1
        yield StepFigures(loss.item(), 0.0, error.mean().item(), skipped=False)


def _noisy(latents: Latents, run: DecoderSteps, random: np.random.Generator) -> Latents:
    if run.silent:
        return np.pad(latents, ((0, 0), (0, run.noise), (0, 0), (0, 0)))
    seeds = random.integers(2**32, size=len(latents), dtype=np.uint32)
    return with_noise(latents, seeds, run.noise)


def rung_lambdas(lambdas: tuple[float, ...], qualities: tuple[int, ...]) -> list[float]:
    """Return the lambda of each quality, those between the trained ones by the logarithm."""
    places = np.array(qualities) / MAX_QUALITY * (len(lambdas) - 1)
    between = np.exp(np.interp(places, np.arange(len(lambdas)), np.log(lambdas)))
    return [float(value) for value in between]
