"""DC-AE in the keys of its authors (Chen et al. 2024) -> those of diffusers, as it renames them."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from pathae_codec.errors import ArtifactError
from pathae_codec.pretrained.published import DC_AE_F32C32, DC_AE_F32C32_SANA, DC_AE_F64C128

NETWORK = "AutoencoderDC"
_PREFIX = "encoder.project_in."
_SANA, _DECODER = "encoder.project_in.conv.bias", "decoder.project_in.main.conv.weight"
_BY_LATENT_CHANNELS = {32: DC_AE_F32C32, 128: DC_AE_F64C128}


def is_original(names: Iterable[str]) -> bool:
    """Say whether tensors have the names of the original layout."""
    return any(name.startswith(_PREFIX) for name in names)


def original_config(tensors: Mapping[str, torch.Tensor]) -> Mapping[str, Any]:
    """Return the published config of a checkpoint without one, by what tells their shapes apart.

    Raises:
        ArtifactError: It is none of the published ones.
    """
    if _SANA in tensors:
        return DC_AE_F32C32_SANA
    channels = tensors[_DECODER].shape[1] if _DECODER in tensors else None
    if channels not in _BY_LATENT_CHANNELS:
        raise ArtifactError(
            f"DC-AE: expected one of {sorted(_BY_LATENT_CHANNELS)} latent channels or a "
            f"config.json of {NETWORK}, got {channels}"
        )
    return _BY_LATENT_CHANNELS[channels]


def rename_original(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors by the names of diffusers, in its shapes."""
    from diffusers.loaders import single_file_utils

    rename: Any = single_file_utils.convert_autoencoder_dc_checkpoint_to_diffusers
    renamed: dict[str, torch.Tensor] = rename(dict(tensors))
    return renamed
