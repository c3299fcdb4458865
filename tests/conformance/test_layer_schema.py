"""The schema and the reader take the same layers, and refuse the same."""

from typing import Any

import pytest

from format_spec.v1.vectors.layer_cases import BAD_LAYERS, TINY
from pathae_codec.errors import ArtifactError
from pathae_codec.model.architecture import OPS, describe_layers, parse_layers
from pathae_codec.model.artifact_file import read_record
from tests.conformance.test_schemas import IDENTITY, validator
from tests.conformance.vectors import VECTORS

TINY_HALF = {"network": "AutoencoderTiny", "config": dict(TINY)}
FIELDS: dict[str, dict[str, Any]] = {
    "conv": {"inputs": 3, "outputs": 8, "kernel": 5},
    "residual": {"channels": 8},
    "space_to_depth": {"factor": 2},
    "depth_to_space": {"factor": 2},
    "downsample": {"inputs": 8, "outputs": 4, "factor": 2},
    "upsample": {"factor": 2},
    "relu": {},
    "block": {"channels": 8},
    "group_branch": {"channels": 8, "inner": 4, "groups": 2},
    "soft_clamp": {"limit": 3},
    "to_unit": {},
    "from_unit": {},
    "diffusers_encoder": TINY_HALF,
    "diffusers_decoder": TINY_HALF,
}
BEYOND_THE_SCHEMA = {
    "groups",
    "config-number",
    "config-in-channels",
    "config-latent-channels",
    "config-blocks",
    "config-no-blocks",
    "config-deep",
    "config-blocks-word",
    "config-scaling-true",
    "config-scaling-65",
}
"""What a schema cannot say: a divisor, and what depends on a key of a config."""


def record_with(layers: list[dict[str, Any]]) -> dict[str, Any]:
    record = read_record((VECTORS / "branches.safetensors").read_bytes())
    return record | {"decoder": {"id": IDENTITY, "layers": layers}}


def test_every_layer_has_an_example() -> None:
    assert set(FIELDS) == set(OPS)


@pytest.mark.parametrize("op", sorted(FIELDS))
def test_a_layer_is_taken(op: str) -> None:
    layers = [{"op": op, **FIELDS[op]}]
    validator("model_record").validate(record_with(layers))
    assert describe_layers(parse_layers(layers)) == layers


@pytest.mark.parametrize("op", sorted(FIELDS))
def test_a_layer_without_a_field_or_with_another_is_refused(op: str) -> None:
    """Covers R-model-layers for every op."""
    whole = {"op": op, **FIELDS[op]}
    wrong = [{key: v for key, v in whole.items() if key != left} for left in whole]
    for layer in [*wrong, whole | {"more": 1}]:
        assert not validator("model_record").is_valid(record_with([layer]))
        with pytest.raises(ArtifactError):
            parse_layers([layer])


@pytest.mark.parametrize("name", sorted(BAD_LAYERS))
def test_a_wrong_layer_is_refused(name: str) -> None:
    layers, _ = BAD_LAYERS[name]
    with pytest.raises(ArtifactError):
        parse_layers(layers)
    assert validator("model_record").is_valid(record_with(layers)) == (name in BEYOND_THE_SCHEMA)


def test_the_stored_model_is_as_the_schema_says() -> None:
    record = read_record((VECTORS / "branches.safetensors").read_bytes())
    assert record["tile_global"]
    validator("model_record").validate(record)
