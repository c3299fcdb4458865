"""Label, macro and thumbnail as far as they come along."""

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.limits import MAX_TILE_SIDE
from pathae_codec.slide.interface import SlideReader

THUMBNAIL_SIDE = 512
KEEPABLE = ("label", "macro")


def associated_images(slide: SlideReader, keep: frozenset[str]) -> dict[str, Pixels]:
    """Return a thumbnail and what else is to be kept, uint8 (H, W, 3).

    The thumbnail is drawn anew: a source's own may show the label.
    """
    kept = {name: slide.associated_images().get(name) for name in KEEPABLE if name in keep}
    images = {name: _shrink_to_tile(image) for name, image in kept.items() if image is not None}
    return {"thumbnail": _draw_thumbnail(slide), **images}


def _shrink_to_tile(image: Pixels) -> Pixels:
    """Leave out rows and columns of an associated image until it fits a tile's largest side."""
    step = -(-max(image.shape) // MAX_TILE_SIDE)
    return image[::step, ::step]


def _draw_thumbnail(slide: SlideReader) -> Pixels:
    """Shrink the coarsest level by block means, a strip at a time: (h, w, 3), sides to 512."""
    level = slide.levels[-1]
    step = -(-max(level.width, level.height) // THUMBNAIL_SIDE)
    width, height = max(1, level.width // step), max(1, level.height // step)
    used = (min(width * step, level.width), min(step, level.height))
    rows = [
        slide.read_region(level.index, 0, row * step, *used)
        .reshape(used[1], width, -1, 3)
        .mean((0, 2))
        for row in range(height)
    ]
    return np.stack(rows).round().astype(np.uint8)
