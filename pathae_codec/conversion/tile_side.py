"""The side of a slide's tiles: it follows the source's own where tiles shall be exact."""

from math import lcm

from pathae_codec.bitstream.limits import MAX_TILE_SIDE
from pathae_codec.conversion.settings import DEFAULT_TILE, TIFF_TILE_MULTIPLE, ConvertSettings
from pathae_codec.errors import SettingError
from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.slide.streams import SlideStreams, StreamLevel


def choose_side(settings: ConvertSettings, model: ModelArtifact, streams: SlideStreams) -> int:
    """Return the side of a tile in pixels.

    Without one that is asked for: 512, and where tiles shall be exact the largest side up to that
    which the source's tiles make, or the smallest beyond.

    Raises:
        SettingError: Tiles shall be exact, and the source's do not make one of the side asked for.
    """
    finest = streams.levels.get(0)
    sides = _sides(finest, model.factor) if finest else []
    if settings.tile:
        if settings.lossless and finest and settings.tile not in sides:
            raise SettingError(
                f"tile: expected {', '.join(map(str, sides)) or 'none'}, what the source's tiles "
                f"of {finest.width} x {finest.height} make, got {settings.tile}"
            )
        return settings.tile
    if not settings.wants_exact or not sides:
        return DEFAULT_TILE
    return max((side for side in sides if side <= DEFAULT_TILE), default=sides[0])


def _sides(finest: StreamLevel, factor: int) -> list[int]:
    step = lcm(finest.width, finest.height, factor, TIFF_TILE_MULTIPLE)
    return [side for side in range(step, MAX_TILE_SIDE + 1, step) if not finest.misfit(side)]
