"""What was compared with what, and with which software. Names no file and no machine."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from pathae_codec.backends.choice import backend_name
from pathae_codec.errors import PathAEError
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.model.library import find_decoder
from pathae_codec.model.realism import STEPS
from pathae_codec.storage.stored_files import stored_digest
from pathae_codec.version import SOFTWARE

_PACKAGES = {"onnx": "onnxruntime", "openvino-bf16": "openvino", "torch-bf16": "torch"}


@dataclass(frozen=True)
class Provenance:
    """Where a report comes from.

    Attributes:
        source_digest, file_digest: SHA-256, see `storage.stored_files.stored_digest`.
        software: Of this machine: pathae, Python, numpy.
        backend: What ran the decoder.
        realism: At which tiles were decoded, the file's own; None of a model with one face.
        date: Of the comparison, UTC.
    """

    source_digest: str
    file_digest: str
    software: str
    backend: str
    realism: float | None
    date: str


def read_provenance(file: Path, source: Path, parameters: bytes | None) -> Provenance:
    """Read both files once for their digests, and say what is at work here.

    Args:
        file: Ours.
        source: What it is compared with.
        parameters: The codec parameters; None where the file does not open.
    """
    return Provenance(
        stored_digest(source),
        stored_digest(file),
        f"{SOFTWARE}, Python {platform.python_version()}, numpy {np.__version__}",
        "none" if parameters is None else _describe_backend(parameters),
        None if parameters is None else _read_realism(parameters),
        datetime.now(UTC).strftime("%Y-%m-%d"),
    )


def _read_realism(parameters: bytes) -> float | None:
    try:
        taken = load_artifact(parameters).realism
    except PathAEError:
        return None
    return taken.default / STEPS if taken else None


def _describe_backend(parameters: bytes) -> str:
    try:
        model = load_artifact(parameters)
        network = model.synthesis or find_decoder(model.decoder_id, model.name, None)
        name = backend_name("auto", network.layers)
    except PathAEError:
        return "none"
    package = _PACKAGES.get(name, name)
    try:
        return f"{name} ({package} {version(package)})"
    except PackageNotFoundError:
        return name
