"""The training loop: rate and distortion of one network over a ladder of qualities."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pathae_codec.backends.torch_networks import build_network
from pathae_codec.model.library import find_model
from pathae_codec.training.coarser import BLOCK, coarser_model
from pathae_codec.training.colour import chroma_error
from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.distortion import Distortion, ladder_weights
from pathae_codec.training.features import FeatureDistance
from pathae_codec.training.latents import draw_latents
from pathae_codec.training.natural import NaturalDistortion
from pathae_codec.training.network_input import Crops, draw_input
from pathae_codec.training.quality import silence, tell_quality, without
from pathae_codec.training.rate import RateModel
from pathae_codec.training.start import deafen, start_from, start_natural, with_noise_inputs
from pathae_codec.training.wider import wider_model

OUTLIER = 8.0
"""A step whose gradient norm is this many times the usual one is left out."""
DIVERGED = 20
"""After so many outliers in a row the weights are lost: go back to their average."""


class TrainingModel(nn.Module):
    """Analysis, synthesis and rate model, trained together."""

    def __init__(self, config: TrainingConfig) -> None:
        super().__init__()
        self.analysis = build_network(config.analysis)
        self.synthesis = build_network(config.synthesis)
        self.natural = build_network(config.synthesis) if config.natural_together else None
        self.rate = RateModel(config.lambdas, config.latent_channels, config.table_sets)


@dataclass(frozen=True)
class StepFigures:
    """What one step saw: loss, bits per pixel, mean squared error (8-bit units squared)."""

    loss: float
    bpp: float
    mse: float
    skipped: bool


@dataclass
class TrainingState:
    """All that changes from step to step; a checkpoint holds exactly this."""

    model: TrainingModel
    average: TrainingModel
    optimizer: torch.optim.Optimizer
    random: np.random.Generator
    step: int = 0
    usual_norm: float = 0.0
    outliers_in_row: int = 0


def start_training(config: TrainingConfig, tiles: Path) -> TrainingState:
    """Return the state before the first step; the same seed and tiles give the same state."""
    torch.manual_seed(config.seed)
    model, average = TrainingModel(config), TrainingModel(config)
    if config.realism is not None:
        deafen(model.synthesis, config.latent_channels)
    if config.start is not None:
        first = find_model(config.start)
        if config.realism is not None:
            first = with_noise_inputs(first, config.realism.noise_channels)
        if config.factor == BLOCK * first.factor and first.analysis:
            first = coarser_model(first, draw_latents(config, first.analysis, tiles))
        layers = config.analysis, config.synthesis
        if config.latent_channels > first.latent_channels:
            first = wider_model(first, layers, config.seed)
        networks = model.analysis, model.synthesis
        start_from(first, layers, networks, model.rate)
        if model.natural is not None:
            start_natural(first, model.natural, model.synthesis)
        if config.quality_channel is not None:
            silence(first, config.quality_channel, networks)
    average.load_state_dict(model.state_dict())
    groups: list[dict[str, Any]] = [
        {"params": [p for n, p in model.named_parameters() if not n.startswith("rate.")]},
        {"params": model.rate.parameters(), "weight_decay": 0.0},
    ]
    # A short memory of squared gradients (0.98) keeps single spikes from becoming large steps.
    optimizer = torch.optim.AdamW(
        groups, lr=config.learning_rate, betas=(0.9, 0.98), weight_decay=1e-4
    )
    return TrainingState(model, average, optimizer, np.random.default_rng(config.seed))


def learning_rate(highest: float, step: int, steps: int) -> float:
    """Rise over 500 steps or a tenth, hold to the half, then fall to zero along a cosine."""
    done = step / steps
    fall = 1.0 if done < 0.5 else 0.5 * (1 + np.cos(np.pi * (2 * done - 1)))
    return float(highest * min(1.0, (step + 1) / min(500, steps / 10)) * fall)


def train(
    config: TrainingConfig,
    state: TrainingState,
    crops: Crops,
    features: FeatureDistance | None,
    natural: NaturalDistortion | None,
    device: torch.device,
) -> Iterator[StepFigures]:
    """Run the steps that are left, giving the figures of each; without `features`, no such loss.

    With `natural` the same latents are decoded by both faces, the natural one for the first crops
    of a batch: what both need is what bits are spent on. Convolutions run in bfloat16 and
    channels-last on CPU and CUDA alike; losses in float32.
    """
    lambdas = torch.tensor(config.lambdas, device=device)
    counted = ladder_weights(lambdas)
    distortion = Distortion.of_run(config, features, device)
    state.model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    state.average.to(device)
    # What it has kept of a checkpoint follows the weights.
    state.optimizer.load_state_dict(state.optimizer.state_dict())
    while state.step < config.steps:
        for group in state.optimizer.param_groups:
            group["lr"] = learning_rate(config.learning_rate, state.step, config.steps)
        x = draw_input(crops, state.random, config.batch, device)
        drawn = state.random.integers(len(lambdas), size=config.batch)
        quality = torch.from_numpy(drawn).to(device)
        if state.step == config.unquantized_steps:
            # Another loss has gradients of another size: none of them is an outlier yet.
            state.usual_norm = 0.0
        if state.step < config.unquantized_steps:
            bpp, latent = _unquantized(state.model, x, config.quality_channel)
            decoded = _decode(state.model.synthesis, silent(latent, config))
            mse = distortion.squared_error(decoded, x)
            # The logarithm: all pictures count alike, smooth or noisy.
            loss = mse.log1p().mean()
        else:
            bpp, latent = _quantized(state.model, x, quality, config.quality_channel)
            decoded = _decode(state.model.synthesis, silent(latent, config))
            mse = distortion.squared_error(decoded, x)
            seen = mse
            if config.chroma_error:
                seen = seen + config.chroma_error * chroma_error(decoded, x)
            if state.step >= config.steps - config.feature_steps:
                seen = distortion.with_features(seen, decoded, x)
            if natural is not None and state.model.natural is not None:
                seen = _with_natural(seen, state.model.natural, latent, x, natural)
            loss = ((lambdas[quality] * seen + bpp) * counted[quality]).mean()
        skipped = _update(config, state, loss)
        state.step += 1
        yield StepFigures(loss.item(), bpp.mean().item(), mse.mean().item(), skipped)


def _unquantized(
    model: TrainingModel, x: Tensor, quality_channel: int | None
) -> tuple[Tensor, Tensor]:
    """Return no bits (N,) and latents that nobody has quantized."""
    with torch.autocast(x.device.type, torch.bfloat16):
        latent = model.analysis(x)
    latent = latent if quality_channel is None else without(latent, quality_channel)
    return x.new_zeros(len(x)), latent.float()


def _quantized(
    model: TrainingModel, x: Tensor, quality: Tensor, quality_channel: int | None
) -> tuple[Tensor, Tensor]:
    """Return bits per pixel (N,) and the latents that synthesis sees, of pictures (N, 3, H, W)."""
    with torch.autocast(x.device.type, torch.bfloat16):
        latent = model.analysis(x)
    latent = latent if quality_channel is None else without(latent, quality_channel)
    gains = model.rate.gains(quality)
    scaled = latent.float() * gains
    bits = model.rate.bits(scaled + torch.rand_like(scaled) - 0.5, quality)
    rounded = scaled + (scaled.round() - scaled).detach()
    seen = rounded / gains
    if quality_channel is not None:
        seen = tell_quality(seen, quality_channel, quality, len(model.rate.log_gains))
    return bits / (x.shape[2] * x.shape[3]), seen


def _decode(synthesis: nn.Module, latent: Tensor) -> Tensor:
    with torch.autocast(latent.device.type, torch.bfloat16):
        decoded: Tensor = synthesis(latent)
    return decoded.float()


def _with_natural(
    seen: Tensor, synthesis: nn.Module, latent: Tensor, x: Tensor, natural: NaturalDistortion
) -> Tensor:
    """Return what crops count, (N,), the first ones as both faces of the same latents see them."""
    some, share = slice(natural.realism.batch), natural.realism.share
    noisy = with_drawn_noise(latent[some], natural.realism.noise_channels)
    other, _ = natural(_decode(synthesis, noisy), x[some])
    return torch.cat([(1 - share) * seen[some] + share * other, seen[some.stop :]])


def silent(latent: Tensor, config: TrainingConfig) -> Tensor:
    """Return latents (N, C, h, w) with planes of zeros where a natural face takes noise."""
    planes = config.realism.noise_channels if config.realism else 0
    return torch.nn.functional.pad(latent, (0, 0, 0, 0, 0, planes))


def with_drawn_noise(latent: Tensor, planes: int) -> Tensor:
    """Return latents (N, C, h, w) with planes of normal noise, as `realism.noise` nearly is."""
    drawn = torch.randn(len(latent), planes, *latent.shape[2:], device=latent.device)
    return torch.cat([latent, drawn], 1)


def _update(config: TrainingConfig, state: TrainingState, loss: Tensor) -> bool:
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = float(nn.utils.clip_grad_norm_(state.model.parameters(), config.gradient_clip))
    # Plain residual blocks in bfloat16 diverge after single outlier steps: leave those out.
    known = state.step > 500 and state.usual_norm > 0
    outlier = not np.isfinite(norm) or (known and norm > OUTLIER * state.usual_norm)
    state.outliers_in_row = state.outliers_in_row + 1 if outlier else 0
    if state.outliers_in_row == DIVERGED:
        _return_to_average(state)
    if not outlier:
        state.usual_norm = norm if not state.usual_norm else 0.98 * state.usual_norm + 0.02 * norm
        state.optimizer.step()
        decay = min(config.averaging, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            pairs = zip(state.average.parameters(), state.model.parameters(), strict=True)
            for mean, now in pairs:
                mean.lerp_(now, 1 - decay)
    return outlier


def _return_to_average(state: TrainingState) -> None:
    state.model.load_state_dict(state.average.state_dict())
    state.optimizer.state.clear()
    state.outliers_in_row = 0
