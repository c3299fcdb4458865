"""The codec's configuration in zarr metadata.

A zarr codec sees its configuration and nothing else of the store, so the configuration holds the
file's codec parameters whole. zarr v3 and v2 use the same keys:

```json
{"version": 1, "model": "he-f16c192-3", "decoder": "sha256:...", "channel_axis": 0,
 "parameters": "<base64 of zlib of the codec parameters>", "quality": 60}
```

`quality` is there only in arrays that are encoded through zarr itself. An array of constant and
fallback tiles, an associated image, needs no model: `version` and `channel_axis` are all that it
has. Readers ignore keys that they do not know. Spec: v1, section 6.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES, MAX_QUALITY
from pathae_codec.entry_numbers import whole
from pathae_codec.errors import (
    ArtifactError,
    ContainerError,
    FieldError,
    UnsupportedVersionError,
)
from pathae_codec.model.artifact_file import read_record
from pathae_codec.model.light_parameters import (
    embeds_decoder,
    light_parameters,
    same_but_for_weights,
)

CODEC_NAME = "pathae"
"""Name in zarr v3 metadata, codec id in zarr v2 metadata."""
CONFIGURATION_VERSION = 1
CHANNEL_AXIS = 0
"""Where the channels are among the axes c, y, x of a chunk."""


def build_configuration(parameters: bytes, *, quality: int | None = None) -> dict[str, Any]:
    """Return the configuration for codec parameters; the same bytes give the same text.

    Args:
        parameters: Codec parameters, see `model.artifact`; empty for an array that needs none.
        quality: What zarr shall encode with; None in files that are only read.

    Raises:
        ArtifactError, UnsupportedVersionError: The parameters are none.
    """
    bare = {"version": CONFIGURATION_VERSION, "channel_axis": CHANNEL_AXIS}
    if not parameters:
        return bare
    name, decoder = _read_identity(parameters)
    configuration: dict[str, Any] = {
        "version": CONFIGURATION_VERSION,
        "model": name,
        "decoder": decoder,
        "channel_axis": CHANNEL_AXIS,
        "parameters": b64encode(zlib.compress(parameters, 9)).decode("ascii"),
    }
    if quality is None:
        return configuration
    return configuration | {"quality": whole(quality, "quality")}


def parse_configuration(configuration: Mapping[str, Any]) -> bytes:
    """Return the codec parameters that a configuration holds; empty where it has none.

    Raises:
        UnsupportedVersionError: A later version of the configuration.
        FieldError: The channel axis is not 0.
        ArtifactError: Parameters that are not sound, more than `MAX_PARAMETERS_BYTES`, of another
            decoder than the configuration names, or none where it names one.
    """
    _check_version(configuration)
    axis = configuration.get("channel_axis", CHANNEL_AXIS)
    if type(axis) is not int or axis != CHANNEL_AXIS:
        raise FieldError(f"pathae channel_axis: expected {CHANNEL_AXIS}, got {axis!r:.20}")
    if "parameters" not in configuration and "decoder" not in configuration:
        return b""
    parameters = _unpack(configuration.get("parameters"))
    _, decoder = _read_identity(parameters)
    named = configuration.get("decoder", decoder)
    if named != decoder:
        raise ArtifactError(f"pathae decoder: expected {decoder}, got {named!r:.80}")
    return parameters


def level_parameters(parameters: bytes, index: int) -> bytes:
    """Return the codec parameters that the array of a level holds: level 0 alone has the decoder.

    Raises:
        ArtifactError, UnsupportedVersionError: The parameters are none.
    """
    return parameters if index == 0 else light_parameters(parameters)


def parse_levels(configurations: Sequence[object]) -> bytes:
    """Return the codec parameters of a file, by the configurations of its levels.

    Those of level 0 count; the other levels may have them without the decoder.

    Raises:
        ContainerError: Not the same in all, none, or another level than 0 alone has the decoder.
        FormatError: See `parse_configuration`.
    """
    first, *others = [_object(found, index) for index, found in enumerate(configurations)]
    parameters = parse_configuration(first)
    if not parameters:
        raise ContainerError("level 0 codec configuration: expected parameters, found none")
    known = [first]
    for index, other in enumerate(others, 1):
        if other in known:
            continue
        stated = parse_configuration(other)
        same = stated and same_but_for_weights(parameters, stated)
        if not same or embeds_decoder(stated):
            raise ContainerError(
                f"level {index} codec configuration: expected that of level 0, with or without "
                "the decoder, got another"
            )
        known.append(other)
    return parameters


def _object(configuration: object, index: int) -> Mapping[str, Any]:
    if not isinstance(configuration, dict):
        raise ContainerError(
            f"level {index} codec configuration: expected an object, got {configuration!r:.20}"
        )
    return configuration


def parse_quality(configuration: Mapping[str, Any]) -> int | None:
    """Return the quality that zarr shall encode with; None where the configuration has none.

    Raises:
        FieldError: Not a whole number from 0 to 100.
    """
    quality = configuration.get("quality")
    if quality is None:
        return None
    if type(quality) is not int or not 0 <= quality <= MAX_QUALITY:
        raise FieldError(f"pathae quality: expected 0 to {MAX_QUALITY}, got {quality!r:.20}")
    return quality


def _check_version(configuration: Mapping[str, Any]) -> None:
    version = configuration.get("version")
    if type(version) is not int or version != CONFIGURATION_VERSION:
        raise UnsupportedVersionError(
            f"pathae configuration version: expected {CONFIGURATION_VERSION}, got {version!r:.20}; "
            "a newer pathae may read it"
        )


def _unpack(text: object) -> bytes:
    if not isinstance(text, str):
        raise ArtifactError(f"pathae parameters: expected base64 text, got {text!r:.20}")
    unzip = zlib.decompressobj()
    try:
        parameters = unzip.decompress(b64decode(text, validate=True), MAX_PARAMETERS_BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise ArtifactError(f"pathae parameters: expected base64 of zlib: {error}") from None
    if len(parameters) > MAX_PARAMETERS_BYTES:
        raise ArtifactError(f"pathae parameters: expected {MAX_PARAMETERS_BYTES} bytes at most")
    if not unzip.eof or unzip.unused_data:
        found = "bytes after its end" if unzip.eof else "no end"
        raise ArtifactError(f"pathae parameters: expected one whole zlib stream, got {found}")
    return parameters


def _read_identity(parameters: bytes) -> tuple[str, str]:
    """Return the name of the model and the identity of its decoder."""
    record = read_record(parameters)
    try:
        return str(record["name"]), str(record["decoder"]["id"])
    except (KeyError, TypeError) as error:
        raise ArtifactError(f"pathae parameters: missing or wrong field: {error!r}") from None
