"""An artifact <-> safetensors bytes; all that can be checked without running it is checked.

Spec: v1, model artifact.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from pathae_codec.bitstream.limits import MAX_LATENT_CHANNELS, MAX_PARAMETERS_BYTES
from pathae_codec.errors import ArtifactError, FormatError, UnsupportedVersionError
from pathae_codec.model.architecture import (
    MAX_FACTOR,
    describe_layers,
    is_plain,
    parse_layers,
    weight_shapes,
)
from pathae_codec.model.artifact import ModelArtifact, Tensors, Transform
from pathae_codec.model.artifact_tensors import (
    bottleneck_tensors,
    canary_tensors,
    jpeg_tensors,
    read_bottlenecks,
    read_canary,
    read_jpeg_sets,
)
from pathae_codec.model.cost import check_embedded
from pathae_codec.model.identity import NATURAL, artifact_digest
from pathae_codec.model.network_checks import check_networks
from pathae_codec.model.realism import read_realism

ARTIFACT_VERSION = 1


def save_artifact(artifact: ModelArtifact) -> bytes:
    """Write an artifact as safetensors; the same artifact always gives the same bytes."""
    from safetensors.numpy import save

    record = {
        "artifact_version": ARTIFACT_VERSION,
        "name": artifact.name,
        "factor": artifact.factor,
        "latent_channels": artifact.latent_channels,
        "decoder": _describe_transform(artifact.decoder_id, artifact.synthesis),
        "encoder": _describe_transform(artifact.encoder_id, artifact.analysis),
        "card": dict(artifact.card),
    }
    if artifact.tile_global:
        record["tile_global"] = True
    if artifact.realism:
        record["realism"] = asdict(artifact.realism)
    tensors: Tensors = {}
    for prefix, transform in (("analysis", artifact.analysis), ("synthesis", artifact.synthesis)):
        if transform:
            tensors |= {f"{prefix}.{name}": t for name, t in transform.weights.items()}
            tensors |= {f"{NATURAL}{name}": t for name, t in (transform.natural or {}).items()}
    for quality, bottleneck in artifact.bottlenecks.items():
        tensors |= bottleneck_tensors(quality, bottleneck)
    if artifact.canary:
        tensors |= canary_tensors(artifact.canary)
    tensors |= jpeg_tensors(artifact.jpeg_sets)
    # safetensors writes memory as it lies, whatever order an array has.
    tensors = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    blank = _record_text(record | {"digest": ""})
    return save(
        tensors, {"pathae": _record_text(record | {"digest": artifact_digest(blank, tensors)})}
    )


def _record_text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"))


def _describe_transform(identity: str, transform: Transform | None) -> dict[str, Any]:
    return {"id": identity} | ({"layers": describe_layers(transform.layers)} if transform else {})


def read_record(data: bytes) -> dict[str, Any]:
    """Read the JSON record of an artifact from its first bytes, without its tensors.

    Raises:
        ArtifactError: Not a safetensors header with a `pathae` record.
        UnsupportedVersionError: A later version of the artifact.
    """
    try:
        record = json.loads(_stored_text(data))
        version = record["artifact_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(
            f"artifact: expected safetensors with a pathae record: {error}"
        ) from None
    if type(version) is not int or version != ARTIFACT_VERSION:
        raise UnsupportedVersionError(
            f"artifact version: expected {ARTIFACT_VERSION}, got {version!r:.20}; "
            "a newer pathae may read it"
        )
    return dict(record)


def _stored_text(data: bytes) -> str:
    length = int.from_bytes(data[:8], "little")
    return str(json.loads(data[8 : 8 + length].decode())["__metadata__"]["pathae"])


def load_artifact(data: bytes, most_bytes: int = MAX_PARAMETERS_BYTES) -> ModelArtifact:
    """Read an artifact and check all that can be checked without running it.

    Args:
        data: A safetensors value.
        most_bytes: Codec parameters may have fewer than a model's file; and the decoder that they
            bring along, which nobody chose, is bounded in what it costs.

    Raises:
        ArtifactError: The bytes break a rule of the specification, or an identity is not that of
            the weights beside it.
        UnsupportedVersionError: A later version of the artifact.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if len(data) > most_bytes:
        raise ArtifactError(f"artifact: expected {most_bytes} bytes at most, got {len(data)}")
    record = read_record(data)
    try:
        tensors: Tensors = load(data)
        _check_digest(record, _stored_text(data), tensors)
        artifact = _build_artifact(record, tensors)
    except SafetensorError as error:
        raise ArtifactError(f"artifact: {error}") from None
    except FormatError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArtifactError(f"artifact: missing or wrong field: {error!r}") from None
    if artifact.synthesis and most_bytes == MAX_PARAMETERS_BYTES:
        check_embedded(artifact.synthesis, artifact.synthesis_channels)
    return artifact


def _build_artifact(record: Mapping[str, Any], tensors: Tensors) -> ModelArtifact:
    factor = _bounded(record, "factor", MAX_FACTOR)
    # A latent never has more values than its pixels have samples: bounds the memory of a tile.
    limit = min(MAX_LATENT_CHANNELS, 3 * factor**2)
    channels = _bounded(record, "latent_channels", limit)
    realism = read_realism(record["realism"], limit) if "realism" in record else None
    artifact = ModelArtifact(
        name=_text(record, "name"),
        factor=factor,
        latent_channels=channels,
        decoder_id=_text(record["decoder"], "id"),
        encoder_id=_text(record["encoder"], "id"),
        analysis=_read_transform(record["encoder"], tensors, "analysis"),
        synthesis=_read_synthesis(record, tensors),
        bottlenecks=read_bottlenecks(tensors, channels),
        canary=read_canary(tensors, realism),
        card=_card(record["card"]),
        tile_global=_flag(record, "tile_global"),
        realism=realism,
        jpeg_sets=read_jpeg_sets(tensors),
    )
    check_networks(artifact, tensors)
    return artifact


def stated_digest(parameters: bytes) -> str | None:
    """Return the digest that codec parameters state, which `load_artifact` checks; None for none.

    Raises:
        ArtifactError: They are none.
    """
    record = read_record(parameters)
    return _text(record, "digest") if "digest" in record else None


def _check_digest(record: Mapping[str, Any], text: str, tensors: Tensors) -> None:
    if "digest" not in record:
        return  # Written before there was one.
    stated = _text(record, "digest")
    blank = text.replace(stated, "") if text.count(stated) == 1 else text
    if (found := artifact_digest(blank, tensors)) != stated:
        raise ArtifactError(
            f"artifact digest: expected {stated:.80}, got {found}; the artifact is damaged, "
            "get it again"
        )


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise ArtifactError(f"artifact {name}: expected text, got {value!r:.20}")
    return value


def _card(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArtifactError(f"artifact card: expected an object, got {value!r:.20}")
    return value


def _flag(record: Mapping[str, Any], name: str) -> bool:
    value = record.get(name, False)
    if not isinstance(value, bool):
        raise ArtifactError(f"artifact {name}: expected true or false, got {value!r:.20}")
    return value


def _bounded(record: Mapping[str, Any], name: str, limit: int) -> int:
    value = record[name]
    if type(value) is not int or not 1 <= value <= limit:
        raise ArtifactError(f"artifact {name}: expected 1 to {limit}, got {value!r:.20}")
    return value


def _read_synthesis(record: Mapping[str, Any], tensors: Tensors) -> Transform | None:
    synthesis = _read_transform(record["decoder"], tensors, "synthesis")
    if synthesis is None or "realism" not in record:
        return synthesis
    natural = _read_transform(record["decoder"], tensors, NATURAL.rstrip("."))
    assert natural is not None, "the layers are the same"
    kinds, wanted = (
        {name: (str(weight.dtype), weight.shape) for name, weight in face.weights.items()}
        for face in (natural, synthesis)
    )
    for name in sorted(kinds.keys() | wanted.keys()):
        if kinds.get(name) != wanted.get(name):
            raise ArtifactError(
                f"{NATURAL}{name}: expected {wanted.get(name)} as its faithful one, "
                f"got {kinds.get(name)}"
            )
    return replace(synthesis, natural=natural.weights)


def _read_transform(record: Mapping[str, Any], tensors: Tensors, prefix: str) -> Transform | None:
    if "layers" not in record:
        return None
    layers = parse_layers(record["layers"])
    shapes = weight_shapes(layers)
    weights = {name: tensors[f"{prefix}.{name}"] for name in shapes}
    if not is_plain(layers):
        # Which names and shapes these have is known to diffusers alone: it refuses wrong ones.
        start = f"{prefix}."
        weights |= {n.removeprefix(start): t for n, t in tensors.items() if n.startswith(start)}
    for name, tensor in weights.items():
        shape = shapes.get(name, tensor.shape)
        if tensor.shape != shape or tensor.dtype not in (np.float16, np.float32):
            raise ArtifactError(
                f"{prefix}.{name}: expected float16 or float32 {shape}, "
                f"got {tensor.dtype} {tensor.shape}"
            )
        if not np.isfinite(tensor).all():
            raise ArtifactError(f"{prefix}.{name}: expected finite values")
    return Transform(layers, weights)
