"""What tells one network, and one artifact, from every other: SHA-256 over canonical content.

Spec: v1, model artifact, section 4.
"""

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from pathae_codec.model.architecture import describe_layers
from pathae_codec.model.artifact import Tensors, Transform

if TYPE_CHECKING:
    from hashlib import _Hash

NATURAL = "natural."
WEIGHTS = ("analysis.", "synthesis.", NATURAL)
"""How names of tensors begin that an identity covers already."""


def transform_id(factor: int, latent_channels: int, transform: Transform) -> str:
    """Return the identity of a network: the SHA-256 of its canonical content.

    That is one line of JSON without spaces, keys sorted, with factor, latent channels and layers;
    then each tensor, see `_add_tensors`; then those of a natural face, if there is one.
    """
    head = {
        "factor": factor,
        "latent_channels": latent_channels,
        "layers": describe_layers(transform.layers),
    }
    digest = sha256(_line(head))
    _add_tensors(digest, transform.weights)
    if transform.natural is not None:
        _add_tensors(digest, {f"{NATURAL}{n}": t for n, t in transform.natural.items()})
    return f"sha256:{digest.hexdigest()}"


def artifact_digest(record: str, tensors: Tensors) -> str:
    """Return the digest of an artifact: of its record's text and of all tensors but the weights.

    Weights are covered by the identities in the record. A codebook or a frequency table is not,
    and damage to one would give wrong pixels without a word.

    Args:
        record: The text of the header's key `pathae`, with nothing between the quotes of its
            own digest, as an ICC profile's identity is made with its field blank.
        tensors: All tensors, by name.
    """
    digest = sha256(record.encode() + b"\n")
    _add_tensors(digest, {n: t for n, t in tensors.items() if not n.startswith(WEIGHTS)})
    return f"sha256:{digest.hexdigest()}"


def _add_tensors(digest: "_Hash", tensors: Tensors) -> None:
    """Add each by name: name, dtype and shape as a line; its bytes, little-endian, C order."""
    for name in sorted(tensors):
        tensor = np.ascontiguousarray(tensors[name])
        line = {"name": name, "dtype": tensor.dtype.name, "shape": list(tensor.shape)}
        digest.update(_line(line))
        digest.update(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())


def _line(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
