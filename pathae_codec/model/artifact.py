"""The model artifact: weights, codebooks, frequency tables and canary in one safetensors value.

The same format serves three needs, told apart by which tensors are there:

* a *model* has all of them;
* the *codec parameters* that a container stores have the codebooks and frequency tables of the
  qualities in use, a canary, and the decoder's identity, but no weights;
* *embedded* parameters have the decoder's weights too.

Spec: v1, model artifact.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.frequencies import FrequencyTables
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.limits import (
    MAX_LATENT_CHANNELS,
    MAX_PARAMETERS_BYTES,
    MAX_QUALITY,
    MAX_TABLES,
)
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.errors import (
    ArtifactError,
    FormatError,
    SettingError,
    UnsupportedVersionError,
)
from pathae_codec.model.architecture import (
    MAX_FACTOR,
    DepthToSpace,
    Layer,
    SpaceToDepth,
    describe_layers,
    output_channels,
    parse_layers,
    scale_factor,
    weight_shapes,
)
from pathae_codec.model.quantizer import Quantizer

ARTIFACT_VERSION = 1
Tensors = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Transform:
    """One of the two networks: layers as data, and weights by the names of `weight_shapes`."""

    layers: tuple[Layer, ...]
    weights: Tensors


@dataclass(frozen=True)
class Bottleneck:
    """What lies between the networks at one quality: quantizer and entropy model."""

    quantizer: Quantizer
    tables: FrequencyTables


@dataclass(frozen=True)
class Canary:
    """A latent tile and the pixels, uint8 (H, W, 3), that the right decoder gives for it."""

    tile: bytes
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class ModelArtifact:
    """A model, or the part of it that a file carries.

    Attributes:
        name: For people; the identities decide.
        factor: Pixels per latent, per side; tile sides are multiples of it.
        latent_channels: Channels of the latent.
        decoder_id, encoder_id: `sha256:` and 64 hex digits, see `transform_id`.
        analysis, synthesis: The networks, as far as they are there.
        bottlenecks: By quality, 0 to 100.
        canary: None in a model.
        card: Licence, sources of the decoder, training; JSON.
    """

    name: str
    factor: int
    latent_channels: int
    decoder_id: str
    encoder_id: str
    analysis: Transform | None
    synthesis: Transform | None
    bottlenecks: Mapping[int, Bottleneck]
    canary: Canary | None
    card: Mapping[str, Any]

    @property
    def qualities(self) -> tuple[int, ...]:
        """The rungs of the quality ladder, ascending."""
        return tuple(sorted(self.bottlenecks))

    def nearest_quality(self, quality: int) -> int:
        """Give the rung nearest to what a user asked for, 0 to 100; the higher one of two."""
        if not 0 <= quality <= MAX_QUALITY:
            raise SettingError(f"quality: expected 0 to {MAX_QUALITY}, got {quality}")
        return min(self.qualities, key=lambda rung: (abs(rung - quality), -rung))


def transform_id(factor: int, latent_channels: int, transform: Transform) -> str:
    """Give the identity of a network: the SHA-256 of its canonical content.

    That is one line of JSON without spaces, keys sorted, with factor, latent channels and layers;
    then, for each tensor by name, its name, dtype and shape as such a line, and its bytes,
    little-endian and in C order. Spec: v1, model artifact, section 4.
    """
    head = {
        "factor": factor,
        "latent_channels": latent_channels,
        "layers": describe_layers(transform.layers),
    }
    digest = sha256(_canonical_json(head))
    for name in sorted(transform.weights):
        tensor = np.ascontiguousarray(transform.weights[name])
        line = {"name": name, "dtype": tensor.dtype.name, "shape": list(tensor.shape)}
        digest.update(_canonical_json(line))
        digest.update(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False).tobytes())
    return f"sha256:{digest.hexdigest()}"


def _canonical_json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def codec_parameters(
    model: ModelArtifact, qualities: Iterable[int], canary: Canary, *, embed: bool = False
) -> ModelArtifact:
    """Give the part of a model that a file carries.

    Args:
        model: A whole model.
        canary: One that `TileCodec.make_canary` made at one of the qualities.
        qualities: The rungs that tiles of the file may use.
        embed: Also carry the decoder's weights, so that nothing else is needed to decode.
    """
    bottlenecks = {
        quality: replace(
            model.bottlenecks[quality],
            quantizer=replace(model.bottlenecks[quality].quantizer, thresholds=None),
        )
        for quality in qualities
    }
    card = {key: model.card[key] for key in ("license", "sources") if key in model.card}
    synthesis = model.synthesis if embed else None
    return replace(
        model,
        analysis=None,
        synthesis=synthesis,
        bottlenecks=bottlenecks,
        canary=canary,
        card=card,
    )


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
    tensors: Tensors = {}
    for prefix, transform in (("analysis", artifact.analysis), ("synthesis", artifact.synthesis)):
        if transform:
            tensors |= {f"{prefix}.{name}": t for name, t in transform.weights.items()}
    for quality, bottleneck in artifact.bottlenecks.items():
        tensors |= _bottleneck_tensors(f"bottleneck.{quality}", bottleneck)
    if artifact.canary:
        tensors["canary.tile"] = np.frombuffer(artifact.canary.tile, np.uint8)
        tensors["canary.pixels"] = artifact.canary.pixels
    return save(tensors, {"pathae": json.dumps(record, sort_keys=True, separators=(",", ":"))})


def _describe_transform(identity: str, transform: Transform | None) -> dict[str, Any]:
    return {"id": identity} | ({"layers": describe_layers(transform.layers)} if transform else {})


def _bottleneck_tensors(prefix: str, bottleneck: Bottleneck) -> Tensors:
    quantizer, tables = bottleneck.quantizer, bottleneck.tables
    tensors: Tensors = {
        f"{prefix}.alphabets": np.array([len(t) for t in tables.channels], np.uint16),
        f"{prefix}.frequencies": np.concatenate(tables.channels),
        f"{prefix}.codewords": np.concatenate(quantizer.codewords),
    }
    if quantizer.thresholds is not None:
        tensors[f"{prefix}.thresholds"] = np.concatenate(quantizer.thresholds)
    return tensors


def read_record(data: bytes) -> dict[str, Any]:
    """Read the JSON record of an artifact from its first bytes, without its tensors.

    Raises:
        ArtifactError: Not a safetensors header with a `pathae` record.
        UnsupportedVersionError: A later version of the artifact.
    """
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length].decode())
        record = json.loads(header["__metadata__"]["pathae"])
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


def load_artifact(data: bytes) -> ModelArtifact:
    """Read an artifact and check all that can be checked without running it.

    Raises:
        ArtifactError: The bytes break a rule of the specification, or an identity is not that of
            the weights beside it.
        UnsupportedVersionError: A later version of the artifact.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if len(data) > MAX_PARAMETERS_BYTES:
        raise ArtifactError(
            f"artifact: expected {MAX_PARAMETERS_BYTES} bytes at most, got {len(data)}"
        )
    record = read_record(data)
    try:
        tensors: Tensors = load(data)
        return _build_artifact(record, tensors)
    except SafetensorError as error:
        raise ArtifactError(f"artifact: {error}") from None
    except FormatError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArtifactError(f"artifact: missing or wrong field: {error!r}") from None


def _build_artifact(record: Mapping[str, Any], tensors: Tensors) -> ModelArtifact:
    factor = _bounded(record, "factor", MAX_FACTOR)
    # A latent never has more values than its pixels have samples: bounds the memory of a tile.
    limit = min(MAX_LATENT_CHANNELS, 3 * factor**2)
    channels = _bounded(record, "latent_channels", limit)
    artifact = ModelArtifact(
        name=_text(record, "name"),
        factor=factor,
        latent_channels=channels,
        decoder_id=_text(record["decoder"], "id"),
        encoder_id=_text(record["encoder"], "id"),
        analysis=_read_transform(record["encoder"], tensors, "analysis"),
        synthesis=_read_transform(record["decoder"], tensors, "synthesis"),
        bottlenecks=_read_bottlenecks(tensors, channels),
        canary=_read_canary(tensors),
        card=_card(record["card"]),
    )
    if artifact.analysis:
        _refuse_layer(artifact.analysis, DepthToSpace)
        _check_transform(artifact, artifact.analysis, artifact.encoder_id, 3, channels)
    if artifact.synthesis:
        _refuse_layer(artifact.synthesis, SpaceToDepth)
        _check_transform(artifact, artifact.synthesis, artifact.decoder_id, channels, 3)
    return artifact


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise ArtifactError(f"artifact {name}: expected text, got {value!r:.20}")
    return value


def _card(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArtifactError(f"artifact card: expected an object, got {value!r:.20}")
    return value


def _refuse_layer(transform: Transform, kind: type[Layer]) -> None:
    # With both kinds the product of the factors would no longer be the scale of the network.
    if any(isinstance(layer, kind) for layer in transform.layers):
        raise ArtifactError("network: expected analysis only to fold and synthesis only to unfold")


def _bounded(record: Mapping[str, Any], name: str, limit: int) -> int:
    value = record[name]
    if type(value) is not int or not 1 <= value <= limit:
        raise ArtifactError(f"artifact {name}: expected 1 to {limit}, got {value!r:.20}")
    return value


def _read_transform(record: Mapping[str, Any], tensors: Tensors, prefix: str) -> Transform | None:
    if "layers" not in record:
        return None
    layers = parse_layers(record["layers"])
    weights: Tensors = {}
    for name, shape in weight_shapes(layers).items():
        tensor = tensors[f"{prefix}.{name}"]
        if tensor.shape != shape or tensor.dtype not in (np.float16, np.float32):
            raise ArtifactError(
                f"{prefix}.{name}: expected float16 or float32 {shape}, "
                f"got {tensor.dtype} {tensor.shape}"
            )
        if not np.isfinite(tensor).all():
            raise ArtifactError(f"{prefix}.{name}: expected finite values")
        weights[name] = tensor
    return Transform(layers, weights)


def _check_transform(
    artifact: ModelArtifact, transform: Transform, identity: str, inputs: int, outputs: int
) -> None:
    actual = output_channels(transform.layers, inputs)
    if actual != outputs or scale_factor(transform.layers) != artifact.factor:
        raise ArtifactError(
            f"network: expected {outputs} channels at factor {artifact.factor}, "
            f"got {actual} at {scale_factor(transform.layers)}"
        )
    computed = transform_id(artifact.factor, artifact.latent_channels, transform)
    if computed != identity:
        raise ArtifactError(f"network identity: expected {identity:.80}, got {computed}")


def _read_bottlenecks(tensors: Tensors, channels: int) -> dict[int, Bottleneck]:
    names = [name.split(".")[1] for name in tensors if name.endswith(".alphabets")]
    if len(names) * channels > MAX_TABLES:
        raise ArtifactError(
            f"bottleneck tables: expected {MAX_TABLES} at most, got {len(names) * channels}"
        )
    bottlenecks = {}
    for name in names:
        if name not in map(str, range(MAX_QUALITY + 1)):
            raise ArtifactError(f"bottleneck: expected a quality of 0 to 100, got {name!r:.20}")
        bottlenecks[int(name)] = _read_bottleneck(tensors, f"bottleneck.{name}", channels)
    return bottlenecks


def _read_bottleneck(tensors: Tensors, prefix: str, channels: int) -> Bottleneck:
    stored = tensors[f"{prefix}.alphabets"]
    if stored.dtype != np.uint16 or stored.shape != (channels,) or stored.min() < 1:
        raise ArtifactError(
            f"{prefix}.alphabets: expected uint16 ({channels},), none zero, "
            f"got {stored.dtype} {stored.shape}"
        )
    alphabets = stored.astype(np.int64)

    def split(name: str, kind: type[np.generic], lengths: NDArray[np.int64]) -> tuple[Any, ...]:
        tensor = tensors[f"{prefix}.{name}"]
        if tensor.dtype != kind or tensor.shape != (lengths.sum(),):
            raise ArtifactError(
                f"{prefix}.{name}: expected {np.dtype(kind)} ({lengths.sum()},), "
                f"got {tensor.dtype} {tensor.shape}"
            )
        return tuple(np.split(tensor, np.cumsum(lengths)[:-1]))

    with_thresholds = f"{prefix}.thresholds" in tensors
    quantizer = Quantizer(
        codewords=split("codewords", np.float32, alphabets),
        thresholds=split("thresholds", np.float32, alphabets - 1) if with_thresholds else None,
    )
    return Bottleneck(quantizer, FrequencyTables(split("frequencies", np.uint16, alphabets)))


def _read_canary(tensors: Tensors) -> Canary | None:
    if "canary.tile" not in tensors:
        return None
    pixels, tile = tensors["canary.pixels"], tensors["canary.tile"].tobytes()
    try:
        header, _ = unpack_tile(tile)
    except FormatError as error:
        raise ArtifactError(f"canary.tile: {error}") from None
    shape = (header.height, header.width, 3)
    if header.mode is not Mode.LATENT or pixels.dtype != np.uint8 or pixels.shape != shape:
        raise ArtifactError(
            f"canary: expected a latent tile and its pixels, uint8 {shape}, "
            f"got mode {header.mode.name.lower()} and {pixels.dtype} {pixels.shape}"
        )
    return Canary(tile, pixels)
