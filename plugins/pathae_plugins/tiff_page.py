"""How the tiles of a TIFF page decode: with the parameters in its file's first IFD.

Spec: v1, section 6.3.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pathae_codec.arrays import Pixels
from pathae_codec.codec.decode_queue import read_later
from pathae_codec.errors import (
    ArtifactError,
    ContainerError,
    FieldError,
    FormatError,
    TileShapeError,
)
from pathae_codec.tiff.tags import NODATA_TAG, PARAMETERS_TAG, RECORD_TAG
from pathae_plugins.forks import with_likelier_cause

if TYPE_CHECKING:
    from tifffile import TiffPage

WHITE = 255


def tile_decoder(page: "TiffPage") -> Callable[[bytes], Pixels]:
    """Return what decodes a tile of a page to uint8 (tile height, tile width, samples).

    From here on, tiles of no bytes, which this package does not write, read as white unless tag
    42113 (GDAL_NODATA) names another value.

    Raises:
        ArtifactError: The file has no codec parameters.
        TileShapeError: The page is not one of tiles of interleaved uint8.
        ContainerError: The page has a size that the slide record does not state.
    """
    parameters = _read_parameters(page)
    _check_size(page)
    shape = _tile_shape(page)
    if NODATA_TAG not in page.tags:
        page.nodata = WHITE

    def decode_tile(data: bytes) -> Pixels:
        try:
            tile = read_later(parameters, data).result()
        except FormatError as error:
            raise with_likelier_cause(error) from None
        if tile.shape != shape:
            raise FieldError(f"TIFF page {page.index}: expected tiles {shape}, got {tile.shape}")
        return tile

    return decode_tile


def _read_parameters(page: "TiffPage") -> bytes:
    value = page.parent.pages.first.tags.valueof(PARAMETERS_TAG)
    if not isinstance(value, bytes):
        raise ArtifactError(
            f"TIFF tag {PARAMETERS_TAG}: expected codec parameters in the first IFD, "
            f"got {value!r:.20}"
        )
    return _intern(value)


@lru_cache(maxsize=8)
def _intern(parameters: bytes) -> bytes:
    """Return one object for equal bytes, so that comparing those of a file's pages is free."""
    return parameters


def _check_size(page: "TiffPage") -> None:
    """Hold a page against the sizes of levels in the record; records of before have none."""
    try:
        record = json.loads(str(page.parent.pages.first.tags.valueof(RECORD_TAG)))
    except ValueError:
        return
    stated = record.get("levels") if isinstance(record, dict) else None
    found = [page.imagewidth, page.imagelength]
    if isinstance(stated, list) and found not in stated:
        raise ContainerError(
            f"TIFF page {page.index}: expected a size of the slide record, {stated!r:.80}, "
            f"got {found}"
        )


def _tile_shape(page: "TiffPage") -> tuple[int, ...]:
    dtype: Any = page.dtype
    if not page.is_tiled or dtype != np.uint8 or page.planarconfig != 1:
        raise TileShapeError(
            f"TIFF page {page.index}: expected tiles of interleaved uint8, got {dtype}, planar "
            f"configuration {int(page.planarconfig)}, {'tiles' if page.is_tiled else 'strips'}"
        )
    return page.tilelength, page.tilewidth, page.samplesperpixel
