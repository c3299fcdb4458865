"""A model and tiles -> a model with another decoder for the same latents: `models finetune`.

Loss and method of Yellapragada et al. 2025 (arXiv 2503.11591, section 3.2): absolute error, half a
PatchGAN and a distance of features, for the decoder alone. What the encoder wrote stays as it is:
files that are there already decode with the new decoder.

A decoder with two faces is trained at its default realism, and both faces move with it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from pathae_codec.errors import DestinationExistsError, SettingError
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.library import (
    ENDING,
    SHIPPED,
    find_model,
    new_models_folder,
    write_model_file,
)
from pathae_codec.model.realism import STEPS
from pathae_codec.training.config import TileFolder
from pathae_codec.training.decoder_loop import (
    DecoderFigures,
    DecoderSettings,
    load_decoder_checkpoint,
    save_decoder_checkpoint,
    start_decoder,
    train_decoder,
)
from pathae_codec.training.export import with_moved_faces, with_synthesis
from pathae_codec.training.extractors import choose_features
from pathae_codec.training.pairs import Pairs, StoredPairs, StoredSlidePair, TilePairs
from pathae_codec.training.tiles import CropSource

CHECKPOINT_SECONDS = 300
"""A step takes from milliseconds to minutes, and a checkpoint up to a gigabyte."""
REPORT_STEPS = 10

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class FinetuneData:
    """What to learn from: a folder of images, or PathAE files with their source slides."""

    tiles: Path | None = None
    stored: tuple[StoredSlidePair, ...] = ()


def finetune_model_file(
    model: str,
    data: FinetuneData,
    settings: DecoderSettings,
    steps: int,
    progress: Progress,
    *,
    name: str | None = None,
    checkpoint: Path | None = None,
    overwrite: bool = False,
) -> tuple[Path, ModelArtifact]:
    """Train a decoder, or go on with it, and write it as a model of its own.

    Args:
        model: Name, identity or path of a model with codebooks.
        data: What to learn from.
        settings: Of the training.
        steps: In all.
        progress: Called after each step with steps done, steps in all, and the figures so far.
        name: Of the new model; by default the model's and `-finetuned`.
        checkpoint: Written every five minutes and at the end; where it is there already, training
            goes on from it. By default it lies beside the new model.
        overwrite: Replace a model of that name.

    Returns:
        The file and what is in it: encoder and codebooks of the model, and the new decoder.

    Raises:
        PathAEError: Model, data or extractor are not there or do not fit, or the name is taken.
    """
    base = find_model(model)
    name = name or f"{base.name}-finetuned"
    path = new_models_folder() / f"{name}{ENDING}"
    if name == base.name or (SHIPPED / path.name).exists() or (path.exists() and not overwrite):
        raise DestinationExistsError(f"model {name}: exists; take another --name or --overwrite")
    synthesis = _check(base, settings, steps)
    pairs, features = _open_pairs(base, data, settings), choose_features(settings.features)
    taken = base.realism
    state = start_decoder(synthesis.face(taken.default) if taken else synthesis, settings)
    start = base.decoder_id + (f" at realism {taken.default / STEPS:g}" if taken else "")
    checkpoint = checkpoint or path.with_suffix(".checkpoint")
    if checkpoint.exists():
        load_decoder_checkpoint(state, checkpoint, start, settings)
    recent: list[DecoderFigures] = []
    saved = time.monotonic()
    noise = taken.noise_channels if taken else 0
    for figures in train_decoder(state, pairs, features, settings, steps, noise):
        recent = [*recent[1 - REPORT_STEPS :], figures]
        progress(state.step, steps, _summarize(recent))
        if state.step == steps or time.monotonic() - saved >= CHECKPOINT_SECONDS:
            save_decoder_checkpoint(state, checkpoint, start, settings)
            saved = time.monotonic()
    training = {"from": base.decoder_id, "steps": state.step, "features": settings.features}
    if taken:
        training["realism"] = taken.default / STEPS
    # Where the old decoder can be had, this one cannot.
    card = {**base.card, "sources": [], "finetuned": training}
    trained = (with_moved_faces if taken else with_synthesis)(base, state.average)
    finetuned = replace(trained, name=name, card=card)
    write_model_file(path, finetuned)
    return path, finetuned


def _check(base: ModelArtifact, settings: DecoderSettings, steps: int) -> Transform:
    if base.synthesis is None:
        raise SettingError(f"model {base.name}: expected its decoder, found none")
    if not base.bottlenecks:
        raise SettingError(
            f"model {base.name}: expected codebooks, found none; "
            f"pathae models fit-codebook {base.name} TILES"
        )
    missing = sorted(set(settings.qualities) - set(base.qualities))
    if missing or steps < 1:
        raise SettingError(
            f"finetune: expected 1 step or more and qualities of {base.qualities}, got {steps} "
            f"and {settings.qualities}"
        )
    return base.synthesis


def _open_pairs(base: ModelArtifact, data: FinetuneData, settings: DecoderSettings) -> Pairs:
    if (data.tiles is None) == (not data.stored):
        raise SettingError("finetune: expected either a folder of tiles or stored slides")
    if data.tiles is None:
        return StoredPairs(base, data.stored)
    if settings.side < base.factor or settings.side % base.factor:
        raise SettingError(
            f"side: expected a multiple of the model's factor {base.factor}, got {settings.side}"
        )
    crops = CropSource(data.tiles, (TileFolder(".", 1.0, 0.0),), settings.side)
    backend = "torch" if torch.cuda.is_available() else "auto"
    return TilePairs(base, crops, settings.qualities or base.qualities, backend)


def _summarize(recent: Sequence[DecoderFigures]) -> str:
    error, features, judged = (
        float(np.mean([getattr(figures, name) for figures in recent]))
        for name in ("error", "features", "judged")
    )
    return f"error {error:.2f}, features {features:.4f}, judged {judged:+.2f}"
