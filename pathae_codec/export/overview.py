"""A small JPEG pyramid of a source slide, beside what it was converted to."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.container import TIFF_ENDINGS, ZARR_ENDINGS
from pathae_codec.errors import DestinationExistsError
from pathae_codec.export.pyramid import Pyramid
from pathae_codec.export.settings import JPEG_QUALITY, Coding
from pathae_codec.export.tiff import write_tiff
from pathae_codec.geometry import Level, TileIndex, pad_to_tile
from pathae_codec.slide.interface import SlideProperties, SlideReader
from pathae_codec.storage.destination import partial_destination

LONGEST_SIDE = 4096
TILE = 256


def overview_path(destination: Path) -> Path:
    """Return `slide.overview.tif` for `slide.tif`, `slide.ome.zarr`, `slide.ome.tif`."""
    name = destination.name
    for ending in (*TIFF_ENDINGS, *ZARR_ENDINGS, ".ome"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    return destination.with_name(f"{name}.overview.tif")


def check_overview(path: Path, *, overwrite: bool) -> None:
    """Refuse an overview that is there, before any work is done.

    Raises:
        DestinationExistsError: It is, and is not to be replaced.
    """
    if path.exists() and not overwrite:
        raise DestinationExistsError(f"overview {path}: exists; use --overwrite to replace it")


def write_overview(
    slide: SlideReader, properties: SlideProperties, path: Path, *, overwrite: bool
) -> None:
    """Write the overview of a slide, whole or not at all.

    Args:
        slide: Gives the pixels.
        properties: What may be said of it.
        path: Of the TIFF.
        overwrite: Replace what is there.

    Raises:
        SlideReadError: The slide cannot give its pixels.
        EncodingError: See `partial_destination`.
    """
    pyramid = overview_pyramid(slide, properties)
    with partial_destination(path, {"overview": 1}, "TIFF", overwrite=overwrite) as partial:
        if partial is not None:
            write_tiff(partial.container, pyramid, Coding("jpeg", JPEG_QUALITY))


def overview_pyramid(slide: SlideReader, properties: SlideProperties) -> Pyramid:
    """Return the levels of a slide whose longer side is `LONGEST_SIDE` or less.

    Where even the coarsest is larger, there is one level of its block means. The finest level that
    is given is the overview's level 0: microns per pixel and magnification are what they are there.
    """
    sources = [(v, 1) for v in slide.levels if max(v.width, v.height) <= LONGEST_SIDE]
    if not sources:
        last = slide.levels[-1]
        sources = [(last, -(-max(last.width, last.height) // LONGEST_SIDE))]
    finest = sources[0][0].downsample * sources[0][1]
    levels = tuple(
        Level(
            number,
            max(1, source.width // step),
            max(1, source.height // step),
            source.downsample * step / finest,
        )
        for number, (source, step) in enumerate(sources)
    )

    def read(level: Level, indices: Sequence[TileIndex]) -> Iterator[Pixels]:
        source, step = sources[level.index]
        for index in indices:
            x, y = index.column * TILE, index.row * TILE
            width, height = min(TILE, level.width - x), min(TILE, level.height - y)
            area = (x * step, y * step, width * step, height * step)
            blocks = slide.read_region(source.index, *area).reshape(height, step, width, step, 3)
            pixels = (
                np.rint(blocks.mean((1, 3))).astype(np.uint8) if step > 1 else blocks[:, 0, :, 0]
            )
            yield pad_to_tile(pixels, TILE)

    mpp, magnification = properties.mpp, properties.magnification
    return Pyramid(
        levels=levels,
        tile=TILE,
        mpp=(mpp[0] * finest, mpp[1] * finest) if mpp else None,
        magnification=None if magnification is None else magnification / finest,
        icc_profile=properties.icc_profile,
        associated={},
        lossy_history=properties.history,
        read=read,
    )
