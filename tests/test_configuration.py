"""The configuration in zarr metadata: what it holds, and what is refused."""

import json
import zlib
from base64 import b64encode
from typing import Any

import pytest

from pathae_codec import configuration as module
from pathae_codec.configuration import (
    build_configuration,
    parse_configuration,
    parse_quality,
)
from pathae_codec.errors import ArtifactError, FieldError, UnsupportedVersionError
from tests.tiny_model import NAME, tiny_model, tiny_parameters


def _pack(data: bytes) -> str:
    return b64encode(zlib.compress(data)).decode()


@pytest.fixture
def configuration() -> dict[str, Any]:
    return build_configuration(tiny_parameters())


def test_round_trip_through_json(configuration: dict[str, Any]) -> None:
    assert parse_configuration(json.loads(json.dumps(configuration))) == tiny_parameters()
    assert configuration["version"] == 1
    assert configuration["model"] == NAME
    assert configuration["decoder"] == tiny_model().decoder_id
    assert configuration["channel_axis"] == 0
    assert "quality" not in configuration


def test_quality_is_optional() -> None:
    assert parse_quality(build_configuration(tiny_parameters(), quality=20)) == 20
    assert parse_quality(build_configuration(tiny_parameters())) is None


def test_unknown_keys_are_ignored(configuration: dict[str, Any]) -> None:
    assert parse_configuration(configuration | {"later": [1, 2]}) == tiny_parameters()


def test_parameters_and_version_suffice(configuration: dict[str, Any]) -> None:
    least = {key: configuration[key] for key in ("version", "parameters")}
    assert parse_configuration(least) == tiny_parameters()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"version": 2}, UnsupportedVersionError),
        ({"version": "1"}, UnsupportedVersionError),
        ({"version": True}, UnsupportedVersionError),
        ({"channel_axis": 2}, FieldError),
        ({"channel_axis": None}, FieldError),
        ({"decoder": "sha256:" + "0" * 64}, ArtifactError),
        ({"parameters": None}, ArtifactError),
        ({"parameters": 7}, ArtifactError),
        ({"parameters": ""}, ArtifactError),
        ({"parameters": "not base64!"}, ArtifactError),
        ({"parameters": "é"}, ArtifactError),
        ({"parameters": b64encode(b"not zlib").decode()}, ArtifactError),
        ({"parameters": _pack(b"not safetensors")}, ArtifactError),
    ],
)
def test_wrong_values_are_refused(
    configuration: dict[str, Any], change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="expected") as caught:
        parse_configuration(configuration | change)
    assert "\n" not in str(caught.value)


def test_version_is_required(configuration: dict[str, Any]) -> None:
    del configuration["version"]
    with pytest.raises(UnsupportedVersionError):
        parse_configuration(configuration)


def test_truncated_and_trailing_streams_are_refused(configuration: dict[str, Any]) -> None:
    stream = zlib.compress(tiny_parameters())
    for wrong in (stream[:-3], stream + b"\0"):
        text = b64encode(wrong).decode()
        with pytest.raises(ArtifactError, match="one whole zlib stream"):
            parse_configuration(configuration | {"parameters": text})


def test_a_zip_bomb_stops_at_the_limit(
    configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PARAMETERS_BYTES", 10_000)
    bomb = _pack(bytes(20_000_000))
    with pytest.raises(ArtifactError, match="10000 bytes at most"):
        parse_configuration(configuration | {"parameters": bomb})


@pytest.mark.parametrize("quality", [-1, 101, "60", 60.0, True])
def test_wrong_qualities_are_refused(quality: object) -> None:
    with pytest.raises(FieldError, match="quality"):
        parse_quality({"quality": quality})
