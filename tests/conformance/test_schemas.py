"""The JSON schemas take what the code writes and refuse what the rules refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pathae_codec.configuration import build_configuration
from pathae_codec.model.artifact_file import read_record, save_artifact
from pathae_codec.model.library import SHIPPED
from tests.conformance.vectors import SPEC
from tests.tiny_model import tiny_model, tiny_parameters, tiny_realism_parameters

SCHEMAS = sorted((SPEC / "v1" / "schema").glob("*.json"))
IDENTITY = "sha256:" + "0" * 64
RECORD: dict[str, Any] = {
    "format": "pathae",
    "version": 1,
    "software": "pathae 0.1.0",
    "model": {
        "name": "tiny",
        "decoder": IDENTITY,
        "encoder": IDENTITY,
        "license": "CC0-1.0",
        "sources": [],
    },
    "quality": 60,
    "tile": 256,
    "root": IDENTITY,
    "mpp": [0.5, 0.5],
    "magnification": 20.0,
    "source": {"format": "aperio", "compression": "JPEG"},
    "lossy_history": [{"method": "JPEG"}, {"method": "PathAE", "quality": 60}],
    "intended_use": "research only; not for primary diagnosis",
}


def validator(name: str) -> Draft202012Validator:
    text = (SPEC / "v1" / "schema" / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_schema_is_sound(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


def test_there_are_three_schemas() -> None:
    assert len(SCHEMAS) == 3


@pytest.mark.parametrize(
    "data", [save_artifact(tiny_model()), tiny_parameters(), tiny_realism_parameters()]
)
def test_model_record(data: bytes) -> None:
    validator("model_record").validate(read_record(data))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.safetensors")), ids=lambda path: path.name)
def test_shipped_model_record(path: Path) -> None:
    validator("model_record").validate(read_record(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        {"artifact_version": 2},
        {"factor": 65},
        {"latent_channels": 0},
        {"decoder": {"id": "tiny"}},
        {"encoder": {"id": IDENTITY, "layers": [{"op": "exec"}]}},
        {
            "decoder": {
                "id": IDENTITY,
                "layers": [{"op": "conv", "inputs": 1, "outputs": 1, "kernel": 2}],
            }
        },
        {"card": []},
        {"realism": {"default": 9, "noise_channels": 0}},
        {"realism": {"default": 0.5, "noise_channels": 0}},
        {"realism": {"default": 0, "noise_channels": 257}},
        {"realism": {"default": 0}},
        {"realism": {"default": 0, "noise_channels": 0, "seed": 0}},
    ],
)
def test_wrong_model_record(change: dict[str, Any]) -> None:
    """Covers R-model-layers, R-model-version and R-model-realism as the schema states them."""
    record = read_record(tiny_parameters()) | change
    assert not validator("model_record").is_valid(record)


@pytest.mark.parametrize("quality", [None, 0, 60])
def test_configuration(quality: int | None) -> None:
    """Covers R-zarr-schema."""
    configuration = build_configuration(tiny_parameters(), quality=quality)
    validator("codec").validate(json.loads(json.dumps(configuration)))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"decoder": 1},
        {"parameters": "not base64!"},
        {"quality": 101},
        {"channel_axis": 2},
    ],
)
def test_wrong_configuration(change: dict[str, Any]) -> None:
    """Covers R-zarr-version as the schema states it."""
    configuration = build_configuration(tiny_parameters()) | change
    assert not validator("codec").is_valid(configuration)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"mpp": None, "magnification": None},
        {"icc_profile": "AAAA"},
    ],
)
def test_slide_record(change: dict[str, Any]) -> None:
    """Covers R-6-schema."""
    validator("slide_record").validate(RECORD | change)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "jpeg"},
        {"version": 2},
        {"tile": 0},
        {"mpp": [0.5]},
        {"mpp": [0, 0]},
        {"quality": -1},
    ],
)
def test_wrong_slide_record(change: dict[str, Any]) -> None:
    assert not validator("slide_record").is_valid(RECORD | change)


@pytest.mark.parametrize("key", sorted(RECORD))
def test_slide_record_needs_every_key(key: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != key}
    assert not validator("slide_record").is_valid(record)
