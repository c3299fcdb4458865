"""Artifacts whose networks do not fit together, or whose weights a reader must refuse."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from format_spec.v1.vectors.layer_cases import LAST, Layer, tiny
from format_spec.v1.vectors.raw_artifact import (
    Record,
    conv_weights,
    raw_artifact,
    raw_safetensors,
    small_record,
)
from format_spec.v1.vectors.vector import Vector, case_file

Weights = Mapping[str, NDArray[Any]]
FIT, FACTOR = "R-model-channels", "R-model-factor"


def network_cases() -> Iterator[Vector]:
    """Return the vectors of `invalid/` whose networks or weights are wrong."""
    for name, (record, tensors, rule) in (_networks() | _weights()).items():
        case = case_file(tests=f"a network: {name}", rules=[rule], error="invalid_artifact")
        artifact = raw_artifact(record, tensors)
        files = {"artifact.safetensors": artifact, "case.json": case}
        yield Vector(f"invalid/network-{name}", files)
    wrong = small_record(encoder={"id": "sha256:" + "1" * 64, "layers": [LAST]})
    case = case_file(
        tests="a network: another encoder than is named",
        rules=["R-model-identity"],
        error="invalid_artifact",
    )
    artifact = raw_safetensors(wrong, conv_weights("analysis.0", 3, 3, 1))
    files = {"artifact.safetensors": artifact, "case.json": case}
    yield Vector("invalid/network-encoder-identity", files)


def _synthesis(*layers: Layer, **changed: object) -> Record:
    return small_record(decoder={"layers": list(layers)}, **changed)


def _conv(inputs: int, outputs: int) -> Layer:
    return {"op": "conv", "inputs": inputs, "outputs": outputs, "kernel": 1}


def _named(index: int, inputs: int, outputs: int, half: str = "synthesis") -> Weights:
    return conv_weights(f"{half}.{index}", outputs, inputs, 1)


def _networks() -> dict[str, tuple[Record, Weights, str]]:
    fold, unfold = ({"op": op, "factor": 2} for op in ("space_to_depth", "depth_to_space"))
    up, down = {"op": "upsample", "factor": 2}, {
        "op": "downsample", "inputs": 3, "outputs": 3, "factor": 2
    }  # fmt: skip
    down_weights = conv_weights("synthesis.0", 3, 3, 3)
    third = conv_weights("analysis.0", 3, 3, 3)
    residual = {
        name: weight
        for part in ("first", "second")
        for name, weight in conv_weights(f"synthesis.0.{part}", 4, 4, 3).items()
    }
    block = residual | conv_weights("synthesis.0.third", 4, 4, 3)
    return {
        "inputs": (_synthesis(_conv(4, 3)), _named(0, 4, 3), FIT),
        "outputs": (_synthesis(_conv(3, 4)), _named(0, 3, 4), FIT),
        "residual": (_synthesis({"op": "residual", "channels": 4}), residual, FIT),
        "block": (_synthesis({"op": "block", "channels": 4}), block, FIT),
        "unfold": (
            _synthesis(_conv(3, 6), unfold, _conv(1, 3), factor=2),
            {**_named(0, 3, 6), **_named(2, 1, 3)},
            FIT,
        ),
        "factor": (_synthesis(LAST, factor=2), _named(0, 3, 3), FACTOR),
        "factor-of-layers": (_synthesis(_conv(3, 12), unfold), _named(0, 3, 12), FACTOR),
        "layer-factor-65": (
            _synthesis(LAST, {"op": "upsample", "factor": 65}, factor=64),
            _named(0, 3, 3),
            "R-8-beyond",
        ),
        "folds-in-synthesis": (
            _synthesis(fold, unfold, LAST, factor=4),
            _named(2, 3, 3),
            FACTOR,
        ),
        "downsample-in-synthesis": (_synthesis(down, factor=2), down_weights, FACTOR),
        "unfolds-in-analysis": (
            small_record(encoder={"layers": [fold, unfold, LAST]}, factor=4),
            _named(2, 3, 3, "analysis"),
            FACTOR,
        ),
        "upsample-in-analysis": (
            small_record(encoder={"layers": [LAST, up]}, factor=2),
            _named(0, 3, 3, "analysis"),
            FACTOR,
        ),
        "encoder-inputs": (
            small_record(encoder={"layers": [_conv(4, 3)]}),
            _named(0, 4, 3, "analysis"),
            FIT,
        ),
        "encoder-outputs": (
            small_record(encoder={"layers": [down]}, factor=2, latent_channels=4),
            third,
            FIT,
        ),
        "diffusers-inputs": (
            small_record(decoder={"layers": tiny(latent_channels=5)}, factor=2, latent_channels=4),
            {"synthesis.0.some.weight": np.ones(1, np.float16)},
            FIT,
        ),
        "diffusers-factor": (
            small_record(decoder={"layers": tiny()}, factor=4, latent_channels=4),
            {"synthesis.0.some.weight": np.ones(1, np.float16)},
            FACTOR,
        ),
    }


def _weights() -> dict[str, tuple[Record, Weights, str]]:
    record, good = _synthesis(LAST), dict(_named(0, 3, 3))
    kernel, bias = "synthesis.0.weight", "synthesis.0.bias"

    def with_value(value: float) -> NDArray[Any]:
        changed = good[kernel].copy()
        changed[1, 1] = value
        return changed

    tensors, finite = "R-model-tensors", "R-model-finite"
    encoder = small_record(encoder={"layers": [LAST]})
    analysis = dict(_named(0, 3, 3, "analysis"))
    analysis["analysis.0.bias"] = np.full(3, np.inf, np.float32)
    tiny_half = small_record(decoder={"layers": tiny()}, factor=2, latent_channels=4)
    return {
        "weight-nan": (record, good | {kernel: with_value(np.nan)}, finite),
        "weight-infinite": (record, good | {kernel: with_value(-np.inf)}, finite),
        "encoder-weight-infinite": (encoder, analysis, finite),
        "diffusers-weight-nan": (
            tiny_half,
            {"synthesis.0.some.weight": np.full(1, np.nan, np.float16)},
            finite,
        ),
        "weight-missing": (record, {kernel: good[kernel]}, tensors),
        "weight-short": (record, good | {bias: good[bias][:2].copy()}, tensors),
        "weight-flat": (record, good | {kernel: good[kernel].reshape(3, 3)}, tensors),
        "weight-float64": (record, good | {bias: good[bias].astype(np.float64)}, tensors),
        "weight-whole": (record, good | {bias: np.zeros(3, np.int16)}, tensors),
        "diffusers-weight-whole": (
            tiny_half,
            {"synthesis.0.some.weight": np.ones(1, np.int16)},
            tensors,
        ),
        "surplus-weight": (
            record,
            good | {"synthesis.1.weight": np.ones(1, np.float16)},
            "R-model-surplus",
        ),
        "surplus-natural": (
            record,
            good | {"natural.0.bias": good[bias].copy()},
            "R-model-surplus",
        ),
        "weights-without-layers": (small_record(), good, "R-model-surplus"),
        "analysis-without-layers": (record, good | analysis, "R-model-surplus"),
    }
