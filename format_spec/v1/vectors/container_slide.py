"""The slide of the sample containers: two levels of small tiles, and what a container says of it.

Its containers are packed here byte by byte, by none of the package's writers and no library, so
that every machine makes the same bytes and any of them can be made wrong.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from format_spec.v1.vectors.one_rung_model import one_rung_model, with_canary
from pathae_codec.bitstream.constant import encode_constant, encode_white
from pathae_codec.bitstream.frequencies import normalize_counts
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.architecture import Conv, DepthToSpace, Layer
from pathae_codec.model.artifact import ModelArtifact, Transform
from pathae_codec.model.artifact_file import load_artifact

TILE, FACTOR, LATENT_CHANNELS = 16, 4, 3
LEVELS = ((40, 24), (20, 12))
"""Width and height, finest first."""
MPP = (0.5, 0.25)
GRIDS = tuple((-(-height // TILE), -(-width // TILE)) for width, height in LEVELS)
CANARY_SYMBOLS = 4
SYNTHESIS: tuple[Layer, ...] = (Conv(LATENT_CHANNELS, 3 * FACTOR**2, 1), DepthToSpace(FACTOR))
Json = dict[str, Any]


@dataclass(frozen=True)
class SampleSlide:
    """What a sample container holds.

    Attributes:
        parameters: Embedded codec parameters.
        tiles: The tile bitstreams of each level, row by row.
        pixels: What each level decodes to, uint8 (height, width, 3).
        record: The slide record as JSON, without its root.
    """

    parameters: bytes
    tiles: tuple[tuple[bytes, ...], ...]
    pixels: tuple[NDArray[np.uint8], ...]
    record: Json

    def having(self, number: int, data: bytes) -> "SampleSlide":
        """Return the slide with another tile of level 0; its pixels are none any more."""
        first, *others = self.tiles
        changed = (*first[:number], data, *first[number + 1 :])
        return replace(self, tiles=(changed, *others), pixels=())


def sample_slide(parameters: bytes) -> SampleSlide:
    """Return the slide: latent tiles, one of a colour, and a white one as the first.

    Args:
        parameters: Of `sample_model`, as stored.
    """
    model = load_artifact(parameters)
    codec = TileCodec(model)
    tiles = tuple(_tiles(model, level) for level in range(len(LEVELS)))
    pixels = tuple(_pixels(codec, level, tiles[level]) for level in range(len(LEVELS)))
    return SampleSlide(parameters, tiles, pixels, _record(model))


def _tiles(model: ModelArtifact, level: int) -> tuple[bytes, ...]:
    rows, columns = GRIDS[level]
    tiles = [
        latent_tile(
            model, draw_symbols(model, QUALITY, TILE, TILE, 10 * level + number), QUALITY, 1
        )
        for number in range(rows * columns)
    ]
    if level == 0:
        colour = encode_constant(np.full((TILE, TILE, 3), (200, 30, 90), np.uint8))
        assert colour is not None
        tiles[0], tiles[-1] = encode_white(TILE), colour
    return tuple(tiles)


def _pixels(codec: TileCodec, level: int, tiles: tuple[bytes, ...]) -> NDArray[np.uint8]:
    (rows, columns), (width, height) = GRIDS[level], LEVELS[level]
    decoded = np.stack(codec.decode_tiles(tiles)).reshape(rows, columns, TILE, TILE, 3)
    whole = decoded.swapaxes(1, 2).reshape(rows * TILE, columns * TILE, 3)
    return np.ascontiguousarray(whole[:height, :width])


def sample_model() -> ModelArtifact:
    """Draw the model, embedded parameters with a canary; what is stored of it counts."""
    generator = np.random.default_rng(2030)
    shape = (3 * FACTOR**2, LATENT_CHANNELS, 1, 1)
    weights = {
        "0.weight": (0.3 * generator.standard_normal(shape)).astype(np.float16),
        "0.bias": (0.1 * generator.standard_normal(shape[0])).astype(np.float16),
    }
    synthesis = Transform(SYNTHESIS, weights)
    words = np.arange(-3, 4, dtype=np.float32) / 2
    table = normalize_counts(np.array([1, 4, 9, 12, 9, 4, 1]))[None]
    model = one_rung_model("sample-f4c3", FACTOR, synthesis, (words,) * LATENT_CHANNELS, table)
    return with_canary(model, CANARY_SYMBOLS)


def _record(model: ModelArtifact) -> Json:
    reference: Json = {
        "name": model.name,
        "decoder": model.decoder_id,
        "encoder": model.encoder_id,
        "license": "CC0-1.0",
        "sources": [],
    }
    return {
        "format": "pathae",
        "version": 1,
        "software": "the generator of conformance vectors",
        "model": reference,
        "quality": QUALITY,
        "tile": TILE,
        "levels": [list(size) for size in LEVELS],
        "mpp": list(MPP),
        "magnification": None,
        "source": {"format": "drawn", "compression": None},
        "lossy_history": [{"method": "PathAE", "quality": QUALITY}],
        "research_only": True,
        "intended_use": "research only; not for primary diagnosis",
    }
