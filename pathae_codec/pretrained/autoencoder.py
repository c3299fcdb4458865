"""A folder in the layout of diffusers -> a model artifact without codebooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pathae_codec.backends.torch_networks import build_network, load_weights
from pathae_codec.errors import ArtifactError, SettingError
from pathae_codec.model.architecture import (
    Diffusers,
    Layer,
    is_tile_global,
    output_channels,
    scale_factor,
)
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform
from pathae_codec.model.diffusers_architecture import (
    CONFIG_KEYS,
    DiffusersDecoder,
    DiffusersEncoder,
)
from pathae_codec.model.identity import transform_id
from pathae_codec.pretrained.config import split_config
from pathae_codec.pretrained.folder import find_weights, read_config
from pathae_codec.pretrained.original_dc import (
    NETWORK,
    is_original,
    original_config,
    rename_original,
)

UNTRACKED = "num_batches_tracked"


@dataclass(frozen=True)
class PretrainedAutoencoder:
    """A model without codebooks, and the keys of its config that say nothing to anyone."""

    model: ModelArtifact
    ignored: tuple[str, ...] = ()


def load_autoencoder(folder: Path, name: str, card: Mapping[str, Any]) -> PretrainedAutoencoder:
    """Read an autoencoder and check that its weights fit.

    The latent is the posterior's mean, neither scaled nor shifted; what consumers do with it goes
    into the card. A DC-AE may have the keys of its authors, and then no config.

    Args:
        folder: Holds the weights as safetensors, and `config.json`.
        name: Of the new model.
        card: Licence and sources.

    Raises:
        SettingError: Not one of the classes of `CONFIG_KEYS`, or a config that no model can hold.
        ArtifactError: Config or weights are not those of the class.
        ModelNotFoundError: There are no weights.
    """
    stated: Mapping[str, Any] = read_config(folder)
    weights = find_weights(folder)
    network = stated.get("_class_name")
    original = is_original(_names(weights))
    if network not in CONFIG_KEYS and not original:
        raise SettingError(
            f"model {folder}: expected a config.json with _class_name one of "
            f"{sorted(CONFIG_KEYS)}, got {network!r:.60}"
        )
    tensors = _read_tensors(weights)
    if network not in CONFIG_KEYS:
        network, stated = NETWORK, original_config(tensors)
    config = split_config(network, stated)
    arrays = {
        n: _to_numpy(t) for n, t in (rename_original(tensors) if original else tensors).items()
    }
    shape = dict(config.network)
    analysis = _half(DiffusersEncoder(network, shape), ("encoder.", "quant_conv."), arrays)
    synthesis = _half(DiffusersDecoder(network, shape), ("decoder.", "post_quant_conv."), arrays)
    model = pretrained_model(name, analysis, synthesis, {**card, **config.card})
    return PretrainedAutoencoder(model, config.ignored)


def pretrained_model(
    name: str, analysis: Transform, synthesis: Transform, card: Mapping[str, Any]
) -> ModelArtifact:
    """Put two networks together: a model without codebooks, see `training.codebook`.

    Raises:
        ArtifactError: The weights are not those of the layers.
    """
    factor, channels = scale_factor(analysis.layers), output_channels(analysis.layers, 3)
    for transform in (analysis, synthesis):
        weights = {n: torch.from_numpy(w.copy()) for n, w in transform.weights.items()}
        load_weights(build_network(transform.layers), weights)
    return ModelArtifact(
        name=name,
        factor=factor,
        latent_channels=channels,
        decoder_id=transform_id(factor, channels, synthesis),
        encoder_id=transform_id(factor, channels, analysis),
        analysis=analysis,
        synthesis=synthesis,
        bottlenecks={},
        canary=None,
        card=card,
        tile_global=is_tile_global(analysis.layers) or is_tile_global(synthesis.layers),
    )


def _half(layer: Diffusers, prefixes: tuple[str, ...], tensors: Tensors) -> Transform:
    layers: tuple[Layer, ...] = (layer,)
    weights = {f"0.{n}": t for n, t in tensors.items() if n.startswith(prefixes)}
    return Transform(layers, weights)


def _names(path: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            return list(file.keys())
    except (SafetensorError, OSError) as error:
        raise ArtifactError(f"weights {path}: expected safetensors: {error}") from None


def _read_tensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    tensors: dict[str, torch.Tensor] = load_file(path)
    return {name: tensor for name, tensor in tensors.items() if not name.endswith(UNTRACKED)}


def _to_numpy(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    """Return float16 and float32 as they are, everything else (bfloat16) as float32."""
    kept = tensor if tensor.dtype in (torch.float16, torch.float32) else tensor.float()
    array: np.ndarray[Any, Any] = kept.contiguous().numpy()
    return array
