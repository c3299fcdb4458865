"""Tiles that a reader must decode: constant ones, latent ones, fallbacks."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from format_spec.v1.vectors.branches_model import QUALITY as BRANCHES_QUALITY
from format_spec.v1.vectors.edge_model import EDGE_ALPHABETS, SETS
from format_spec.v1.vectors.latent_tile import QUALITY, draw_symbols, latent_tile
from format_spec.v1.vectors.vector import (
    BRANCHES_MODEL,
    MODEL,
    PRECISE_MODEL,
    SETS_MODEL,
    SYMBOLS_MODEL,
    Files,
    Vector,
    case_file,
    npy_file,
)
from pathae_codec.bitstream.constant import encode_constant
from pathae_codec.bitstream.fallback import encode_fallback
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.model.artifact import ModelArtifact

PEAK_ERROR, RMS_ERROR = 2, 0.5


def valid_cases(
    model: ModelArtifact, edges: ModelArtifact, sets: ModelArtifact
) -> Iterator[Vector]:
    """Return the vectors of `valid/`."""
    yield from _constants()
    yield from _latents(model)
    yield from _edges(edges)
    yield from _table_sets(sets)
    yield from _fallbacks()


def _valid(name: str, files: Files, *, free: bool = False, **case: object) -> Vector:
    files = files | {"case.json": case_file(**case)}
    return Vector(f"valid/{name}", files, free)


def _constants() -> Iterator[Vector]:
    shapes = {
        "white": ((255, 255, 255), 16, 24),
        "colour": ((200, 30, 90), 8, 8),
        "gray": ((127,), 5, 3),
        "gray-alpha": ((127, 0), 1, 1),
        "rgba": ((1, 2, 3, 4), 2, 7),
    }
    for name, (colour, height, width) in shapes.items():
        pixels = np.tile(np.array(colour, np.uint8), (height, width, 1))
        tile = encode_constant(pixels)
        assert tile is not None
        yield _valid(
            f"constant-{name}",
            {"tile.pae": tile, "pixels.npy": npy_file(pixels)},
            tests=f"a constant tile of {len(colour)} channels, {width} x {height}",
            rules=["R-3.3-length", "R-3.3-exact", "R-8-within"],
            rms_error=0,
            peak_error=0,
        )


def _latents(model: ModelArtifact) -> Iterator[Vector]:
    codec = TileCodec(model)
    sizes = {
        "8x8-lanes1": (8, 8, 1),
        "8x8-lanes4": (8, 8, 4),
        "16x24-lanes1": (16, 24, 1),
        "16x24-lanes2": (16, 24, 2),
        "32x32-lanes1": (32, 32, 1),
        "32x32-lanes2": (32, 32, 2),
        "32x32-lanes8": (32, 32, 8),
        "64x64-lanes256": (64, 64, 256),
    }
    for seed, (name, (height, width, lanes)) in enumerate(sizes.items()):
        symbols = draw_symbols(model, QUALITY, height, width, seed)
        yield latent_vector(
            codec, name, symbols, QUALITY, lanes, "symbols drawn by their frequencies"
        )
    alphabets = [t.shape[1] for t in model.bottlenecks[20].tables.channels]
    middle = np.array([a // 2 for a in alphabets], np.uint16)
    for name, value, tests in [
        ("all-likeliest", middle, "the likeliest symbol everywhere: the fewest words"),
        ("all-zero", np.zeros_like(middle), "symbol 0 everywhere, one of the rarest"),
        ("all-last", np.array(alphabets, np.uint16) - 1, "the last symbol of each alphabet"),
    ]:
        symbols = np.tile(value[:, None, None], (1, 2, 3))
        yield latent_vector(codec, name, symbols, 20, 2, tests)


def _edges(model: ModelArtifact) -> Iterator[Vector]:
    codec = TileCodec(model)
    last = np.array(EDGE_ALPHABETS, np.uint16) - 1
    for name, shape, lanes in [("one-position", (1, 1), 1), ("more-lanes", (3, 5), 16)]:
        symbols = np.tile(last[:, None, None], (1, *shape))
        yield latent_vector(
            codec,
            f"alphabets-{name}",
            symbols,
            0,
            lanes,
            "alphabets of 1, 2, 3 and 4096",
            SYMBOLS_MODEL,
        )
    # Wide enough that each of two lanes holds as many symbols of a channel as it may.
    symbols = np.tile((np.array(EDGE_ALPHABETS, np.uint16) // 2)[:, None, None], (1, 64, 128))
    tests = "4096 symbols of a channel in each lane"
    yield latent_vector(codec, "lane-full", symbols, 0, 2, tests, SYMBOLS_MODEL)


def _table_sets(model: ModelArtifact) -> Iterator[Vector]:
    codec = TileCodec(model)
    for table_set in range(SETS):
        symbols = draw_symbols(model, 0, 64, 40, table_set, table_set)
        tests = f"symbols drawn by the frequencies of table set {table_set}"
        name = f"table-set-{table_set}"
        yield latent_vector(codec, name, symbols, 0, 4, tests, SETS_MODEL, table_set)


def branches_cases(model: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `valid/` whose decoder normalizes over the tile."""
    codec = TileCodec(model)
    for seed, (name, height, width) in enumerate([("one", 4, 4), ("wide", 24, 64)]):
        symbols = draw_symbols(model, BRANCHES_QUALITY, height, width, seed)
        tests = "a decoder of the layers of published autoencoders, tile-global"
        name = f"branches-{name}"
        yield latent_vector(codec, name, symbols, BRANCHES_QUALITY, 2, tests, BRANCHES_MODEL)


def precise_cases(model: ModelArtifact) -> Iterator[Vector]:
    """Return the vectors of `valid/` in which what is easily overlooked shows."""
    codec = TileCodec(model)
    for seed, (name, height, width) in enumerate([("one", 2, 2), ("wide", 16, 24)]):
        symbols = draw_symbols(model, QUALITY, height, width, seed)
        tests = "epsilon of the group normalization, kernel 5, float16's subnormals"
        yield latent_vector(codec, f"precise-{name}", symbols, QUALITY, 1, tests, PRECISE_MODEL)


def latent_vector(
    codec: TileCodec,
    name: str,
    symbols: NDArray[np.uint16],
    quality: int,
    lanes: int,
    tests: str,
    parameters: str = MODEL,
    table_set: int = 0,
    rules: Sequence[str] = (),
    **stated: object,
) -> Vector:
    """Return a latent tile with its symbols, and its pixels where there is a decoder.

    Args:
        codec: Of the parameters.
        name: Of the folder, behind `latent-`.
        symbols: (channels, h, w).
        quality: Of the tile.
        lanes: Of the tile.
        tests: What it is for.
        parameters: Their file.
        table_set: Of the tile.
        rules: Those it is for, beside the rules of every latent tile.
        stated: More keys of the case.
    """
    model = codec.model
    tile = latent_tile(model, symbols, quality, lanes, table_set)
    files = {"tile.pae": tile, "symbols.npy": npy_file(symbols)}
    named = ["R-4.1-integers", "R-4.2-rest", "R-7.1-symbols", "R-8-within"]
    case: dict[str, Any] = {"symbols_sha256": sha256(symbols.astype("<u2").tobytes()).hexdigest()}
    if model.synthesis:
        files["pixels.npy"] = npy_file(codec.decode_tiles([tile])[0])
        named += ["R-5-codeword", "R-7.2-peak"]
        case |= {"rms_error": RMS_ERROR, "peak_error": PEAK_ERROR}
    if model.tile_global:
        named += ["R-model-tile-global", "R-model-layers"]
    return _valid(
        f"latent-{name}",
        files,
        tests=f"{tests}; {lanes} lanes",
        model=parameters,
        rules=[*named, *rules],
        **case,
        **stated,
    )


def _fallbacks() -> Iterator[Vector]:
    generator = np.random.default_rng(11)
    for channels, height, width in [
        (1, 8, 8),
        (2, 8, 8),
        (3, 8, 8),
        (4, 8, 8),
        (3, 1, 5),
        (1, 3, 1),
    ]:
        pixels = generator.integers(0, 256, (height, width, channels), np.uint8)
        yield _valid(
            f"fallback-lossless-{channels}x{height}x{width}",
            {"tile.pae": encode_fallback(pixels), "pixels.npy": npy_file(pixels)},
            free=True,
            tests=f"lossless JPEG XL, {channels} channels, {width} x {height}",
            rules=["R-3.5-image", "R-8-within"],
            rms_error=0,
            peak_error=0,
        )
