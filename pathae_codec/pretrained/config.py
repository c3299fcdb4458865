"""A `config.json` of diffusers -> the part that shapes the network, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

from pathae_codec.backends.diffusers_networks import build_autoencoder
from pathae_codec.errors import SettingError
from pathae_codec.model.diffusers_architecture import CONFIG_KEYS

OUTSIDE = {
    "AutoencoderKL": {
        "sample_size",
        "scaling_factor",
        "shift_factor",
        "latents_mean",
        "latents_std",
        "force_upcast",
    },
    "AutoencoderDC": {"scaling_factor"},
    "AutoencoderTiny": {
        "latent_magnitude",
        "latent_shift",
        "force_upcast",
        "scaling_factor",
        "shift_factor",
    },
}
"""Arguments that the networks do not see: what consumers do with latents, and how to run them."""
CARD_KEYS = ("scaling_factor", "shift_factor", "latents_mean", "latents_std")
_OF_THE_LIBRARY = {"AutoencoderTiny": {"block_out_channels"}}
"""What a class itself adds to its config, beside its arguments."""


@dataclass(frozen=True)
class PretrainedConfig:
    """What of a config goes where.

    Attributes:
        network: The keys of `CONFIG_KEYS`.
        card: How consumers scale the latents, as far as it is stated.
        ignored: Keys that diffusers does not know and would leave out as well.
    """

    network: Mapping[str, Any]
    card: Mapping[str, Any]
    ignored: tuple[str, ...]


def split_config(network: str, stated: Mapping[str, Any]) -> PretrainedConfig:
    """Split a config; what an older file leaves out has the default of diffusers.

    Args:
        network: A key of `CONFIG_KEYS`.
        stated: As in the file.

    Raises:
        SettingError: It sets an argument that changes the network and that an artifact cannot hold.
    """
    import diffusers

    arguments = signature(getattr(diffusers, network).__init__).parameters
    known = {key: value for key, value in stated.items() if key in arguments}
    beyond = set(known) - set(CONFIG_KEYS[network]) - OUTSIDE[network]
    for key in sorted(beyond):
        default = arguments[key].default
        if as_json(known[key]) != as_json(default):
            raise SettingError(
                f"config {key}: expected {default!r:.60}, got {known[key]!r:.60}: it changes what "
                f"{network} computes and cannot be kept in a model"
            )
    autoencoder: Any = build_autoencoder(network, known)
    full = {key: as_json(value) for key, value in autoencoder.config.items()}
    of_the_library = _OF_THE_LIBRARY.get(network, set())
    return PretrainedConfig(
        network={key: full[key] for key in CONFIG_KEYS[network]},
        card={key: full[key] for key in CARD_KEYS if full.get(key) is not None},
        ignored=tuple(
            sorted(
                key
                for key in stated
                if key not in arguments and key not in of_the_library and not key.startswith("_")
            )
        ),
    )


def as_json(value: object) -> object:
    """Return tuples as lists, inside of lists too."""
    return [as_json(inner) for inner in value] if isinstance(value, list | tuple) else value
