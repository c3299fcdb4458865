"""Tiles that the server decodes, as PNG: the page shows the very pixels."""

import imagecodecs

from pathae_codec.errors import SettingError
from pathae_codec.slide.interface import SlideReader

_LEVEL = 1
"""Of deflate: on one machine, time counts and bytes do not."""


def tile_picture(reader: SlideReader, tile: int, level: int, row: int, column: int) -> bytes:
    """Return a tile of a slide as PNG; at the border what lies on the level alone.

    Raises:
        SettingError: There is no such tile.
        SlideError, FormatError: It cannot be read.
    """
    if level >= len(reader.levels):
        raise SettingError(f"level: expected 0 to {len(reader.levels) - 1}, got {level}")
    width, height = reader.levels[level].width, reader.levels[level].height
    left, top = column * tile, row * tile
    if left >= width or top >= height:
        raise SettingError(f"tile {level}/{row}/{column}: expected one of the grid")
    pixels = reader.read_region(level, left, top, min(tile, width - left), min(tile, height - top))
    return bytes(imagecodecs.png_encode(pixels, level=_LEVEL))
