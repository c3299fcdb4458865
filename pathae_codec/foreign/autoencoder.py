"""A folder in the layout of diffusers -> a model artifact without codebooks."""

from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pathae_codec.errors import SettingError
from pathae_codec.foreign.folder import find_weights, read_config
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
from pathae_codec.model.diffusers_networks import build_autoencoder
from pathae_codec.model.identity import transform_id
from pathae_codec.model.networks import build_network, load_weights

UNTRACKED = "num_batches_tracked"


def load_autoencoder(folder: Path, name: str, card: Mapping[str, Any]) -> ModelArtifact:
    """Read an autoencoder and check that its weights fit.

    The latent is the posterior's mean, neither scaled nor shifted; `scaling_factor` and
    `shift_factor` of the config go into the card for consumers.

    Args:
        folder: Holds `config.json` and `diffusion_pytorch_model.safetensors`.
        name: Of the new model.
        card: Licence and sources.

    Raises:
        SettingError: Not one of the classes of `CONFIG_KEYS`.
        ArtifactError: Config or weights are not those of the class.
        ModelNotFoundError: There are no weights.
    """
    stated = read_config(folder)
    network = stated.get("_class_name")
    if network not in CONFIG_KEYS:
        raise SettingError(
            f"model {folder}: expected a config.json with _class_name one of "
            f"{sorted(CONFIG_KEYS)}, got {network!r:.60}"
        )
    full = complete_config(network, stated)
    config = {key: full[key] for key in CONFIG_KEYS[network]}
    tensors = _read_tensors(find_weights(folder))
    analysis = _half(DiffusersEncoder(network, config), ("encoder.", "quant_conv."), tensors)
    synthesis = _half(DiffusersDecoder(network, config), ("decoder.", "post_quant_conv."), tensors)
    scales = {key: full.get(key) for key in ("scaling_factor", "shift_factor")}
    return foreign_model(name, analysis, synthesis, {**card, **scales})


def foreign_model(
    name: str, analysis: Transform, synthesis: Transform, card: Mapping[str, Any]
) -> ModelArtifact:
    """Put two networks together: a model without codebooks, see `training.ladder`.

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


def complete_config(network: str, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Give the config with the defaults of diffusers for what an older file leaves out."""
    import diffusers

    # Files also hold what the class itself put into its config, beside its arguments.
    known = signature(getattr(diffusers, network).__init__).parameters
    arguments = {key: value for key, value in stated.items() if key in known}
    autoencoder: Any = build_autoencoder(network, arguments)
    config: dict[str, Any] = {key: _as_json(value) for key, value in autoencoder.config.items()}
    return config


def _as_json(value: object) -> object:
    return [_as_json(inner) for inner in value] if isinstance(value, list | tuple) else value


def _half(layer: Diffusers, prefixes: tuple[str, ...], tensors: Tensors) -> Transform:
    layers: tuple[Layer, ...] = (layer,)
    weights = {f"0.{n}": t for n, t in tensors.items() if n.startswith(prefixes)}
    return Transform(layers, weights)


def _read_tensors(path: Path) -> Tensors:
    from safetensors.torch import load_file

    tensors: dict[str, torch.Tensor] = load_file(path)
    return {
        name: _to_numpy(tensor) for name, tensor in tensors.items() if not name.endswith(UNTRACKED)
    }


def _to_numpy(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    """Give float16 and float32 as they are, everything else (bfloat16) as float32."""
    kept = tensor if tensor.dtype in (torch.float16, torch.float32) else tensor.float()
    array: np.ndarray[Any, Any] = kept.contiguous().numpy()
    return array
