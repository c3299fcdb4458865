"""Published configs of the autoencoders whose own files do not carry one: DC-AE (Chen et al. 2024).

The original checkpoints name their model, or not even that; these are the arguments that diffusers
builds the same networks with. Two trainings of one shape (`in` and `mix`) have the same config.
"""

from collections.abc import Mapping
from typing import Any

_WIDE = (128, 256, 512, 512, 1024, 1024, 2048)
_ENCODER_LAYERS, _DECODER_LAYERS = (0, 4, 8, 2, 2, 2, 2), (0, 5, 10, 2, 2, 2, 2)


def _dc_ae(stages: int, latent_channels: int) -> Mapping[str, Any]:
    attention = stages - 3
    blocks = ("ResBlock",) * 3 + ("EfficientViTBlock",) * attention
    return {
        "latent_channels": latent_channels,
        "attention_head_dim": 32,
        "encoder_block_types": blocks,
        "decoder_block_types": blocks,
        "encoder_block_out_channels": _WIDE[:stages],
        "decoder_block_out_channels": _WIDE[:stages],
        "encoder_layers_per_block": _ENCODER_LAYERS[:stages],
        "decoder_layers_per_block": _DECODER_LAYERS[:stages],
        "encoder_qkv_multiscales": ((),) * stages,
        "decoder_qkv_multiscales": ((),) * stages,
        "decoder_norm_types": ("batch_norm",) * 3 + ("rms_norm",) * attention,
        "decoder_act_fns": ("relu",) * 3 + ("silu",) * attention,
        "downsample_block_type": "pixel_unshuffle",
        "upsample_block_type": "pixel_shuffle",
    }


DC_AE_F32C32, DC_AE_F64C128 = _dc_ae(6, 32), _dc_ae(7, 128)
DC_AE_F32C32_SANA: Mapping[str, Any] = {
    **DC_AE_F32C32,
    "encoder_layers_per_block": (2, 2, 2, 3, 3, 3),
    "decoder_layers_per_block": (3,) * 6,
    "encoder_qkv_multiscales": ((), (), (), (5,), (5,), (5,)),
    "decoder_qkv_multiscales": ((), (), (), (5,), (5,), (5,)),
    "decoder_norm_types": "rms_norm",
    "decoder_act_fns": "silu",
    "downsample_block_type": "Conv",
    "upsample_block_type": "interpolate",
    "scaling_factor": 0.41407,
}
