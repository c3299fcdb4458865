"""The decoder that one array of an OME-Zarr embeds, for the codecs of its other arrays.

Zarr gives a codec its own array's metadata and nothing else of the store. Spec: v1, OME-Zarr
binding.
"""

from collections.abc import Mapping
from typing import Any

from pathae_codec.configuration import parse_configuration
from pathae_codec.model import carried_decoders


def parse_parameters(configuration: Mapping[str, Any]) -> bytes:
    """Return the codec parameters of a configuration, and keep the decoder that they embed.

    Raises:
        FormatError: See `parse_configuration`.
    """
    parameters = parse_configuration(configuration)
    if parameters:
        carried_decoders.keep_decoder(parameters)
    return parameters


class Configuration(dict[str, Any]):
    """A codec's configuration that takes the decoder along when it is pickled.

    Zarr pickles an array by the configurations of its codecs, and in the other process nothing may
    have opened the group. As JSON it is what it is.
    """

    def __reduce__(self) -> tuple[object, ...]:
        """Return how to rebuild it."""
        return _carried_along, (dict(self), carried_decoders.carrier_of(self.get("decoder")))


def _carried_along(configuration: dict[str, Any], carrier: bytes | None) -> Configuration:
    if carrier is not None:
        carried_decoders.keep_decoder(carrier)
    return Configuration(configuration)
