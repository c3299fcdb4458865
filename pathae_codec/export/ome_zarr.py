"""Plain OME-Zarr 0.5 in a codec that every zarr 3 has: no plugin of ours reads it.

Chunks are tiles, in shards of 8 x 8; white ones are left out, since the fill value is white.
Magnification, ICC profile and lossy history have no place in OME-Zarr: they are in the group's
attribute `pathae_export`.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.export.pyramid import Progress, Pyramid
from pathae_codec.export.settings import Coding
from pathae_codec.geometry import Level, TileIndex, grid_shape
from pathae_codec.ome_zarr.metadata import AXES, WHITE, group_attributes

if TYPE_CHECKING:
    from zarr.abc.codec import BytesBytesCodec

SHARD_TILES = 8


def write_ome_zarr(
    path: Path, pyramid: Pyramid, coding: Coding, progress: Progress | None = None
) -> None:
    """Write an OME-Zarr group with a level an array, and the associated images below it."""
    import zarr

    extra = {
        "magnification": pyramid.magnification,
        "lossy_history": [step.as_json() for step in pyramid.lossy_history],
        "icc_profile": base64.b64encode(pyramid.icc_profile or b"").decode() or None,
    }
    attributes = group_attributes(pyramid.levels, pyramid.mpp, "0.5", pathae_export=extra)
    root = zarr.open_group(path, mode="w", zarr_format=3, attributes=attributes)
    done = 0
    for level in pyramid.levels:
        array = _create_level(root, pyramid, level, coding)
        for shard in _shards(level, pyramid.tile):
            top, left = shard[0].row * pyramid.tile, shard[0].column * pyramid.tile
            pixels = _join(pyramid, level, shard)
            array[:, top : top + pixels.shape[1], left : left + pixels.shape[2]] = pixels
            done += len(shard)
            if progress:
                progress(done, pyramid.total)
    for name, image in pyramid.associated.items():
        planes = np.ascontiguousarray(np.moveaxis(image, 2, 0))
        root.create_array(
            f"associated/{name}",
            data=planes,
            chunks=planes.shape,
            compressors=_compressor(coding),
            dimension_names=AXES,
        )


def _create_level(root: Any, pyramid: Pyramid, level: Level, coding: Coding) -> Any:  # noqa: ANN401
    rows, columns = (min(n, SHARD_TILES) for n in grid_shape(level, pyramid.tile))
    return root.create_array(
        str(level.index),
        shape=(3, level.height, level.width),
        dtype="uint8",
        chunks=(3, pyramid.tile, pyramid.tile),
        shards=(3, rows * pyramid.tile, columns * pyramid.tile),
        compressors=_compressor(coding),
        fill_value=WHITE,
        dimension_names=AXES,
    )


def _compressor(coding: Coding) -> "BytesBytesCodec":
    from zarr.codecs import BloscCodec, ZstdCodec

    if coding.codec == "blosc":
        return BloscCodec(cname="zstd", clevel=5, shuffle="noshuffle")
    return ZstdCodec(level=5)


def _shards(level: Level, tile: int) -> Iterator[list[TileIndex]]:
    rows, columns = grid_shape(level, tile)
    for top in range(0, rows, SHARD_TILES):
        for left in range(0, columns, SHARD_TILES):
            yield [
                TileIndex(row, column)
                for row in range(top, min(top + SHARD_TILES, rows))
                for column in range(left, min(left + SHARD_TILES, columns))
            ]


def _join(pyramid: Pyramid, level: Level, shard: list[TileIndex]) -> Pixels:
    """Put the tiles of a shard together: uint8 (3, h, w), what is on the level of it."""
    side, first, last = pyramid.tile, shard[0], shard[-1]
    height = min(level.height, (last.row + 1) * side) - first.row * side
    width = min(level.width, (last.column + 1) * side) - first.column * side
    joined = np.empty((3, height, width), np.uint8)
    for index, tile in zip(shard, pyramid.read(level, shard), strict=True):
        y, x = (index.row - first.row) * side, (index.column - first.column) * side
        part = joined[:, y : y + side, x : x + side]
        part[...] = np.moveaxis(tile[: part.shape[1], : part.shape[2]], 2, 0)
    return joined
