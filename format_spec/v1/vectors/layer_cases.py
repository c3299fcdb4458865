"""Model artifacts whose layers a reader must refuse."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from format_spec.v1.vectors.vector import Vector, case_file, record_text

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
BAD_LAYERS: Mapping[str, tuple[list[dict[str, Any]], str]] = {
    "groups": (
        [{"op": "group_branch", "channels": 8, "inner": 4, "groups": 3}],
        "R-model-layers",
    ),
    "surplus-field": ([{"op": "relu", "channels": 8}], "R-model-layers"),
    "missing-field": ([{"op": "downsample", "inputs": 4, "outputs": 4}], "R-model-layers"),
    "soft-clamp-zero": ([{"op": "soft_clamp", "limit": 0}], "R-model-layers"),
    "network": (
        [{"op": "diffusers_decoder", "network": "UNet2DModel", "config": {}}],
        "R-model-config",
    ),
    "config-key-missing": (
        [
            {
                "op": "diffusers_decoder",
                "network": "AutoencoderTiny",
                "config": {key: value for key, value in TINY.items() if key != "act_fn"},
            }
        ],
        "R-model-config",
    ),
    "config-key-surplus": (
        [
            {
                "op": "diffusers_decoder",
                "network": "AutoencoderTiny",
                "config": {**TINY, "sharpness": 1},
            }
        ],
        "R-model-config",
    ),
    "config-word": (
        [
            {
                "op": "diffusers_decoder",
                "network": "AutoencoderTiny",
                "config": {**TINY, "act_fn": "exec"},
            }
        ],
        "R-model-config-values",
    ),
    "config-number": (
        [
            {
                "op": "diffusers_decoder",
                "network": "AutoencoderTiny",
                "config": {**TINY, "num_decoder_blocks": [1, 65]},
            }
        ],
        "R-model-config-values",
    ),
    "config-list": (
        [
            {
                "op": "diffusers_decoder",
                "network": "AutoencoderTiny",
                "config": {**TINY, "decoder_block_out_channels": [8] * 17},
            }
        ],
        "R-model-config-values",
    ),
}


def layer_cases(branches: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` whose layers, or what is said of them, are wrong."""
    record = json.loads(record_text(branches))
    changes = {
        name: ({"decoder": record["decoder"] | {"layers": layers}}, rule)
        for name, (layers, rule) in BAD_LAYERS.items()
    }
    changes["not-tile-global"] = ({"tile_global": False}, "R-model-tile-global")
    for name, (change, rule) in changes.items():
        case = case_file(tests=f"layers: {name}", rules=[rule], error="invalid_artifact")
        artifact = _with_record(branches, record | change)
        yield Vector(
            f"invalid/layers-{name}", {"artifact.safetensors": artifact, "case.json": case}
        )


def _with_record(artifact: bytes, record: Mapping[str, Any]) -> bytes:
    from safetensors.numpy import load, save

    return save(load(artifact), {"pathae": json.dumps(record, sort_keys=True)})
