"""lazyslide: level 0 from its tiles; and its tissue is that of a TIFF with the same pixels."""

import tempfile
from pathlib import Path

import lazyslide
import numpy as np
from wsidata import WSIData, open_wsi

import pathae_codec
from pathae_codec.arrays import Pixels
from pathae_codec.export import ExportSettings, export_slide

TILE = 256


def read(location: str) -> list[Pixels]:
    pathae_codec.patch_openslide()
    # By itself it takes a slide that is an OME-Zarr for the store of its results.
    slide = open_wsi(location, reader="openslide", store=None)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.tif"
        export_slide(location, exact, ExportSettings(codec="deflate"))
        _compare_tissue(slide, open_wsi(exact, reader="openslide", store=None))
    coarser = [
        np.asarray(slide.read_region(0, 0, width, height, level=level))[..., :3]
        for level, (height, width) in enumerate(slide.properties.level_shape)
    ][1:]
    return [_assemble_tiles(slide), *coarser]


def _compare_tissue(slide: WSIData, exact: WSIData) -> None:
    """Find tissue on both and cut it into tiles: the same contours, places and pixels."""
    for each in (slide, exact):
        # The coarsest level: what it chooses by itself goes with the memory that is free.
        lazyslide.pp.find_tissues(each, level=-1)
        lazyslide.pp.tile_tissues(each, TILE, key_added="tissue_tiles")
    mine, other = slide.shapes["tissues"], exact.shapes["tissues"]
    if len(mine) != len(other) or not mine.geometry.geom_equals(other.geometry).all():
        raise ValueError("lazyslide: tissue differs from that of a TIFF with the same pixels")
    tiles, exact_tiles = _tiles(slide, "tissue_tiles"), _tiles(exact, "tissue_tiles")
    if not tiles or tiles.keys() != exact_tiles.keys():
        raise ValueError("lazyslide: tiles of tissue lie elsewhere, or there are none")
    for place, pixels in tiles.items():
        if not np.array_equal(pixels, exact_tiles[place]):
            raise ValueError(f"lazyslide: the tile of tissue at {place} has other pixels")


def _assemble_tiles(slide: WSIData) -> Pixels:
    """Return level 0 from tiles that cover the slide, those at its borders too."""
    lazyslide.pp.tile_tissues(
        slide, TILE, edge=True, background_filter=False, tissue_key=None, key_added="all_tiles"
    )
    # Without tissue lazyslide leaves out the names that its own iterator asks for.
    slide.shapes["all_tiles"]["tile_id"] = range(len(slide.shapes["all_tiles"]))
    slide.shapes["all_tiles"]["tissue_id"] = 0
    height, width = slide.properties.level_shape[0]
    pixels = np.zeros((height, width, 3), np.uint8)
    for (x, y), tile in _tiles(slide, "all_tiles").items():
        place = pixels[y : y + TILE, x : x + TILE]
        place[...] = tile[: place.shape[0], : place.shape[1]]
    return pixels


def _tiles(slide: WSIData, key: str) -> dict[tuple[int, int], Pixels]:
    return {(tile.x, tile.y): tile.image for tile in slide.iter.tile_images(key)}
