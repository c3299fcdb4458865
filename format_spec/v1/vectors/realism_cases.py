"""One latent and its faces, and artifacts that say of realism what a reader must refuse."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from format_spec.v1.vectors.raw_artifact import raw_artifact
from format_spec.v1.vectors.valid_cases import latent_vector
from format_spec.v1.vectors.vector import REALISM_MODEL, Vector, case_file, npy_file, record_text
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec.faces import synthesis_inputs
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.model.realism import STEPS

CHOSEN = {"faithful": 0, "default": None, "seven-eighths": 7, "natural": 8}
"""Eighths by the name of the vector; None is what a reader takes which was told nothing."""
SIZES = {"": (16, 24, CHOSEN), "wide-": (8, 64, {"natural": 8})}
"""Rows and columns of a tile, and its faces."""


def realism_cases(model: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `valid/` that are faces of one latent tile, and a second tile's."""
    assert model.realism is not None
    for seed, (size, (height, width, chosen)) in enumerate(SIZES.items()):
        symbols = draw_symbols(model, QUALITY, height, width, seed)
        tile = unpack_tile(latent_tile(model, symbols, QUALITY, 2))
        flat = symbols.reshape(1, len(symbols), -1)
        for name, steps in chosen.items():
            taken = model.realism.default if steps is None else steps
            realism = None if steps is None else steps / STEPS
            vector = latent_vector(
                TileCodec(model, realism=realism),
                f"realism-{size}{name}",
                symbols,
                QUALITY,
                2,
                f"realism {taken} of {STEPS}",
                REALISM_MODEL,
                rules=("R-model-realism-weights", "R-model-noise", "R-model-realism-default"),
                realism=realism,
                seed=crc32(tile[1]),
            )
            (inputs,) = synthesis_inputs(model, flat, [tile])
            yield Vector(vector.folder, vector.files | {"input.npy": npy_file(inputs)})


def realism_artifact_cases(artifact: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` whose artifact is wrong about realism."""
    record, tensors = json.loads(record_text(artifact)), load(artifact)
    del record["digest"]
    stated = record["realism"]
    canary = {name: t for name, t in tensors.items() if name.startswith("canary.")}
    light = record | {"decoder": {"id": record["decoder"]["id"]}}
    changes: dict[str, Any] = {
        "default-9": stated | {"default": 9},
        "default-below-0": stated | {"default": -1},
        "default-half": stated | {"default": 0.5},
        "default-true": stated | {"default": True},
        "noise-below-0": stated | {"noise_channels": -1},
        "key-surplus": stated | {"seed": 1},
        "key-missing": {"default": 3},
        "number": 3,
        "null": None,
    }
    for name, realism in changes.items():
        changed = _saved({}, light | {"realism": realism})
        yield _invalid(name, changed, "R-model-realism")
    noisy = stated | {"noise_channels": 3 * record["factor"] ** 2 + 1}
    yield _invalid("noise-49", _saved({}, light | {"realism": noisy}), "R-8-beyond")
    for steps in (0, STEPS):
        name = f"canary.pixels.{steps}"
        left = {key: tensor for key, tensor in canary.items() if key != name}
        yield _invalid(f"no-face-{steps}", _saved(left, light), "R-model-realism-canary")
        smaller = canary | {name: np.ascontiguousarray(canary[name][:-1])}
        yield _invalid(f"small-face-{steps}", _saved(smaller, light), "R-model-canary-tile")
    other = record | {"realism": stated | {"noise_channels": 3}}
    yield _invalid("inputs", _saved(tensors, other), "R-model-channels")
    name = "natural.0.bias"
    rest = {key: tensor for key, tensor in tensors.items() if key != name}
    yield _invalid("no-natural", _saved(rest, record), "R-model-natural")
    for kind, bias in (
        ("wide", tensors[name].astype(np.float32)),
        ("short", tensors[name][:-1].copy()),
    ):
        changed = raw_artifact(record, rest | {name: bias})
        yield _invalid(f"natural-{kind}", changed, "R-model-natural")
    other_bias = rest | {name: tensors[name] + np.float16(1)}
    yield _invalid("natural-identity", _saved(other_bias, record), "R-model-identity")
    silent = {key: value for key, value in record.items() if key != "realism"}
    yield _invalid("inputs-unsaid", _saved(tensors, silent), "R-model-channels")


def _saved(tensors: Mapping[str, NDArray[Any]], record: Mapping[str, Any]) -> bytes:
    return save(dict(tensors), {"pathae": json.dumps(record, sort_keys=True)})


def _invalid(name: str, artifact: bytes, rule: str) -> Vector:
    case = case_file(tests=f"realism: {name}", rules=[rule], error="invalid_artifact")
    files = {"artifact.safetensors": artifact, "case.json": case}
    return Vector(f"invalid/realism-{name}", files)
