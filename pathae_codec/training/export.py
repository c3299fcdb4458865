"""A trained network -> a model artifact: half-precision weights, quantizers, frequency tables."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from pathae_codec.bitstream.limits import MAX_QUALITY
from pathae_codec.errors import SettingError
from pathae_codec.model.architecture import Layer
from pathae_codec.model.artifact import Bottleneck, ModelArtifact, Transform
from pathae_codec.model.identity import transform_id
from pathae_codec.model.library import find_model
from pathae_codec.model.realism import Realism
from pathae_codec.training.config import TrainingConfig
from pathae_codec.training.fit import FittingLatents, fit_bottleneck
from pathae_codec.training.latents import draw_latents
from pathae_codec.training.loop import TrainingModel
from pathae_codec.training.quality import silenced, telling_quality
from pathae_codec.training.start import with_noise_inputs

RUNGS_PER_LAMBDA = 2


def export_model(config: TrainingConfig, model: TrainingModel, tiles: Path) -> ModelArtifact:
    """Build the artifact; tables are counted on training tiles with the weights as stored."""
    channel = config.quality_channel
    analysis = _half_precision(config.analysis, model.analysis)
    synthesis = _half_precision(config.synthesis, model.synthesis)
    if channel is not None:
        analysis = silenced(analysis, channel)
    latents = draw_latents(config, analysis, tiles)
    log_gains = model.rate.log_gains.detach().cpu().double().numpy()
    return ModelArtifact(
        name=config.name,
        factor=config.factor,
        latent_channels=config.latent_channels,
        decoder_id=transform_id(config.factor, config.latent_channels, synthesis),
        encoder_id=transform_id(config.factor, config.latent_channels, analysis),
        analysis=analysis,
        synthesis=synthesis,
        bottlenecks=_fit_ladder(latents, log_gains, config.table_sets, channel),
        canary=None,
        card=config.card,
    )


def renamed_start(config: TrainingConfig) -> ModelArtifact:
    """Return the model that a run of no steps starts from, under the run's name: the same bytes.

    Raises:
        SettingError: The run starts from none, or from one of another factor or other layers.
    """
    if config.start is None:
        raise SettingError(f"{config.name}: expected steps or a start, found neither")
    start = find_model(config.start)
    if config.realism is not None:
        start = with_noise_inputs(start, config.realism.noise_channels)
    layers = (start.analysis and start.analysis.layers, start.synthesis and start.synthesis.layers)
    if layers != (config.analysis, config.synthesis) or not start.bottlenecks:
        raise SettingError(
            f"{config.name}: expected steps, or the layers of {start.name}, whose ladder it keeps"
        )
    return replace(start, name=config.name, card=config.card)


def with_synthesis(model: ModelArtifact, network: nn.Module) -> ModelArtifact:
    """Return the artifact with another decoder for the same bytes; each weight keeps its dtype.

    Args:
        model: With a decoder.
        network: Of the same layers.
    """
    assert model.synthesis is not None, "see the arguments"
    state = network.state_dict()
    weights = {
        name: state[name].detach().cpu().numpy().astype(weight.dtype)
        for name, weight in model.synthesis.weights.items()
    }
    synthesis = Transform(model.synthesis.layers, weights)
    decoder_id = transform_id(model.factor, model.latent_channels, synthesis)
    return replace(model, synthesis=synthesis, decoder_id=decoder_id)


def with_moved_faces(model: ModelArtifact, network: nn.Module) -> ModelArtifact:
    """Return the artifact with both faces moved by what training changed at the default realism.

    The same step for both leaves what lies between them as it was, and gives at the default what
    was trained, but for the rounding of each weight to its dtype.

    Args:
        model: With a decoder of two faces.
        network: Trained from the weights at the default, of the same layers.
    """
    assert model.synthesis is not None, "see the arguments"
    assert model.synthesis.natural is not None, "see the arguments"
    assert model.realism is not None, "see the arguments"
    start, state = model.synthesis.face(model.realism.default).weights, network.state_dict()
    steps = {name: state[name].detach().cpu().numpy() - start[name] for name in start}
    faithful, natural = (
        {name: (weight + steps[name]).astype(weight.dtype) for name, weight in face.items()}
        for face in (model.synthesis.weights, model.synthesis.natural)
    )
    synthesis = Transform(model.synthesis.layers, faithful, natural)
    decoder_id = transform_id(model.factor, model.latent_channels, synthesis)
    return replace(model, synthesis=synthesis, decoder_id=decoder_id)


def with_natural(model: ModelArtifact, network: nn.Module, realism: Realism) -> ModelArtifact:
    """Return the artifact with a natural face beside the one that it has.

    Args:
        model: With the faithful decoder.
        network: The natural one, of the same layers.
        realism: As readers take it.
    """
    assert model.synthesis is not None, "see the arguments"
    natural = with_synthesis(model, network).synthesis
    assert natural is not None, "it was given one"
    synthesis = replace(model.synthesis, natural=natural.weights)
    decoder_id = transform_id(model.factor, model.latent_channels, synthesis)
    return replace(model, synthesis=synthesis, decoder_id=decoder_id, realism=realism)


def _half_precision(layers: tuple[Layer, ...], network: nn.Module) -> Transform:
    weights = {
        n: t.detach().cpu().numpy().astype(np.float16) for n, t in network.state_dict().items()
    }
    return Transform(layers, weights)


def _fit_ladder(
    latents: NDArray[np.float32],
    log_gains: NDArray[np.float64],
    sets: int,
    quality_channel: int | None,
) -> dict[int, Bottleneck]:
    """Fit the trained qualities and those between them, at gains interpolated in the logarithm."""
    trained, fitting = np.arange(len(log_gains)), FittingLatents(latents)
    rungs = (len(log_gains) - 1) * RUNGS_PER_LAMBDA
    ladder = {}
    for rung in range(rungs + 1):
        place = rung / RUNGS_PER_LAMBDA
        gains = np.exp([np.interp(place, trained, channel) for channel in log_gains.T])
        fitted = fit_bottleneck(fitting, gains, sets)
        if quality_channel is not None:
            fitted = telling_quality(fitted, quality_channel, rung / rungs)
        ladder[round(MAX_QUALITY * rung / rungs)] = fitted
    return ladder
