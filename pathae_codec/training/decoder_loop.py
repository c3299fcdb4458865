"""The loop of fine-tuning: a decoder, its average, and a discriminator that learns against it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pathae_codec.backends.torch_networks import build_network, load_weights
from pathae_codec.errors import ResumeError, SettingError
from pathae_codec.model.artifact import Transform
from pathae_codec.model.realism import with_noise
from pathae_codec.training.discriminator import PatchDiscriminator, hinge_loss
from pathae_codec.training.extractors import DEFAULT
from pathae_codec.training.pairs import Pairs

BETAS = (0.5, 0.9)
"""Of Adam, as latent diffusion trains its autoencoders (Rombach et al. 2022)."""
DISCRIMINATOR_RATE = 2e-4
MOST_PULL = 1e4
"""Most that the discriminator's gradient is multiplied by to be as strong as the others."""


@dataclass(frozen=True)
class DecoderSettings:
    """How a decoder is trained; all but the steps, so that a run can be made longer.

    Attributes:
        batch: Tiles a step.
        side: Of crops in pixels, a multiple of the model's factor; stored tiles have their own.
        learning_rate: Reached after `warm_up` steps, constant from there on.
        warm_up: Steps in which the rate rises; the discriminator learns alone in them.
        gan_weight: What the discriminator's gradient counts by that of the other losses.
        feature_weight: What the distance of features counts by the absolute error, -1 to 1. The
            paper has 1, with UNI and 96 tiles a step; with few tiles a step that is all noise:
            the gradient of an embedding is a hundred times that of the absolute error.
        features: Name of the extractor, see `extractors`.
        averaging: Share of the average's weights that a step keeps.
        seed: Of all that is drawn.
        qualities: Rungs that crops are quantized at; none for all of the model.
    """

    batch: int = 8
    side: int = 256
    learning_rate: float = 2e-5
    warm_up: int = 100
    gan_weight: float = 0.5
    feature_weight: float = 0.05
    features: str = DEFAULT
    averaging: float = 0.999
    seed: int = 0
    qualities: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.batch < 1 or self.warm_up < 0 or not self.learning_rate > 0:
            raise SettingError(
                "finetune: expected a batch of 1 or more, a warm-up of 0 or more and a learning "
                f"rate above 0, got {self.batch}, {self.warm_up} and {self.learning_rate}"
            )
        if self.gan_weight < 0 or self.feature_weight < 0 or not 0 <= self.averaging < 1:
            raise SettingError(
                "finetune: expected weights of 0 or more and an averaging of 0 to below 1, got "
                f"{self.gan_weight}, {self.feature_weight} and {self.averaging}"
            )


@dataclass(frozen=True)
class DecoderFigures:
    """What one step saw: absolute error (8-bit steps), feature distance, what was judged."""

    error: float
    features: float
    judged: float


@dataclass
class DecoderState:
    """All that changes from step to step; a checkpoint holds exactly this."""

    decoder: nn.Module
    average: nn.Module
    discriminator: PatchDiscriminator
    optimizer: torch.optim.Optimizer
    judge_optimizer: torch.optim.Optimizer
    random: np.random.Generator
    step: int = 0


def start_decoder(synthesis: Transform, settings: DecoderSettings) -> DecoderState:
    """Return the state before the first step; the same seed gives the same state."""
    torch.manual_seed(settings.seed)
    weights = {name: torch.from_numpy(w.copy()) for name, w in synthesis.weights.items()}
    # It stays in evaluation mode: a batch normalization keeps the statistics that it has.
    average = load_weights(build_network(synthesis.layers), weights)
    decoder = deepcopy(average).requires_grad_(requires_grad=True)
    discriminator = PatchDiscriminator()
    rate = settings.learning_rate
    return DecoderState(
        decoder,
        average,
        discriminator,
        torch.optim.Adam(decoder.parameters(), lr=rate, betas=BETAS),
        torch.optim.Adam(discriminator.parameters(), lr=DISCRIMINATOR_RATE, betas=BETAS),
        np.random.default_rng(settings.seed),
    )


def train_decoder(
    state: DecoderState,
    pairs: Pairs,
    features: nn.Module | None,
    settings: DecoderSettings,
    steps: int,
    noise_channels: int = 0,
) -> Iterator[DecoderFigures]:
    """Train until `steps` are done, from wherever the state is; one item a step.

    Args:
        state: Changed.
        pairs: Latents and pixels.
        features: The extractor of the feature loss; None for none.
        settings: Of the run.
        steps: In all.
        noise_channels: Planes of noise that the decoder takes behind the latent, of seeds that are
            drawn for each tile.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    _move(state, device)
    if features is not None:
        features.to(device)
    while state.step < steps:
        drawn, pixels = pairs.draw(state.random, settings.batch)
        if noise_channels:
            seeds = state.random.integers(2**32, size=len(drawn), dtype=np.uint32)
            drawn = with_noise(drawn, seeds, noise_channels)
        latents = torch.from_numpy(drawn).to(device, memory_format=torch.channels_last)
        source = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1
        yield _step(state, latents, source.contiguous(), features, settings)


def _step(
    state: DecoderState,
    latents: Tensor,
    source: Tensor,
    features: nn.Module | None,
    settings: DecoderSettings,
) -> DecoderFigures:
    warming = state.step < settings.warm_up
    state.optimizer.param_groups[0]["lr"] = settings.learning_rate * min(
        1.0, (state.step + 1) / max(1, settings.warm_up)
    )
    with torch.autocast(latents.device.type, torch.bfloat16):
        decoded = state.decoder(latents).float()
    # The gradients meet at the pixels, so that they can be weighed there; the decoder is gone
    # through once.
    seen = decoded.detach().contiguous().requires_grad_()
    error = (seen - source).abs().mean()
    distance = torch.zeros(()) if features is None else features(seen, source).mean()
    (gradient,) = torch.autograd.grad(error + settings.feature_weight * distance.to(error), seen)
    judged = torch.zeros(())
    if settings.gan_weight and not warming:
        judged = state.discriminator.judge(seen).mean()
        (pull,) = torch.autograd.grad(-judged, seen)
        strength = (gradient.norm() / pull.norm().clamp_min(1e-12)).clamp_max(MOST_PULL)
        gradient = gradient + settings.gan_weight * strength * pull
    state.optimizer.zero_grad(set_to_none=True)
    decoded.backward(gradient)
    state.optimizer.step()
    if settings.gan_weight:
        _teach(state, source, seen.detach())
    state.step += 1
    _average(state, settings)
    return DecoderFigures(error.item() * 127.5, distance.item(), judged.item())


def _teach(state: DecoderState, source: Tensor, decoded: Tensor) -> None:
    said = state.discriminator.judge(torch.cat([source, decoded]))
    loss = hinge_loss(*said.chunk(2))
    state.judge_optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    state.judge_optimizer.step()


@torch.no_grad()
def _average(state: DecoderState, settings: DecoderSettings) -> None:
    kept = min(settings.averaging, state.step / (state.step + 10))
    pairs = zip(state.average.parameters(), state.decoder.parameters(), strict=True)
    for mean, now in pairs:
        mean.lerp_(now, 1 - kept)


def _move(state: DecoderState, device: torch.device) -> None:
    state.discriminator.to(device)
    for network in (state.decoder, state.average):
        # Twice as fast on the CPU; the narrow networks that judge are slower so.
        network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    for optimizer in (state.optimizer, state.judge_optimizer):
        # What it has kept of a checkpoint follows the weights.
        optimizer.load_state_dict(optimizer.state_dict())


def save_decoder_checkpoint(
    state: DecoderState, path: Path, start: str, settings: DecoderSettings
) -> None:
    """Write the state beside `path`, then rename, so that a kill leaves the last one whole.

    Args:
        state: Of a run.
        path: Replaced.
        start: Identity of the decoder that the run began with, and its realism.
        settings: Of the run.
    """
    partial = path.with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {name: getattr(state, name).state_dict() for name in _STATEFUL}
    random = state.random.bit_generator.state
    run = _run(start, settings)
    torch.save({**kept, "random": random, "step": state.step, "run": run}, partial)
    partial.replace(path)


def load_decoder_checkpoint(
    state: DecoderState, path: Path, start: str, settings: DecoderSettings
) -> None:
    """Bring a state to where a checkpoint is; arguments as of `save_decoder_checkpoint`.

    Raises:
        ResumeError: It is no checkpoint, or one of another run.
    """
    try:
        kept = torch.load(path, map_location="cpu", weights_only=True)
        run = kept["run"]
    except Exception as error:
        # torch raises what its readers raise, from KeyError to UnpicklingError.
        line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ResumeError(f"checkpoint {path}: expected one of finetune: {line:.160}") from None
    wanted = _run(start, settings)
    if run != wanted:
        other = sorted(key for key in wanted if run.get(key) != wanted[key])
        raise ResumeError(
            f"checkpoint {path}: expected one of this run, got one with another "
            f"{', '.join(other)}; remove it, or name another --checkpoint"
        )
    for name in _STATEFUL:
        getattr(state, name).load_state_dict(kept[name])
    state.random.bit_generator.state = kept["random"]
    state.step = kept["step"]


_STATEFUL = ("decoder", "average", "discriminator", "optimizer", "judge_optimizer")


def _run(start: str, settings: DecoderSettings) -> dict[str, Any]:
    return {**asdict(settings), "qualities": list(settings.qualities), "decoder": start}
