"""Regions of latents and symbols, in slide coordinates, without running the decoder network.

Tiles that hold no latent (of one colour, or a fallback) get the one that the model's encoder gives
for their pixels: these, and only these, need the whole model on this machine.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.codec import TileCodec
from pathae_codec.decode_queue import codec_for
from pathae_codec.errors import FieldError, ModelMismatchError, SettingError
from pathae_codec.geometry import TileIndex, grid_shape
from pathae_codec.model.artifact import Bottleneck, ModelArtifact
from pathae_codec.model.library import find_model
from pathae_codec.model.quantizer import dequantize
from pathae_codec.reading.stored_slide import StoredSlide, white_tile

Pixels = NDArray[np.uint8]
Symbols = NDArray[np.uint16]
Latents = NDArray[np.float32]
Pair = tuple[int, int]


def read_symbols(slide: StoredSlide, location: Pair, level: int, size: Pair) -> Symbols:
    """Read the symbols of a region: exact on every machine for latent tiles.

    Args:
        slide: All of its tiles of one quality.
        location: x and y in pixels of level 0, where a latent position of the level begins: the
            pixel of the level nearest to it is a multiple of the model's factor.
        level: A level of the slide.
        size: Width and height in pixels of the level, multiples of the factor.

    Returns:
        uint16 (C, height / factor, width / factor).

    Raises:
        SettingError: No such level, not multiples, or a region that leaves the level's tiles.
        ModelNotFoundError: A tile holds no latent and the encoder is not on this machine.
        FormatError: A tile is damaged.
    """
    codec = codec_for(slide.container.parameters)
    quality = _quality(slide, codec.model)
    factor, side = codec.model.factor, slide.container.tile
    x, y = _latent_corner(slide, location, level, size, factor)
    width, height = size[0] // factor, size[1] // factor
    step = side // factor
    region = np.empty((codec.model.latent_channels, height, width), np.uint16)
    indices = [
        TileIndex(row, column)
        for row in range(y // step, -(-(y + height) // step))
        for column in range(x // step, -(-(x + width) // step))
    ]
    for index, symbols in zip(
        indices, _tile_symbols(slide, codec, quality, level, indices), strict=True
    ):
        top, left = index.row * step, index.column * step
        first_row, first_column = max(y, top), max(x, left)
        last_row, last_column = min(y + height, top + step), min(x + width, left + step)
        region[:, first_row - y : last_row - y, first_column - x : last_column - x] = symbols[
            :, first_row - top : last_row - top, first_column - left : last_column - left
        ]
    return region


def read_latents(
    slide: StoredSlide, location: Pair, level: int, size: Pair, *, scaled: bool = True
) -> Latents:
    """Read the latents of a region; arguments and errors as of `read_symbols`.

    Args:
        slide: See `read_symbols`.
        location: See `read_symbols`.
        level: See `read_symbols`.
        size: See `read_symbols`.
        scaled: Each channel less its mean, divided by its standard deviation, both under the
            file's frequency tables, all sets alike: a fixed scale for a file, not unit variance
            of a region (0.17 to 0.19 was seen on tissue).
            False gives the codewords, as synthesis takes them.

    Returns:
        float32 (C, height / factor, width / factor).
    """
    symbols = read_symbols(slide, location, level, size)
    model = codec_for(slide.container.parameters).model
    bottleneck = model.bottlenecks[_quality(slide, model)]
    flat = symbols.reshape(1, symbols.shape[0], -1)
    latents: Latents = dequantize(flat, bottleneck.quantizer, *symbols.shape[1:])[0]
    if scaled:
        means, deviations = _statistics(slide.container.parameters, _quality(slide, model))
        latents -= means[:, None, None]
        latents /= deviations[:, None, None]
    return latents


def _quality(slide: StoredSlide, model: ModelArtifact) -> int:
    quality = slide.container.record.get("quality")
    if not isinstance(quality, int) or quality not in model.bottlenecks:
        raise FieldError(f"record quality: expected one of {model.qualities}, got {quality!r:.20}")
    return quality


def _latent_corner(slide: StoredSlide, location: Pair, level: int, size: Pair, factor: int) -> Pair:
    if not 0 <= level < len(slide.sizes):
        raise SettingError(f"level: expected 0 to {len(slide.sizes) - 1}, got {level}")
    downsample, side = slide.downsamples[level], slide.container.tile
    corner = tuple(round(position / downsample) for position in location)
    # Positions of level 0 are whole: half of one is as near as they come.
    off = [
        abs(at - position / downsample) > 0.5 / downsample + 1e-6
        for at, position in zip(corner, location, strict=True)
    ]
    if any(off) or any(n % factor for n in (*corner, *size)) or min(size) < factor:
        raise SettingError(
            f"latent region: expected x and y at multiples of {factor * downsample:g} pixels of "
            f"level 0 (rounded) and a size of multiples of {factor}, got {tuple(location)} and "
            f"{tuple(size)}"
        )
    rows, columns = grid_shape(slide.container.levels[level], side)
    ends = (corner[0] + size[0], corner[1] + size[1])
    if min(corner) < 0 or ends[0] > columns * side or ends[1] > rows * side:
        raise SettingError(
            f"latent region: expected one inside the tiles of level {level}, {columns * side} x "
            f"{rows * side} pixels, got {corner} to {ends}"
        )
    return corner[0] // factor, corner[1] // factor


def _tile_symbols(
    slide: StoredSlide, codec: TileCodec, quality: int, level: int, indices: Sequence[TileIndex]
) -> list[Symbols]:
    """Give uint16 (C, h, w) of each tile; latent tiles are decoded together."""
    side = slide.container.tile
    step = side // codec.model.factor
    found: dict[int, Symbols] = {}
    latent, others = {}, {}
    for number, index in enumerate(indices):
        data = slide.container.tile_bytes(level, index)
        tile = None if data is None else unpack_tile(data)
        if data is None or tile is None:
            others[number] = white_tile(side)
        elif tile[0].mode is not Mode.LATENT:
            (others[number],) = codec.decode_tiles([data])
        elif (tile[0].height, tile[0].width, tile[0].quality) != (side, side, quality):
            raise FieldError(
                f"level {level}, {index}: expected a tile of {side} x {side} at quality "
                f"{quality}, got {tile[0].width} x {tile[0].height} at {tile[0].quality}"
            )
        else:
            latent[number] = tile
    if latent:
        decoded = codec.decode_tile_symbols(list(latent.values()))
        found |= dict(zip(latent, decoded.reshape(len(latent), -1, step, step), strict=True))
    for number, pixels in others.items():
        found[number] = _analyze(slide.container.parameters, quality, pixels.tobytes(), side)
    return [found[number] for number in range(len(indices))]


@lru_cache(maxsize=32)
def _analyze(parameters: bytes, quality: int, pixels: bytes, side: int) -> Symbols:
    """Give the symbols that the model's encoder has for a tile of pixels."""
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
def _statistics(parameters: bytes, quality: int) -> tuple[Latents, Latents]:
    """Give mean and standard deviation of each channel under the mean of its tables."""
    bottleneck = codec_for(parameters).model.bottlenecks[quality]
    means, deviations = [], []
    for words, tables in zip(
        bottleneck.quantizer.codewords, bottleneck.tables.channels, strict=True
    ):
        shares = tables.mean(0, dtype=np.float64) / tables[0].sum(dtype=np.float64)
        mean = float(shares @ words)
        variance = float(shares @ (words - mean) ** 2)
        means.append(mean)
        # A channel of one symbol does not vary: it is 0 when scaled.
        deviations.append(variance**0.5 or 1.0)
    return np.array(means, np.float32), np.array(deviations, np.float32)
