"""What the codec parameters of a file say beside what decodes its tiles."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pathae_codec.errors import FormatError, ModelNotFoundError
from pathae_codec.model.artifact import CARRIED, ModelArtifact
from pathae_codec.model.artifact_file import read_record
from pathae_codec.model.library import find_model
from pathae_codec.privacy.image_texts import jpeg_strays
from pathae_codec.privacy.spans import describe_bytes

_KEYS = {
    "artifact_version", "name", "factor", "latent_channels", "decoder", "encoder", "card",
    "tile_global", "realism", "digest",
}  # fmt: skip
_HALF_KEYS = {"id", "layers"}
_METADATA, _RECORD = "__metadata__", "pathae"
_TEXTS = {"license", "sources"}
"""Of a card; what else it carries are numbers."""
_TENSOR = re.compile(
    r"bottleneck\.\d{1,3}\.(alphabets|frequencies|codewords)|canary\.(tile|pixels(\.[08])?)|"
    r"jpeg\.\d{1,3}\.(tables|reconstruction)"
)


def model_strays(parameters: bytes, model: ModelArtifact) -> Iterator[tuple[str, str]]:
    """Return every free text and every byte of codec parameters that no reader needs.

    Args:
        parameters: As the container holds them.
        model: The same, loaded.

    Returns:
        Of each its place, and its text or what it is.
    """
    length = int.from_bytes(parameters[:8], "little")
    header = json.loads(parameters[8 : 8 + length])
    for key, value in header.pop(_METADATA).items():
        if key != _RECORD:
            yield f"parameters metadata {key}", str(value)
    yield from _tensors(header, parameters[8 + length :], model)
    record = read_record(parameters)
    for key in sorted(record.keys() - _KEYS):
        yield f"parameters {key}", str(record[key])
    for half in ("decoder", "encoder"):
        for key in sorted(record[half].keys() - _HALF_KEYS):
            yield f"parameters {half} {key}", str(record[half][key])
    yield from _card(model)
    for number, one in enumerate(model.jpeg_sets):
        for what, data in jpeg_strays(one.tables) if one.tables else ():
            yield f"parameters JPEG set {number}: {what}", describe_bytes(data)


def _card(model: ModelArtifact) -> Iterator[tuple[str, str]]:
    known = known_texts(model.decoder_id)
    yield from unknown_texts("model name", model.name, known)
    for key, value in model.card.items():
        if key in _TEXTS:
            yield from unknown_texts(f"model {key}", value, known)
        elif key not in CARRIED or not _is_number(value):
            yield f"parameters card {key}", str(value)


def known_texts(decoder_id: str) -> frozenset[str]:
    """Return the texts of the model with a decoder, if this machine has it: its user knows them."""
    try:
        model = find_model(decoder_id)
    except (ModelNotFoundError, FormatError):
        return frozenset()
    sources = model.card.get("sources") or []
    return frozenset(map(str, [model.name, model.card.get("license"), *sources]))


def unknown_texts(where: str, value: object, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Return a text, or those of a list, that are none of the known ones."""
    for text in value if isinstance(value, list | tuple) else [value]:
        if text is not None and text not in known:
            yield where, str(text)


def _is_number(value: object) -> bool:
    """Say whether a member of a card is a number, yes or no, or a list of numbers."""
    if isinstance(value, list):
        return all(map(_is_number, value))
    return isinstance(value, int | float)


def _tensors(
    header: Mapping[str, Any], data: bytes, model: ModelArtifact
) -> Iterator[tuple[str, str]]:
    weights: set[str] = set()
    if model.synthesis:
        natural = model.synthesis.natural or {}
        weights = {f"synthesis.{name}" for name in model.synthesis.weights}
        weights |= {f"natural.{name}" for name in natural}
    for name, tensor in header.items():
        if name not in weights and not _TENSOR.fullmatch(name):
            start, end = tensor["data_offsets"]
            yield f"parameters tensor {name}", describe_bytes(data[start:end])
