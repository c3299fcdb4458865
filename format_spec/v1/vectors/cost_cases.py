"""Tiles and decoders of few bytes that ask for much work or memory: a reader must refuse them."""

from collections.abc import Iterator

import numpy as np

from format_spec.v1.vectors.latent_tile import QUALITY, latent_tile
from format_spec.v1.vectors.one_rung_model import one_rung_model
from format_spec.v1.vectors.vector import COSTLY_MODEL, Vector, case_file
from pathae_codec.bitstream.frequencies import TOTAL
from pathae_codec.model.architecture import Conv, Layer, SoftClamp, Upsample, weight_shapes
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.artifact_file import load_artifact, save_artifact

FACTOR, CHANNELS = 8, 8
WIDE: tuple[Layer, ...] = (Conv(CHANNELS, 128, 1), Upsample(FACTOR), Conv(128, 3, 1))
"""524 bytes a pixel between its layers."""
LONG: tuple[Layer, ...] = (Conv(1, 544, 1), Upsample(2), *[SoftClamp(3)] * 61, Conv(544, 3, 1))
"""2160960 multiply-accumulates a pixel, of 3 kB of weights."""


def costly_model() -> bytes:
    """Return embedded parameters that are sure of their symbols, and whose decoder is wide."""
    return save_artifact(_embedded(WIDE, FACTOR, CHANNELS))


def cost_cases(costly: bytes) -> Iterator[Vector]:
    """Return the vectors of `invalid/` that cost too much."""
    model = load_artifact(costly)
    for name, positions, lanes, error, rule in [
        ("symbols-a-byte", 64, 1, "invalid_payload", "R-4.2-symbols"),
        ("activations", 128, 8, "field_out_of_range", "R-8.1-activations"),
    ]:
        symbols = np.zeros((CHANNELS, positions, positions), np.uint16)
        tile = latent_tile(model, symbols, QUALITY, lanes)
        case = case_file(
            tests=f"{symbols.size} symbols in {len(tile)} bytes, decoded to "
            f"{FACTOR * positions} x {FACTOR * positions} pixels",
            rules=[rule],
            error=error,
            model=COSTLY_MODEL,
        )
        yield Vector(f"invalid/latent-{name}", {"tile.pae": tile, "case.json": case})
    case = case_file(tests="a decoder of much work", rules=["R-8.1-work"], error="invalid_artifact")
    artifact = save_artifact(_embedded(LONG, 2, 1))
    yield Vector("invalid/artifact-work", {"artifact.safetensors": artifact, "case.json": case})


def _embedded(layers: tuple[Layer, ...], factor: int, channels: int) -> ModelArtifact:
    shapes = weight_shapes(layers)
    synthesis = Transform(layers, {n: np.zeros(shape, np.float16) for n, shape in shapes.items()})
    table = np.array([[TOTAL - 1, 1]], np.uint16)
    words = np.arange(2, dtype=np.float32)
    return one_rung_model("costly", factor, synthesis, (words,) * channels, table)
