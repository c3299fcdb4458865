"""The halves of an autoencoder of the library diffusers as layers: a name and a config, no code.

The config is the part of diffusers' own that shapes the network. Its keys are a closed set and its
words come from a list, so that no file can ask for anything but these networks.
Spec: v1 model artifact, section 3.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pathae_codec.errors import ArtifactError

MAX_CONFIG_NUMBER = 4096
MAX_CONFIG_LIST = 16
MAX_CONFIG_REPEATS = 64
"""Most blocks of one kind in a row: a config of few bytes must not ask for endless networks."""

CONFIG_KEYS = {
    "AutoencoderKL": [
        "in_channels",
        "out_channels",
        "latent_channels",
        "down_block_types",
        "up_block_types",
        "block_out_channels",
        "layers_per_block",
        "act_fn",
        "norm_num_groups",
        "use_quant_conv",
        "use_post_quant_conv",
        "mid_block_add_attention",
    ],
    "AutoencoderDC": [
        "in_channels",
        "latent_channels",
        "attention_head_dim",
        "encoder_block_types",
        "decoder_block_types",
        "encoder_block_out_channels",
        "decoder_block_out_channels",
        "encoder_layers_per_block",
        "decoder_layers_per_block",
        "encoder_qkv_multiscales",
        "decoder_qkv_multiscales",
        "upsample_block_type",
        "downsample_block_type",
        "decoder_norm_types",
        "decoder_act_fns",
        "encoder_out_shortcut",
        "decoder_in_shortcut",
        "decoder_conv_act_fn",
    ],
    "AutoencoderTiny": [
        "in_channels",
        "out_channels",
        "latent_channels",
        "encoder_block_out_channels",
        "decoder_block_out_channels",
        "num_encoder_blocks",
        "num_decoder_blocks",
        "act_fn",
        "upsample_fn",
        "upsampling_scaling_factor",
    ],
}
CONFIG_WORDS = frozenset(
    [
        "DownEncoderBlock2D",
        "UpDecoderBlock2D",
        "ResBlock",
        "EfficientViTBlock",
        "silu",
        "swish",
        "relu",
        "relu6",
        "gelu",
        "mish",
        "rms_norm",
        "batch_norm",
        "pixel_shuffle",
        "pixel_unshuffle",
        "interpolate",
        "conv",
        "Conv",
        "nearest",
    ]
)
_REPEATS = frozenset(
    [
        "layers_per_block",
        "encoder_layers_per_block",
        "decoder_layers_per_block",
        "num_encoder_blocks",
        "num_decoder_blocks",
    ]
)
_TILE_GLOBAL = frozenset({"AutoencoderKL", "AutoencoderDC"})


@dataclass(frozen=True)
class _Half:
    """A half of an autoencoder.

    Attributes:
        network: A key of `CONFIG_KEYS`: the class in diffusers.
        config: Exactly the keys of `CONFIG_KEYS`, JSON values.
    """

    network: str
    config: Mapping[str, Any]

    def __post_init__(self) -> None:
        keys = CONFIG_KEYS.get(self.network) if isinstance(self.network, str) else None
        if keys is None:
            raise ArtifactError(
                f"diffusers network: expected one of {sorted(CONFIG_KEYS)}, "
                f"got {self.network!r:.60}"
            )
        if not isinstance(self.config, Mapping) or set(self.config) != set(keys):
            raise ArtifactError(
                f"diffusers config of {self.network}: expected the keys {sorted(keys)}, "
                f"got {self.config!r:.200}"
            )
        for key, value in self.config.items():
            _check_value(key, value, 0)
        for key in ("in_channels", "out_channels"):
            if self.config.get(key, 3) != 3:
                raise ArtifactError(f"diffusers config {key}: expected 3, got {self.config[key]}")
        if type(self.config["latent_channels"]) is not int or not self.config["latent_channels"]:
            raise ArtifactError("diffusers config latent_channels: expected a number above 0")
        _ = self.factor

    @property
    def latent_channels(self) -> int:
        """Channels of the latent."""
        return int(self.config["latent_channels"])

    @property
    def tile_global(self) -> bool:
        """Whether an output may depend on all of the tile: normalisation over it, or attention."""
        return self.network in _TILE_GLOBAL

    @property
    def factor(self) -> int:
        """Pixels per latent position, per side."""
        raise NotImplementedError

    def _levels(self, key: str) -> int:
        blocks = self.config[key]
        if not isinstance(blocks, list | tuple) or not blocks:
            raise ArtifactError(f"diffusers config {key}: expected a list, got {blocks!r:.60}")
        return len(blocks)


@dataclass(frozen=True)
class DiffusersEncoder(_Half):
    """Pixels in -1 to 1 -> the posterior's mean, neither scaled nor shifted."""

    @property
    def factor(self) -> int:
        """Pixels per latent position, per side."""
        key = (
            "block_out_channels"
            if self.network == "AutoencoderKL"
            else "encoder_block_out_channels"
        )
        return int(2 ** (self._levels(key) - 1))


@dataclass(frozen=True)
class DiffusersDecoder(_Half):
    """The latent of `DiffusersEncoder` -> pixels in -1 to 1."""

    @property
    def factor(self) -> int:
        """Pixels per latent position, per side."""
        key = (
            "block_out_channels"
            if self.network == "AutoencoderKL"
            else "decoder_block_out_channels"
        )
        step = self.config.get("upsampling_scaling_factor", 2)
        if type(step) is not int or not 1 <= step <= MAX_CONFIG_REPEATS:
            raise ArtifactError(f"diffusers config upsampling_scaling_factor: got {step!r:.60}")
        return int(step ** (self._levels(key) - 1))


def _check_value(key: str, value: object, depth: int) -> None:
    if isinstance(value, list | tuple):
        if depth > 1 or len(value) > MAX_CONFIG_LIST:
            raise ArtifactError(
                f"diffusers config {key}: expected at most {MAX_CONFIG_LIST} values, "
                f"got {value!r:.60}"
            )
        for inner in value:
            _check_value(key, inner, depth + 1)
        return
    most = MAX_CONFIG_REPEATS if key in _REPEATS else MAX_CONFIG_NUMBER
    sound = (
        value in CONFIG_WORDS
        if isinstance(value, str)
        else isinstance(value, bool) or (type(value) is int and 0 <= value <= most)
    )
    if not sound:
        raise ArtifactError(
            f"diffusers config {key}: expected a known word, true, false or 0 to {most}, "
            f"got {value!r:.60}"
        )
