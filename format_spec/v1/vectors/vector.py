"""A vector: one folder of files, one of which says what the others test."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

MODEL = "model.safetensors"
SYMBOLS_MODEL, SETS_MODEL = "symbols.safetensors", "sets.safetensors"
DIGESTED_MODEL = "digested.safetensors"
BRANCHES_MODEL = "branches.safetensors"
REALISM_MODEL = "realism.safetensors"
EXACT_MODEL = "exact.safetensors"
COSTLY_MODEL = "costly.safetensors"
PRECISE_MODEL = "precise.safetensors"
SAMPLE_MODEL = "sample.safetensors"

Files = dict[str, bytes]


@dataclass(frozen=True)
class Vector:
    """One folder: its files, and which of them may differ as long as they decode to the same."""

    folder: str
    files: Files
    free: bool = False


def undigested(artifact: bytes) -> bytes:
    """Return an artifact as it was written before there was a digest: frozen vectors are."""
    record = json.loads(record_text(artifact))
    del record["digest"]
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return save(load(artifact), {"pathae": text})


def record_text(artifact: bytes) -> str:
    """Return the record of an artifact, as stored."""
    header = json.loads(artifact[8 : 8 + int.from_bytes(artifact[:8], "little")])
    return str(header["__metadata__"]["pathae"])


def case_file(**fields: object) -> bytes:
    """Return the file that says what a vector tests."""
    return (json.dumps({"license": "CC0-1.0"} | fields, indent=2, sort_keys=True) + "\n").encode()


def npy_file(array: NDArray[Any]) -> bytes:
    """Return an array as a file of numpy."""
    stream = BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()
