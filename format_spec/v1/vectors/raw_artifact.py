"""Artifacts that no writer writes: any record, any tensors, and yet the right identities.

A reader that refuses such a one refuses it for the rule that it breaks, and not for an identity
that no longer fits. Nothing here is checked, and nothing is taken from the package.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

Record = dict[str, Any]
Tensors = Mapping[str, NDArray[Any]]
NO_IDENTITY = "sha256:" + "0" * 64
PREFIXES = {"encoder": "analysis.", "decoder": "synthesis."}


def raw_artifact(record: Record, tensors: Tensors) -> bytes:
    """Return an artifact with the identities of the networks that its record describes."""
    named = {key: _with_identity(record, key, tensors) for key in PREFIXES if key in record}
    return raw_safetensors(record | named, tensors)


def raw_safetensors(record: Mapping[str, Any], tensors: Tensors) -> bytes:
    """Return a record and tensors as they are."""
    return save(dict(tensors), {"pathae": json.dumps(record, sort_keys=True)})


def small_record(**changed: object) -> Record:
    """Return the record of an artifact of factor 1 and three latent channels, without networks."""
    record: Record = {
        "artifact_version": 1,
        "name": "small",
        "factor": 1,
        "latent_channels": 3,
        "decoder": {"id": NO_IDENTITY},
        "encoder": {"id": NO_IDENTITY},
        "card": {"license": "CC0-1.0", "sources": []},
    }
    return record | changed


def conv_weights(prefix: str, outputs: int, inputs: int, kernel: int) -> dict[str, NDArray[Any]]:
    """Return float16 weights of a convolution, none of them zero: the names begin with `prefix`."""
    count = outputs * inputs * kernel * kernel
    weight = (np.arange(1, count + 1) / count).astype(np.float16)
    return {
        f"{prefix}.weight": weight.reshape(outputs, inputs, kernel, kernel),
        f"{prefix}.bias": np.full(outputs, 0.25, np.float16),
    }


def _with_identity(record: Record, key: str, tensors: Tensors) -> object:
    network = record[key]
    if not isinstance(network, dict) or "layers" not in network:
        return network
    head = {name: record.get(name) for name in ("factor", "latent_channels")}
    digest = sha256(_line(head | {"layers": network["layers"]}))
    own = {
        n.removeprefix(PREFIXES[key]): t for n, t in tensors.items() if n.startswith(PREFIXES[key])
    }
    natural = {n: t for n, t in tensors.items() if n.startswith("natural.") and key == "decoder"}
    for weights in (own, natural):
        for name, tensor in sorted(weights.items()):
            digest.update(_line({"name": name, "dtype": tensor.dtype.name, "shape": tensor.shape}))
            digest.update(np.ascontiguousarray(tensor).tobytes())
    return network | {"id": f"sha256:{digest.hexdigest()}"}


def _line(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
