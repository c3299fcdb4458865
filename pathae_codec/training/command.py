"""`pathae models train`: config and tiles -> checkpoint -> artifact, from wherever it stopped."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.training.checkpoint import (
    checkpoint_steps,
    load_checkpoint,
    load_decoder,
    save_checkpoint,
)
from pathae_codec.training.config import TrainingConfig, load_config
from pathae_codec.training.crop_pool import CropPool
from pathae_codec.training.decoder_steps import (
    DecoderAlone,
    DecoderSteps,
    faithful_steps,
    natural_steps,
    start_decoder_alone,
    train_decoder_alone,
)
from pathae_codec.training.export import export_model, renamed_start, with_natural, with_synthesis
from pathae_codec.training.features import FeatureDistance
from pathae_codec.training.loop import StepFigures, start_training, train
from pathae_codec.training.natural import NaturalDistortion
from pathae_codec.training.network_input import Crops
from pathae_codec.training.tile_pack import tile_folder
from pathae_codec.training.tiles import CropSource

_log = logging.getLogger(__name__)
CHECKPOINT_STEPS = 500
CHECKPOINT_SECONDS = 60.0
POOL_BATCHES = 200
"""Of crops that lie on the device at once."""
TIMED_STEPS = 20, 30
"""To warm up, and to measure how long one takes."""
FEWEST_STEPS = 20
REPORT_STEPS = 50


@dataclass(frozen=True)
class TrainingMachine:
    """What a run may use.

    Attributes:
        processes: That draw crops ahead of the steps, see `CropPool`; 0 draws them between steps,
            and such a run repeats bit by bit.
        minutes: Of the steps of all networks: as many are taken as fit, in place of the config's;
            None takes the config's.
    """

    processes: int = 0
    minutes: float | None = None


ONE_PROCESS = TrainingMachine()


def train_model(
    config_path: Path,
    tiles: Path,
    artifact: Path,
    checkpoint: Path,
    machine: TrainingMachine = ONE_PROCESS,
) -> None:
    """Train, or go on with training, and write the artifact.

    Args:
        config_path: TOML, see `config`.
        tiles: Holds the folders that the config names; or a pack of them, see `tile_pack`.
        artifact: The `.safetensors` to write.
        checkpoint: Written every 500 steps and every minute; where it is there already, training
            goes on from it.
        machine: What the run may use.
    """
    config = load_config(config_path)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with tile_folder(tiles) as folder, _crops(config, folder, machine, device) as crops:
        config = _fitted(config, folder, crops, checkpoint, machine, device)
        model = _train(config, folder, crops, checkpoint, device)
    artifact.write_bytes(save_artifact(model))


@contextmanager
def _crops(
    config: TrainingConfig, tiles: Path, machine: TrainingMachine, device: torch.device
) -> Iterator[Crops]:
    make = partial(CropSource, tiles, config.folders, config.crop, config.history, config.stains)
    if not machine.processes:
        yield make()
        return
    size = POOL_BATCHES * config.batch
    with CropPool(make, config.crop, size, machine.processes, config.seed, device) as pool:
        yield pool


def _fitted(
    config: TrainingConfig,
    tiles: Path,
    crops: Crops,
    checkpoint: Path,
    machine: TrainingMachine,
    device: torch.device,
) -> TrainingConfig:
    """Return the config with the steps that fit the minutes, or that the checkpoint's run has."""
    if machine.minutes is None or not config.steps:
        return config
    steps = checkpoint_steps(checkpoint) if checkpoint.exists() else 0
    if not steps:
        # Of a state of its own, which is thrown away: the rate rises and falls by all the steps.
        timed = replace(config, steps=sum(TIMED_STEPS))
        features = FeatureDistance() if config.feature_weight else None
        state, natural = start_training(timed, tiles), _natural(timed, crops, device)
        run = train(timed, state, crops, features, natural, device)
        for _ in islice(run, TIMED_STEPS[0]):
            pass
        start = time.monotonic()
        for _ in run:
            pass
        seconds = (time.monotonic() - start) / TIMED_STEPS[1]
        steps = max(FEWEST_STEPS, int(60 * machine.minutes / seconds))
        _log.info("%d steps of %.3f s fit %g minutes", steps, seconds, machine.minutes)
    return replace(config, steps=steps)


def _natural(
    config: TrainingConfig, crops: Crops, device: torch.device
) -> NaturalDistortion | None:
    taken = config.realism
    return NaturalDistortion.of_run(config, taken, crops, device) if taken else None


def _train(
    config: TrainingConfig, tiles: Path, crops: Crops, checkpoint: Path, device: torch.device
) -> ModelArtifact:
    # Before what takes minutes: the network may not be installed.
    features = FeatureDistance() if config.feature_weight else None
    state = start_training(config, tiles)
    if checkpoint.exists():
        load_checkpoint(checkpoint, state)
    natural = _natural(config, crops, device)
    pauses = _Pauses()
    steps = train(config, state, crops, features, natural, device)
    for _ in _shown(steps, config.steps, state.step):
        if pauses.are_due(state.step, config.steps):
            save_checkpoint(checkpoint, state, config.steps)
    model = export_model(config, state.average, tiles) if config.steps else renamed_start(config)
    decoders: dict[str, DecoderAlone] = {}

    def run_decoder(name: str, synthesis: nn.Module, run: DecoderSteps) -> nn.Module:
        decoders[name] = decoder = start_decoder_alone(config, synthesis, device)
        if checkpoint.exists():
            load_decoder(checkpoint, decoder, name)
        steps = train_decoder_alone(config, model, decoder, run, crops, device)
        for _ in _shown(steps, run.steps, decoder.step):
            if pauses.are_due(decoder.step, run.steps):
                save_checkpoint(checkpoint, state, config.steps, **decoders)
        return decoder.synthesis

    if config.decoder_steps:
        run = faithful_steps(config, features, device)
        model = with_synthesis(model, run_decoder("decoder", state.average.synthesis, run))
    if config.realism is not None and natural is not None:
        run = natural_steps(config.realism, natural)
        faithful = decoders["decoder"].synthesis if decoders else state.average.synthesis
        first = state.average.natural or faithful
        model = with_natural(model, run_decoder("natural", first, run), config.realism.taken)
    return model


class _Pauses:
    """When a checkpoint is due: after so many steps, so much time, and at the end."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def are_due(self, step: int, steps: int) -> bool:
        late = time.monotonic() - self._last > CHECKPOINT_SECONDS
        if not (late or step % CHECKPOINT_STEPS == 0 or step == steps):
            return False
        self._last = time.monotonic()
        return True


def _shown(steps: Iterator[StepFigures], total: int, done: int = 0) -> Iterator[StepFigures]:
    """Hand on each step, and show what the last ones gave."""
    figures: list[StepFigures] = []
    with tqdm(total=total, initial=done, unit="step") as bar:
        for step in steps:
            figures.append(step)
            bar.update()
            if bar.n % REPORT_STEPS == 0:
                bar.set_postfix_str(_summarize(figures))
                figures.clear()
            yield step


def _summarize(figures: Sequence[StepFigures]) -> str:
    loss, bpp, mse = (np.mean([getattr(f, n) for f in figures]) for n in ("loss", "bpp", "mse"))
    psnr = 10 * np.log10(255**2 / mse)
    skipped = sum(f.skipped for f in figures)
    return f"loss {loss:.3f}, {bpp:.3f} bpp, {psnr:.2f} dB, {skipped} skipped"
