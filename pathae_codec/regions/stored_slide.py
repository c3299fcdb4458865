"""A stored slide: container -> tiles -> regions of pixels, with the tiles that were read last."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import lru_cache

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.codec.decode_queue import decode_later
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FieldError, SlideReadError
from pathae_codec.geometry import TileIndex, grid_downsample
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.placement import interpolate, place_span

Size = tuple[int, int]
WHITE = 255
TILES_IN_FLIGHT = 64
"""Tiles that wait for the decoder at once: one of its batches, and a bound on memory."""


class StoredSlide:
    """Regions of a slide that lies in a container. Safe to read from several threads.

    Args:
        container: Stays open as long as this is used.
        parameters: What the tiles are decoded with: the container's, or those of `with_decoder`.
        cache: May be shared.
        realism: At which they are decoded; None for the one that the parameters state.
    """

    def __init__(
        self,
        container: ContainerReader,
        parameters: bytes,
        cache: TileCache,
        realism: float | None = None,
    ) -> None:
        self.container = container
        self.parameters = parameters
        self.cache = cache
        self.realism = realism
        self._identity = object()
        sizes = tuple((level.width, level.height) for level in container.levels)
        self.sizes: tuple[Size, ...] = sizes
        """Width and height of each level."""
        self.downsamples = tuple(grid_downsample(sizes[0], size) for size in sizes)
        """By the sizes, as OpenSlide has them; what the container states may be more exact."""

    def read_rgba(self, location: tuple[int, int], level: int, size: Size) -> Pixels:
        """Read a region as OpenSlide does: uint8 (height, width, 4), transparent outside.

        Args:
            location: x and y in pixels of level 0; may be negative.
            level: A level that is not there gives an empty region.
            size: Width and height in pixels of the level.

        Raises:
            SlideReadError: A negative size.
            FormatError, ModelError: A tile does not decode.
        """
        width, height = size
        if width < 0 or height < 0:
            raise SlideReadError(f"region size: expected 0 or more, got {width} x {height}")
        region = np.zeros((height, width, 4), np.uint8)
        if not 0 <= level < len(self.sizes):
            return region
        downsample = self.downsamples[level]
        across = place_span(location[0], downsample, width)
        down = place_span(location[1], downsample, height)
        part = region[down.skip :, across.skip :]
        if across.shift or down.shift:
            grown = (across.count + 1, down.count + 1)
            pixels = self._read_inside(level, across.start, down.start, *grown)
            part[...] = interpolate(pixels, across, down)
        else:
            pixels = self._read_inside(level, across.start, down.start, across.count, down.count)
            part[: pixels.shape[0], : pixels.shape[1], :3] = pixels
            part[: pixels.shape[0], : pixels.shape[1], 3] = 255
        return region

    def read_array(self, location: tuple[int, int], level: int, size: Size) -> Pixels:
        """Read a region without alpha: uint8 (height, width, 3), white outside the slide.

        The same pixels as `read_rgba` over white; arguments and errors are the same.
        """
        width, height = size
        if min(size) >= 0 and 0 <= level < len(self.sizes):
            downsample = self.downsamples[level]
            across = place_span(location[0], downsample, width)
            down = place_span(location[1], downsample, height)
            if not (across.shift or down.shift):
                region = np.full((height, width, 3), WHITE, np.uint8)
                part = region[down.skip :, across.skip :]
                counts = (across.count, down.count)
                pixels = self._read_inside(level, across.start, down.start, *counts)
                part[: pixels.shape[0], : pixels.shape[1]] = pixels
                return region
        rgba = self.read_rgba(location, level, size).astype(np.uint16)
        alpha = rgba[..., 3:]
        over = rgba[..., :3] * alpha + WHITE * (255 - alpha)
        return ((over + 127) // 255).astype(np.uint8)

    def read_level(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read uint8 (height, width, 3), all of it inside the level, in pixels of that level.

        Raises:
            FormatError, ModelError: A tile does not decode.
        """
        return self._read_inside(level, x, y, width, height)

    def read_tiles(self, level: int, indices: Sequence[TileIndex]) -> Iterator[Pixels]:
        """Return decoded tiles, uint8 (tile, tile, 3), padded, in the order asked for."""
        waiting: deque[tuple[TileIndex, Pixels | Future[Pixels]]] = deque()
        for index, tile in zip(indices, self._fetch(level, indices), strict=True):
            waiting.append((index, tile))
            if len(waiting) > TILES_IN_FLIGHT:
                yield self._finish(level, *waiting.popleft())
        while waiting:
            yield self._finish(level, *waiting.popleft())

    def _read_inside(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Read what of a region lies inside the level, which begins at or after its corner."""
        right, bottom = self.sizes[level]
        right, bottom = min(right, x + width), min(bottom, y + height)
        if right <= x or bottom <= y:
            return np.empty((0, 0, 3), np.uint8)
        tile, region = self.container.tile, np.empty((bottom - y, right - x, 3), np.uint8)
        indices = [
            TileIndex(row, column)
            for row in range(y // tile, -(-bottom // tile))
            for column in range(x // tile, -(-right // tile))
        ]
        for index, pixels in zip(indices, self.read_tiles(level, indices), strict=True):
            top, left = index.row * tile, index.column * tile
            first_row, first_column = max(y, top), max(x, left)
            last_row, last_column = min(bottom, top + tile), min(right, left + tile)
            region[first_row - y : last_row - y, first_column - x : last_column - x] = pixels[
                first_row - top : last_row - top, first_column - left : last_column - left
            ]
        return region

    def _fetch(
        self, level: int, indices: Sequence[TileIndex]
    ) -> Iterator["Pixels | Future[Pixels]"]:
        # Over a network many tiles are asked for together, from a disk each when it is its turn.
        step = TILES_IN_FLIGHT if self.container.remote else 1
        for first in range(0, len(indices), step):
            batch = indices[first : first + step]
            held = {index: self.cache.get((self._identity, level, index)) for index in batch}
            missing = [index for index in batch if held[index] is None]
            read = dict(zip(missing, self.container.tiles_bytes(level, missing), strict=True))
            for index in batch:
                pixels = held[index]
                yield self._start(read[index]) if pixels is None else pixels

    def _start(self, data: bytes | None) -> "Pixels | Future[Pixels]":
        if data is None:
            return white_tile(self.container.tile)
        return decode_later(self.parameters, data, self.realism)

    def _finish(self, level: int, index: TileIndex, tile: "Pixels | Future[Pixels]") -> Pixels:
        if not isinstance(tile, Future):
            return tile
        pixels, side = tile.result(), self.container.tile
        if pixels.shape != (side, side, 3):
            raise FieldError(
                f"level {level}, {index}: expected a tile of {side} x {side} x 3, "
                f"got {pixels.shape}"
            )
        self.cache.put((self._identity, level, index), pixels)
        return pixels


@lru_cache(maxsize=4)
def white_tile(side: int) -> Pixels:
    """Return the tile that one that is left out stands for; not to be written to."""
    pixels = np.full((side, side, 3), WHITE, np.uint8)
    pixels.flags.writeable = False
    return pixels
