"""Model artifacts whose layers a reader must refuse; all else of them is right."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from format_spec.v1.vectors.raw_artifact import (
    Record,
    conv_weights,
    raw_artifact,
    raw_safetensors,
    small_record,
)
from format_spec.v1.vectors.vector import Vector, case_file, record_text

Layer = dict[str, Any]
TINY: Mapping[str, Any] = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 4,
    "encoder_block_out_channels": [8, 8],
    "decoder_block_out_channels": [8, 8],
    "num_encoder_blocks": [1, 1],
    "num_decoder_blocks": [1, 1],
    "act_fn": "relu",
    "upsample_fn": "nearest",
    "upsampling_scaling_factor": 2,
}
LAST: Layer = {"op": "conv", "inputs": 3, "outputs": 3, "kernel": 1}
"""Takes the channels of the latent of `small_record` to those of pixels."""


def tiny(**changed: object) -> list[Layer]:
    """Return the decoder of a small autoencoder of diffusers, with some of its config changed."""
    config = {key: value for key, value in (TINY | changed).items() if value is not None}
    return [{"op": "diffusers_decoder", "network": "AutoencoderTiny", "config": config}]


def network(name: object, config: object) -> list[Layer]:
    """Return a decoder of diffusers."""
    return [{"op": "diffusers_decoder", "network": name, "config": config}]


def deep(levels: int) -> object:
    """Return lists within lists."""
    return [deep(levels - 1)] if levels else 1


LAYERS, CONFIG, VALUES = "R-model-layers", "R-model-config", "R-model-config-values"
BAD_LAYERS: Mapping[str, tuple[list[Layer], str]] = {
    "groups": ([{"op": "group_branch", "channels": 3, "inner": 4, "groups": 3}, LAST], LAYERS),
    "surplus-field": ([{"op": "relu", "channels": 3}, LAST], LAYERS),
    "missing-field": ([{"op": "conv", "inputs": 3, "outputs": 3}], LAYERS),
    "soft-clamp-zero": ([{"op": "soft_clamp", "limit": 0}, LAST], LAYERS),
    "soft-clamp-4097": ([{"op": "soft_clamp", "limit": 4097}, LAST], "R-8-beyond"),
    "soft-clamp-half": ([{"op": "soft_clamp", "limit": 0.5}, LAST], LAYERS),
    "soft-clamp-true": ([{"op": "soft_clamp", "limit": True}, LAST], LAYERS),
    "kernel-2": ([LAST | {"kernel": 2}], LAYERS),
    "kernel-7": ([LAST | {"kernel": 7}], LAYERS),
    "op-missing": ([{"channels": 3}, LAST], LAYERS),
    "not-an-object": (["relu", LAST], LAYERS),  # type: ignore[list-item]
    "network": (network("UNet2DModel", {}), CONFIG),
    "network-number": (network(7, {}), CONFIG),
    "config-key-missing": (tiny(act_fn=None), CONFIG),
    "config-key-surplus": (tiny(sharpness=1), CONFIG),
    "config-not-an-object": (network("AutoencoderTiny", [1]), CONFIG),
    "config-word": (tiny(act_fn="exec"), VALUES),
    "config-number": (tiny(num_decoder_blocks=[1, 65]), VALUES),
    "config-number-4097": (tiny(decoder_block_out_channels=[8, 4097]), VALUES),
    "config-number-below-0": (tiny(num_encoder_blocks=[1, -1]), VALUES),
    "config-fraction": (tiny(num_decoder_blocks=[1, 0.5]), VALUES),
    "config-list": (tiny(num_decoder_blocks=[1] * 17), VALUES),
    "config-deep": (tiny(num_decoder_blocks=deep(3)), VALUES),
    "config-blocks": (tiny(decoder_block_out_channels=8), VALUES),
    "config-no-blocks": (tiny(decoder_block_out_channels=[]), VALUES),
    "config-in-channels": (tiny(in_channels=1), VALUES),
    "config-latent-channels": (tiny(latent_channels=True), VALUES),
    "config-blocks-word": (tiny(decoder_block_out_channels="relu"), VALUES),
    "config-scaling-true": (tiny(upsampling_scaling_factor=True, latent_channels=3), VALUES),
    "config-scaling-65": (
        tiny(
            upsampling_scaling_factor=65,
            decoder_block_out_channels=[8],
            num_decoder_blocks=[1],
            latent_channels=3,
        ),
        VALUES,
    ),
}
"""Decoders by the name of the vector, each wrong in one thing."""


@dataclass(frozen=True)
class Wrong:
    """An artifact that breaks one rule: its record, and the weights of its networks."""

    record: Record
    rule: str
    tensors: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def layer_cases(branches: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` whose layers, or what is said of them, are wrong."""
    for name, (layers, rule) in BAD_LAYERS.items():
        yield _invalid(name, raw_artifact(_record_of(layers), _weights(layers)), rule)
    many = [{"op": "relu"}] * 64
    for name, layers, rule in (
        ("none", [], LAYERS),
        ("65", [*many, LAST], "R-8-beyond"),
        ("no-list", {"op": "relu"}, LAYERS),
    ):
        yield _invalid(name, raw_artifact(_record_of(layers), _weights([LAST], first=64)), rule)
    record, tensors = json.loads(record_text(branches)), load(branches)
    record.pop("digest", None)
    for name, stated in (("not-tile-global", False), ("tile-global-number", 1)):
        changed = raw_safetensors(record | {"tile_global": stated}, tensors)
        yield _invalid(name, changed, "R-model-tile-global")
    branch: Layer = {"op": "group_branch", "channels": 3, "inner": 4, "groups": 2}
    unsaid = _record_of([branch, LAST]) | {"tile_global": False}
    artifact = raw_artifact(unsaid, _weights([branch, LAST]))
    yield _invalid("decoder-not-tile-global", artifact, "R-model-tile-global")
    local = small_record(decoder={"layers": [LAST]}, encoder={"layers": [LAST]}, tile_global=True)
    both = conv_weights("synthesis.0", 3, 3, 1) | conv_weights("analysis.0", 3, 3, 1)
    yield _invalid("local-tile-global", raw_artifact(local, both), "R-model-tile-global")


def _record_of(layers: object) -> Record:
    first = layers[0] if isinstance(layers, list) and layers else {}
    half = isinstance(first, dict) and str(first.get("op")).startswith("diffusers")
    shape = _shape_of(first) if half else {}
    if isinstance(first, dict) and first.get("op") == "group_branch":
        shape |= {"tile_global": True}
    return small_record(decoder={"layers": layers}, **shape)


def _shape_of(half: Layer) -> Record:
    """Return factor and latent channels as the config has them, were all of it right."""
    config = half["config"] if isinstance(half["config"], dict) else {}
    blocks = config.get("decoder_block_out_channels", 2)
    levels = len(blocks) if isinstance(blocks, list | str) else 2
    step, latent = config.get("upsampling_scaling_factor", 2), config.get("latent_channels", 4)
    return {"factor": int(step ** max(levels - 1, 0)), "latent_channels": int(latent)}


def _weights(layers: list[Layer], first: int = 0) -> dict[str, NDArray[Any]]:
    """Return the weights of the layers that have some, as a reader wants them."""
    found: dict[str, NDArray[Any]] = {}
    for index, layer in enumerate(layers, first):
        start = f"synthesis.{index}"
        kind = layer.get("op") if isinstance(layer, dict) else None
        if kind == "conv":
            found |= conv_weights(start, 3, 3, layer.get("kernel", 1))
        if kind == "group_branch":
            norm = {f"{start}.norm.{part}": np.ones(4, np.float16) for part in ("weight", "bias")}
            convs = conv_weights(f"{start}.first", 4, 3, 1) | conv_weights(
                f"{start}.second", 3, 4, 1
            )
            found |= convs | norm
        if kind == "diffusers_decoder":
            found[f"{start}.some.weight"] = np.ones(1, np.float16)
    return found


def _invalid(name: str, artifact: bytes, rule: str) -> Vector:
    case = case_file(tests=f"layers: {name}", rules=[rule], error="invalid_artifact")
    return Vector(f"invalid/layers-{name}", {"artifact.safetensors": artifact, "case.json": case})
