"""Model artifacts that a reader must refuse."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from format_spec.v1.vectors.vector import Vector, case_file, record_text, undigested
from pathae_codec.bitstream.frequencies import FrequencyTables, normalize_counts
from pathae_codec.bitstream.limits import MAX_JPEG_SET_BYTES, MAX_JPEG_SETS
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.artifact_file import load_artifact, save_artifact
from pathae_codec.model.quantizer import Quantizer

_JPEG_SETS = ("invalid_artifact", "R-model-jpeg-sets")


def artifact_cases(edges: ModelArtifact, model: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that are artifacts."""
    small = replace(edges, bottlenecks={0: _tiny_bottleneck()}, latent_channels=2, factor=1)
    digested = save_artifact(small)
    data = undigested(digested)
    record = json.loads(record_text(data))
    tensors = load(data)

    def build(change: Mapping[str, Any], **arrays: NDArray[Any]) -> bytes:
        named = {f"bottleneck.0.{key}": value for key, value in arrays.items()}
        text = json.dumps(record | change, sort_keys=True)
        return save(tensors | named, {"pathae": text})

    def u16(*values: int) -> NDArray[np.uint16]:
        return np.array(values, np.uint16)

    def f32(*values: float) -> NDArray[np.float32]:
        return np.array(values, np.float32)

    bad: dict[str, tuple[bytes, str, str]] = {
        "not-safetensors": (b"not safetensors", "invalid_artifact", "R-model-tensors"),
        "cut": (data[:-2], "invalid_artifact", "R-model-tensors"),
        "version-2": (build({"artifact_version": 2}), "unsupported_version", "R-model-version"),
        "factor-65": (build({"factor": 65}), "invalid_artifact", "R-8-beyond"),
        "latent-channels-4": (build({"latent_channels": 4}), "invalid_artifact", "R-8-beyond"),
        "alphabet-zero": (build({}, alphabets=u16(0, 5)), "invalid_artifact", "R-4.1-alphabet"),
        "sum": (build({}, frequencies=u16(1, 1, 1, 8192, 8192)), "invalid_artifact", "R-4.1-sum"),
        "zero": (
            build({}, frequencies=u16(0, 16384, 1, 1, 16382)),
            "invalid_artifact",
            "R-4.1-sum",
        ),
        "descending": (
            build({}, codewords=f32(1, 0, 0, 1, 2)),
            "invalid_artifact",
            "R-model-codewords",
        ),
        "nan": (
            build({}, codewords=f32(0, np.nan, 0, 1, 2)),
            "invalid_artifact",
            "R-model-codewords",
        ),
        "float-frequencies": (
            build({}, frequencies=f32(1, 1, 1, 1, 1)),
            "invalid_artifact",
            "R-model-tensors",
        ),
        "unknown-op": (
            build({"decoder": {"id": "x", "layers": [{"op": "exec"}]}}),
            "invalid_artifact",
            "R-model-layers",
        ),
        "sets-none": (
            build({}, frequencies=np.zeros((0, 5), np.uint16)),
            "invalid_artifact",
            "R-4.1-sets",
        ),
        "sets-257": (
            build({}, frequencies=np.tile(tensors["bottleneck.0.frequencies"], (257, 1))),
            "invalid_artifact",
            "R-8-beyond",
        ),
        "sets-sum": (
            build({}, frequencies=_second_set_wrong(tensors["bottleneck.0.frequencies"])),
            "invalid_artifact",
            "R-4.1-sum",
        ),
        "identity": (
            _other_weights(model),
            "invalid_artifact",
            "R-model-identity",
        ),
    }
    bad |= {
        f"digest-{name}": (artifact, "invalid_artifact", "R-model-digest")
        for name, artifact in _damaged(digested).items()
    }
    bad |= {
        f"jpeg-{name}": (save(tensors | sets, {"pathae": record_text(data)}), *_JPEG_SETS)
        for name, sets in _wrong_jpeg_sets().items()
    }
    for name, (artifact, error, rule) in bad.items():
        case = case_file(tests=f"an artifact: {name}", rules=[rule], error=error)
        yield Vector(
            f"invalid/artifact-{name}", {"artifact.safetensors": artifact, "case.json": case}
        )


def _wrong_jpeg_sets() -> dict[str, dict[str, NDArray[Any]]]:
    some = np.zeros(3, np.uint8)
    return {
        "no-reconstruction": {"jpeg.0.tables": some},
        "no-tables": {"jpeg.0.reconstruction": some},
        "gap": {"jpeg.1.tables": some, "jpeg.1.reconstruction": some},
        "dtype": {"jpeg.0.tables": some.astype(np.uint16), "jpeg.0.reconstruction": some},
        "shape": {"jpeg.0.tables": some[None], "jpeg.0.reconstruction": some},
        "too-long": {
            "jpeg.0.tables": np.zeros(MAX_JPEG_SET_BYTES + 1, np.uint8),
            "jpeg.0.reconstruction": some,
        },
        "257": {
            f"jpeg.{n}.{part}": some[:1]
            for n in range(MAX_JPEG_SETS + 1)
            for part in ("tables", "reconstruction")
        },
    }


def _tiny_bottleneck() -> Bottleneck:
    tables = (normalize_counts(np.array([1, 1]))[None], normalize_counts(np.array([1, 2, 1]))[None])
    words = (np.arange(2, dtype=np.float32), np.arange(3, dtype=np.float32))
    return Bottleneck(Quantizer(words, None), FrequencyTables(tables))


def _second_set_wrong(frequencies: NDArray[np.uint16]) -> NDArray[np.uint16]:
    wrong = np.stack([frequencies, frequencies])
    wrong[1, 0] += 1
    return wrong


def _damaged(digested: bytes) -> dict[str, bytes]:
    """Return artifacts that are sound in all but their digest."""
    text, tensors = record_text(digested), load(digested)
    codewords, frequencies = (f"bottleneck.0.{name}" for name in ("codewords", "frequencies"))
    swapped = tensors[frequencies][[0, 1, 3, 2, 4]]
    return {
        "codeword": save(tensors | {codewords: tensors[codewords] * 1.5}, {"pathae": text}),
        "frequency": save(tensors | {frequencies: swapped}, {"pathae": text}),
        "record": save(tensors, {"pathae": text.replace("CC0", "CC1")}),
    }


def _other_weights(model: bytes) -> bytes:
    artifact = load_artifact(model)
    assert artifact.synthesis is not None
    name = "0.bias"
    weights = artifact.synthesis.weights | {name: artifact.synthesis.weights[name] + np.float16(1)}
    other = replace(artifact, synthesis=replace(artifact.synthesis, weights=weights))
    return undigested(save_artifact(other))
