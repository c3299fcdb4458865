"""Regions of latents and symbols, in slide coordinates, without running the decoder network."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pathae_codec.arrays import Latents, Symbols
from pathae_codec.codec.decode_queue import codec_for
from pathae_codec.errors import SettingError
from pathae_codec.geometry import TileIndex, grid_shape
from pathae_codec.regions.stored_slide import StoredSlide
from pathae_codec.regions.tile_latents import read_tile_latents, read_tile_symbols, stored_quality

Pair = tuple[int, int]
Value = TypeVar("Value", np.uint16, np.float32)


def read_symbols(slide: StoredSlide, location: Pair, level: int, size: Pair) -> Symbols:
    """Read the symbols of a region: exact on every machine for latent tiles.

    Args:
        slide: All of the region's tiles of one quality.
        location: x and y in pixels of level 0, where a latent position of the level begins: the
            pixel of the level nearest to it is a multiple of the model's factor.
        level: A level of the slide.
        size: Width and height in pixels of the level, multiples of the factor.

    Returns:
        uint16 (C, height / factor, width / factor).

    Raises:
        SettingError: No such level, not multiples, a region that leaves the level's tiles, or one
            with tiles of several qualities (a floor was set), whose symbols mean different things.
        ModelNotFoundError: A tile holds no latent and the encoder is not on this machine.
        FormatError: A tile is damaged.
    """
    corner = _latent_corner(slide, location, level, size)
    indices = _touched(slide, corner, size)
    tiles = read_tile_symbols(slide, level, indices)
    qualities = sorted({tile.quality for tile in tiles})
    if len(qualities) > 1:
        raise SettingError(
            f"symbols: expected tiles of quality {stored_quality(slide)} alone, got {qualities}; "
            "read_latents takes them together"
        )
    return _join(slide, indices, [tile.symbols for tile in tiles], corner, size)


def read_latents(
    slide: StoredSlide, location: Pair, level: int, size: Pair, *, scaled: bool = True
) -> Latents:
    """Read the latents of a region.

    Args:
        slide: Its tiles may have several qualities.
        location: See `read_symbols`.
        level: See `read_symbols`.
        size: See `read_symbols`.
        scaled: By the scaling factor that the model's card states; without one, each channel less
            its mean, divided by its standard deviation, both under the file's frequency tables: a
            fixed scale for a file, not unit variance of a region (0.17 to 0.19 was seen on
            tissue). False gives the codewords, as synthesis takes them.

    Returns:
        float32 (C, height / factor, width / factor).

    Raises:
        SettingError, ModelNotFoundError, FormatError: As `read_symbols`, several qualities aside.
    """
    corner = _latent_corner(slide, location, level, size)
    indices = _touched(slide, corner, size)
    tiles = read_tile_latents(slide, level, indices, scaled=scaled)
    return _join(slide, indices, list(tiles), corner, size)


def _latent_corner(slide: StoredSlide, location: Pair, level: int, size: Pair) -> Pair:
    """Return column and row of the first latent position."""
    factor = codec_for(slide.container.parameters).model.factor
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


def _touched(slide: StoredSlide, corner: Pair, size: Pair) -> list[TileIndex]:
    """Return the tiles of a region of latent positions."""
    factor = codec_for(slide.container.parameters).model.factor
    step = slide.container.tile // factor
    (left, right), (top, bottom) = (
        (start, start + length // factor) for start, length in zip(corner, size, strict=True)
    )
    return [
        TileIndex(row, column)
        for row in range(top // step, -(-bottom // step))
        for column in range(left // step, -(-right // step))
    ]


def _join(
    slide: StoredSlide,
    indices: Sequence[TileIndex],
    tiles: Sequence[NDArray[Value]],
    corner: Pair,
    size: Pair,
) -> NDArray[Value]:
    """Cut a region out of its tiles, each (C, step, step)."""
    factor = codec_for(slide.container.parameters).model.factor
    step = slide.container.tile // factor
    (x, y), (width, height) = corner, (side // factor for side in size)
    region = np.empty((tiles[0].shape[0], height, width), tiles[0].dtype)
    for index, tile in zip(indices, tiles, strict=True):
        top, left = index.row * step, index.column * step
        first_row, first_column = max(y, top), max(x, left)
        last_row, last_column = min(y + height, top + step), min(x + width, left + step)
        region[:, first_row - y : last_row - y, first_column - x : last_column - x] = tile[
            :, first_row - top : last_row - top, first_column - left : last_column - left
        ]
    return region
