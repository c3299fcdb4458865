"""Codec parameters with their decoder's weights, and the same without: told apart and compared.

An OME-Zarr holds the weights once, at level 0; the other levels hold the same parameters without.
Spec: v1, OME-Zarr binding.
"""

import json
from collections.abc import Mapping
from typing import Any

from pathae_codec.errors import ArtifactError
from pathae_codec.model.artifact_file import read_record
from pathae_codec.model.identity import WEIGHTS, artifact_digest


def embeds_decoder(parameters: bytes) -> bool:
    """Say whether codec parameters hold the decoder's weights.

    Raises:
        ArtifactError, UnsupportedVersionError: They are none.
    """
    return "layers" in _decoder(read_record(parameters))


def light_parameters(parameters: bytes) -> bytes:
    """Return codec parameters without the decoder's weights; those without any as they are.

    Raises:
        ArtifactError, UnsupportedVersionError: They are none.
    """
    from safetensors.numpy import save

    record = read_record(parameters)
    if "layers" not in _decoder(record):
        return parameters
    bare = record | {"decoder": {"id": _decoder(record).get("id")}}
    tensors = _tensors(parameters)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith(WEIGHTS)}
    digest = artifact_digest(_text(bare | {"digest": ""}), kept)
    return save(kept, {"pathae": _text(bare | {"digest": digest})})


def same_but_for_weights(one: bytes, other: bytes) -> bool:
    """Say whether codec parameters say the same, whether or not they hold the decoder's weights.

    Raises:
        ArtifactError, UnsupportedVersionError: One is none.
    """
    return one == other or _content(one) == _content(other)


def _content(parameters: bytes) -> str:
    """Return the digest of all but the weights, their layers, and the digest that is stated."""
    record = read_record(parameters)
    bare = record | {"decoder": {"id": _decoder(record).get("id")}, "digest": ""}
    return artifact_digest(_text(bare), _tensors(parameters))


def _decoder(record: Mapping[str, Any]) -> Mapping[str, Any]:
    decoder = record.get("decoder")
    if not isinstance(decoder, dict):
        raise ArtifactError(f"artifact decoder: expected an object, got {decoder!r:.20}")
    return decoder


def _tensors(parameters: bytes) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(parameters))
    except (SafetensorError, KeyError) as error:
        raise ArtifactError(f"artifact: {error}") from None


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))
