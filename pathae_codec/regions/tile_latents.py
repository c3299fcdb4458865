"""Stored tiles -> symbols and latents, without running the decoder network.

Tiles that hold no latent (of one colour, or a fallback) get the one that the model's encoder gives
for their pixels: these, and only these, need the whole model on this machine.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pathae_codec.arrays import Latents, Symbols
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import Tile, unpack_tile
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.codec.tile_codec import TileCodec
from pathae_codec.errors import FieldError, ModelMismatchError
from pathae_codec.geometry import TileIndex
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import dequantize
from pathae_codec.regions.stored_slide import StoredSlide, white_tile


@dataclass(frozen=True)
class TileSymbols:
    """Symbols of a tile.

    Attributes:
        quality: The rung whose codewords they stand for.
        symbols: uint16 (C, h, w).
    """

    quality: int
    symbols: Symbols


def read_tile_symbols(
    slide: StoredSlide, level: int, indices: Sequence[TileIndex]
) -> list[TileSymbols]:
    """Read the symbols of tiles; latent tiles of one quality are decoded together.

    Args:
        slide: Where they are stored.
        level: A level of it.
        indices: On the grid of that level.

    Raises:
        ModelNotFoundError: A tile holds no latent and the encoder is not on this machine.
        FormatError: A tile is damaged.
    """
    codec, quality = codec_for(slide.container.parameters), stored_quality(slide)
    side = slide.container.tile
    step = side // codec.model.factor
    latent: defaultdict[int, dict[int, Tile]] = defaultdict(dict)
    found: dict[int, TileSymbols] = {}
    for number, index in enumerate(indices):
        data = slide.container.tile_bytes(level, index)
        tile = None if data is None else unpack_tile(data)
        if tile and (tile[0].height, tile[0].width) != (side, side):
            raise FieldError(
                f"level {level}, {index}: expected a tile of {side} x {side}, got "
                f"{tile[0].width} x {tile[0].height}"
            )
        if tile and tile[0].mode is Mode.LATENT:
            latent[tile[0].quality][number] = tile
        else:
            pixels = codec.decode_tiles([data])[0] if data else white_tile(side)
            analyzed = _analyze(slide.container.parameters, quality, pixels.tobytes(), side)
            found[number] = TileSymbols(quality, analyzed)
    for rung, tiles in latent.items():
        symbols = codec.decode_tile_symbols(list(tiles.values()))
        for number, values in zip(tiles, symbols, strict=True):
            found[number] = TileSymbols(rung, values.reshape(-1, step, step))
    return [found[number] for number in range(len(indices))]


def read_tile_latents(
    slide: StoredSlide, level: int, indices: Sequence[TileIndex], *, scaled: bool
) -> Latents:
    """Read the latents of tiles; arguments and errors as of `read_tile_symbols`.

    Args:
        slide: See `read_tile_symbols`.
        level: See `read_tile_symbols`.
        indices: See `read_tile_symbols`.
        scaled: As generative models take them, see `_scale`; False gives the codewords, as
            synthesis takes them. Codewords of all qualities stand for the same latents.

    Returns:
        float32 (tiles, C, h, w).
    """
    model = codec_for(slide.container.parameters).model
    tiles = [
        dequantize(
            tile.symbols.reshape(1, tile.symbols.shape[0], -1),
            model.bottlenecks[tile.quality].quantizer,
            *tile.symbols.shape[1:],
        )[0]
        for tile in read_tile_symbols(slide, level, indices)
    ]
    latents = np.stack(tiles)
    if scaled:
        shift, factor = _scale(slide.container.parameters, stored_quality(slide))
        latents -= shift[:, None, None]
        latents *= factor[:, None, None]
    return latents


def stored_quality(slide: StoredSlide) -> int:
    """Return the rung that was asked for when the slide was converted.

    Raises:
        FieldError: The slide record states none that the codec parameters have.
    """
    model = codec_for(slide.container.parameters).model
    quality = slide.container.record.quality
    if quality not in model.bottlenecks:
        raise FieldError(f"record quality: expected one of {model.qualities}, got {quality}")
    return quality


@lru_cache(maxsize=32)
def _analyze(parameters: bytes, quality: int, pixels: bytes, side: int) -> Symbols:
    """Return the symbols that the model's encoder has for a tile of pixels."""
    stored = codec_for(parameters).model
    encoder = _encoder(stored.encoder_id, parameters, quality)
    tile = np.frombuffer(pixels, np.uint8).reshape(1, side, side, 3)
    step = side // stored.factor
    return encoder.analyze_tiles(tile, quality).reshape(-1, step, step)


@lru_cache(maxsize=4)
def _encoder(encoder_id: str, parameters: bytes, quality: int) -> TileCodec:
    model = find_model(encoder_id)
    ours, theirs = codec_for(parameters).model.bottlenecks[quality], model.bottlenecks.get(quality)
    if theirs is None or not _same_codewords(ours, theirs):
        raise ModelMismatchError(
            f"model {model.name}: expected the file's codewords at quality {quality}, got others"
        )
    return TileCodec(model)


def _same_codewords(ours: Bottleneck, theirs: Bottleneck) -> bool:
    pairs = zip(ours.quantizer.codewords, theirs.quantizer.codewords, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@lru_cache(maxsize=8)
def _scale(parameters: bytes, quality: int) -> tuple[Latents, Latents]:
    """Return shift and factor of each channel, float32 (C,): (latent - shift) * factor.

    Those that the model's card states, where generative models were trained on its latents
    (spec: v1, model artifact, section 2). Otherwise mean and inverse standard deviation under the
    mean of the file's frequency tables: a fixed scale for a file, not unit variance of a region.
    """
    model = codec_for(parameters).model
    factor = model.card.get("scaling_factor")
    if not isinstance(factor, int | float):
        return _table_scale(model, quality)
    shift = _channel_figures(model, "latents_mean", "shift_factor", 0)
    spread = _channel_figures(model, "latents_std", "", 1)
    return shift, np.float32(factor) / spread


def _channel_figures(model: ModelArtifact, each: str, one: str, otherwise: float) -> Latents:
    """Return a figure of the card for each channel, stated for each or for all, float32 (C,)."""
    listed, single = model.card.get(each), model.card.get(one)
    shape = model.latent_channels
    if isinstance(listed, list) and [type(v) for v in listed] == [float] * shape:
        return np.array(listed, np.float32)
    return np.full(shape, single if isinstance(single, int | float) else otherwise, np.float32)


def _table_scale(model: ModelArtifact, quality: int) -> tuple[Latents, Latents]:
    bottleneck = model.bottlenecks[quality]
    means, factors = [], []
    for words, tables in zip(
        bottleneck.quantizer.codewords, bottleneck.tables.channels, strict=True
    ):
        shares = tables.mean(0, dtype=np.float64) / tables[0].sum(dtype=np.float64)
        mean = float(shares @ words)
        variance = float(shares @ (words - mean) ** 2)
        means.append(mean)
        # A channel of one symbol does not vary: it is 0 when scaled.
        factors.append((variance or 1.0) ** -0.5)
    return np.array(means, np.float32), np.array(factors, np.float32)
