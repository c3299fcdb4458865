"""`pathae models train`: config and tiles -> checkpoint -> artifact, from wherever it stopped."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from pathae_codec.model.artifact_file import save_artifact
from pathae_codec.training.checkpoint import load_checkpoint, load_decoder, save_checkpoint
from pathae_codec.training.config import load_config
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
from pathae_codec.training.tiles import CropSource

CHECKPOINT_STEPS = 500
REPORT_STEPS = 50


def train_model(config_path: Path, tiles: Path, artifact: Path, checkpoint: Path) -> None:
    """Train, or go on with training, and write the artifact.

    Args:
        config_path: TOML, see `config`.
        tiles: Holds the folders that the config names.
        artifact: The `.safetensors` to write.
        checkpoint: Written every 500 steps; where it is there already, training goes on from it.
    """
    config = load_config(config_path)
    # Before what takes minutes: the network may not be installed.
    features = FeatureDistance() if config.feature_weight else None
    state = start_training(config, tiles)
    if checkpoint.exists():
        load_checkpoint(checkpoint, state)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    crops = CropSource(tiles, config.folders, config.crop, config.history, config.stains)
    natural = config.realism and NaturalDistortion.of_run(config, config.realism, crops, device)
    steps = train(config, state, crops, features, natural or None, device)
    steps = _shown(steps, config.steps, state.step)
    for _ in steps:
        if state.step % CHECKPOINT_STEPS == 0 or state.step == config.steps:
            save_checkpoint(checkpoint, state)
    model = export_model(config, state.average, tiles) if config.steps else renamed_start(config)
    decoders: dict[str, DecoderAlone] = {}

    def run_decoder(name: str, synthesis: nn.Module, run: DecoderSteps) -> nn.Module:
        decoders[name] = decoder = start_decoder_alone(config, synthesis, device)
        if checkpoint.exists():
            load_decoder(checkpoint, decoder, name)
        steps = train_decoder_alone(config, model, decoder, run, crops, device)
        for _ in _shown(steps, run.steps, decoder.step):
            if decoder.step % CHECKPOINT_STEPS == 0 or decoder.step == run.steps:
                save_checkpoint(checkpoint, state, **decoders)
        return decoder.synthesis

    if config.decoder_steps:
        run = faithful_steps(config, features, device)
        model = with_synthesis(model, run_decoder("decoder", state.average.synthesis, run))
    if config.realism is not None and natural:
        run = natural_steps(config.realism, natural)
        faithful = decoders["decoder"].synthesis if decoders else state.average.synthesis
        first = state.average.natural or faithful
        model = with_natural(model, run_decoder("natural", first, run), config.realism.taken)
    artifact.write_bytes(save_artifact(model))


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
