"""Artifacts whose record, bottlenecks or canary a reader must refuse; all else of them is right."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from format_spec.v1.vectors.raw_artifact import Record, raw_safetensors, small_record
from format_spec.v1.vectors.vector import Vector, case_file
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.limits import MAX_TABLES
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.artifact_file import save_artifact

Tensors = Mapping[str, NDArray[Any]]
Case = tuple[Record, Tensors, str]
ARTIFACT, TENSORS, WORDS = "invalid_artifact", "R-model-tensors", "R-model-codewords"
RECORD, BEYOND, FREQUENCIES = "R-model-record", "R-8-beyond", "R-4.1-sum"


def record_cases(model: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that are wrong in their record, bottlenecks or canary.

    Args:
        model: Embedded codec parameters, with a canary.
    """
    for name, (record, tensors, rule) in {**_records(), **_bottlenecks(), **_limits()}.items():
        version = rule == "R-model-version"
        yield _invalid(
            name, raw_safetensors(record, tensors), rule,
            "unsupported_version" if version else ARTIFACT,
        )  # fmt: skip
    yield from _canaries(model)


def _invalid(name: str, artifact: bytes, rule: str, error: str = ARTIFACT) -> Vector:
    case = case_file(tests=f"parameters: {name}", rules=[rule], error=error)
    files = {"artifact.safetensors": artifact, "case.json": case}
    return Vector(f"invalid/parameters-{name}", files)


def bottleneck(quality: object = 0, **changed: NDArray[Any] | None) -> dict[str, NDArray[Any]]:
    """Return the tensors of a bottleneck of three channels, with some of them changed or left out.

    The channels have 2, 3 and 1 symbols.
    """
    whole: dict[str, NDArray[Any] | None] = {
        "alphabets": np.array([2, 3, 1], np.uint16),
        "frequencies": np.array([8192, 8192, 4096, 8192, 4096, 16384], np.uint16),
        "codewords": np.array([0, 1, 0, 1, 2, 0], np.float32),
    }
    named = (whole | changed).items()
    return {f"bottleneck.{quality}.{name}": t for name, t in named if t is not None}


def _f32(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def _u16(*values: int) -> NDArray[np.uint16]:
    return np.array(values, np.uint16)


def _records() -> dict[str, Case]:
    good = bottleneck()
    without = {
        f"no-{key.replace('_', '-')}": {k: v for k, v in small_record().items() if k != key}
        for key in ("name", "factor", "latent_channels", "decoder", "encoder", "card")
    }
    changes: dict[str, tuple[str, dict[str, object]]] = {
        "version-absent": ("R-model-version", {"artifact_version": None}),
        "version-text": ("R-model-version", {"artifact_version": "1"}),
        "version-true": ("R-model-version", {"artifact_version": True}),
        "factor-0": (RECORD, {"factor": 0}),
        "factor-true": (RECORD, {"factor": True}),
        "factor-fraction": (RECORD, {"factor": 1.5}),
        "latent-channels-0": (RECORD, {"latent_channels": 0}),
        "latent-channels-1025": (BEYOND, {"latent_channels": 1025, "factor": 64}),
        "name-number": (RECORD, {"name": 7}),
        "decoder-text": (RECORD, {"decoder": "sha256:0"}),
        "decoder-id-number": (RECORD, {"decoder": {"id": 7}}),
        "encoder-id-absent": (RECORD, {"encoder": {}}),
        "card-list": (RECORD, {"card": []}),
        "digest-number": ("R-model-digest", {"digest": 7}),
    }
    wrong = {name: (small_record(**change), good, rule) for name, (rule, change) in changes.items()}
    return wrong | {name: (record, good, RECORD) for name, record in without.items()}


def _bottlenecks() -> dict[str, Case]:
    nan, inf = float("nan"), float("inf")
    stacked = np.stack([bottleneck()["bottleneck.0.frequencies"]] * 2)
    five = np.zeros(5, np.uint16) + 1
    changes: dict[str, tuple[str, dict[str, NDArray[Any] | None]]] = {
        "no-frequencies": (TENSORS, {"frequencies": None}),
        "no-codewords": (TENSORS, {"codewords": None}),
        "alphabets-int32": (TENSORS, {"alphabets": np.array([2, 3, 1], np.int32)}),
        "alphabets-two": (TENSORS, {"alphabets": _u16(2, 3)}),
        "alphabets-square": (TENSORS, {"alphabets": _u16(2, 3, 1)[None]}),
        "codewords-float64": (TENSORS, {"codewords": np.arange(6, dtype=np.float64)}),
        "codewords-five": (TENSORS, {"codewords": np.arange(5, dtype=np.float32)}),
        "codewords-square": (TENSORS, {"codewords": _f32(0, 1, 0, 1, 2, 0)[None]}),
        "codewords-infinite": (WORDS, {"codewords": _f32(0, inf, 0, 1, 2, 0)}),
        "codewords-descend": (WORDS, {"codewords": _f32(0, 1, 0, 2, 1, 0)}),
        "frequencies-five": (TENSORS, {"frequencies": five}),
        "frequencies-int16": (TENSORS, {"frequencies": stacked[0].astype(np.int16)}),
        "frequencies-cube": (TENSORS, {"frequencies": stacked[None]}),
        "frequencies-short-set": (TENSORS, {"frequencies": stacked[:, :5].copy()}),
        "frequencies-sum-above": (
            FREQUENCIES,
            {"frequencies": stacked[0] + _u16(1, 0, 0, 0, 0, 0)},
        ),
        "frequencies-wrap": (
            FREQUENCIES,
            {"frequencies": _u16(8192, 8192, 49153, 49152, 49151, 16384)},
        ),
        "thresholds-float64": (TENSORS, {"thresholds": np.arange(3, dtype=np.float64)}),
        "thresholds-four": (TENSORS, {"thresholds": _f32(0.5, 0.5, 1.5, 2)}),
        "thresholds-descend": (WORDS, {"thresholds": _f32(0.5, 1.5, 0.5)}),
        "thresholds-nan": (WORDS, {"thresholds": _f32(0.5, nan, 1.5)}),
    }
    cases: dict[str, Case] = {
        name: (small_record(), bottleneck(0, **change), rule)
        for name, (rule, change) in changes.items()
    }
    for quality in ("101", "07", "-1", "x", "1.5"):
        cases[f"quality-{quality}"] = (small_record(), bottleneck(quality), "R-model-quality")
    return cases


def _limits() -> dict[str, Case]:
    wide = 4097
    frequencies = np.ones(wide + 2, np.uint16)
    frequencies[0] += 16384 - wide
    frequencies[-2:] = 16384
    alphabet = {
        "bottleneck.0.alphabets": _u16(wide, 1, 1),
        "bottleneck.0.frequencies": frequencies,
        "bottleneck.0.codewords": np.arange(wide + 2, dtype=np.float32)
        * (np.arange(wide + 2) < wide),
    }
    sets = 129
    channels = MAX_TABLES // sets + 1
    # Two qualities, each with sets within its own limit: all tables together are too many.
    single: dict[str, NDArray[Any]] = {}
    for quality, count in ((0, sets - 1), (1, 1)):
        single |= {
            f"bottleneck.{quality}.alphabets": np.ones(channels, np.uint16),
            f"bottleneck.{quality}.frequencies": np.full((count, channels), 16384, np.uint16),
            f"bottleneck.{quality}.codewords": np.zeros(channels, np.float32),
        }
    return {
        "alphabet-4097": (small_record(), alphabet, BEYOND),
        "tables-32769": (small_record(factor=16, latent_channels=channels), single, BEYOND),
    }


def _canaries(model: ModelArtifact) -> Iterator[Vector]:
    """Return canaries that are none; and one of another decoder, which a tile brings to light."""
    assert model.canary is not None
    whole = load(save_artifact(model))
    tile, pixels = whole["canary.tile"], whole["canary.pixels"]
    constant = encode_constant(np.full(pixels.shape, 200, np.uint8))
    assert constant is not None
    changes: dict[str, dict[str, NDArray[Any] | None]] = {
        "canary-no-pixels": {"canary.pixels": None},
        "canary-small": {"canary.pixels": pixels[:-1].copy()},
        "canary-grey": {"canary.pixels": pixels[..., 0].copy()},
        "canary-wide": {"canary.pixels": pixels.astype(np.uint16)},
        "canary-cut": {"canary.tile": tile[:-1].copy()},
        "canary-crc": {"canary.tile": np.concatenate([tile[:-1], tile[-1:] ^ 1])},
        "canary-constant": {"canary.tile": np.frombuffer(constant, np.uint8)},
    }
    light = replace(model, synthesis=None)
    stated = small_record(
        name=light.name,
        factor=light.factor,
        latent_channels=light.latent_channels,
        decoder={"id": light.decoder_id},
        encoder={"id": light.encoder_id},
    )
    stored = load(save_artifact(light))
    for name, change in changes.items():
        tensors = {key: t for key, t in (stored | change).items() if t is not None}
        yield _invalid(name, raw_safetensors(stated, tensors), "R-model-canary-tile")
    away = np.where(pixels >= 128, pixels - 3, pixels + 3).astype(np.uint8)
    other = replace(model, canary=replace(model.canary, pixels=away))
    case = case_file(
        tests="a canary that the decoder is 3 of 255 off, and a tile to decode",
        rules=["R-7.2-canary"],
        error="model_mismatch",
    )
    files = {
        "artifact.safetensors": save_artifact(other),
        "tile.pae": tile.tobytes(),
        "case.json": case,
    }
    yield Vector("invalid/parameters-canary-wrong", files)
