"""Files -> bytes: a container that was written before, opened for its tiles and its record."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pathae_codec.container.storage import Location, find_storage
from pathae_codec.errors import NotPathAEError
from pathae_codec.geometry import Level, TileIndex

Pixels = NDArray[np.uint8]


class ContainerReader(Protocol):
    """A container being read. Safe to read from several threads, holds no open file.

    Attributes:
        location: Path or URL that it was opened by.
        kind: `tiff`, `zarr3` or `zarr2`.
        remote: Each read of bytes is a request.
        levels: The pyramid, finest first, with the downsamples that the container states.
        tile: Side of a tile in pixels.
        record: The slide record, without the ICC profile. Spec: v1, section 6.
        parameters: Codec parameters as bytes.
        icc_profile: None where there is none.
        associated: Width and height of each associated image, by its name.
    """

    location: str
    kind: str
    remote: bool
    levels: tuple[Level, ...]
    tile: int
    record: Mapping[str, Any]
    parameters: bytes
    icc_profile: bytes | None
    associated: Mapping[str, tuple[int, int]]

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; None for one that is left out, which is white.

        Raises:
            TruncatedError: The container ends before the tile does.
            OSError: The storage cannot be read.
        """
        ...

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles, with as few requests as where they lie allows; see `tile_bytes`."""
        ...

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image, uint8 (H, W, 3).

        Raises:
            FormatError: Its bytes are damaged.
        """
        ...


def open_container(location: Location) -> ContainerReader:
    """Open a PathAE TIFF or OME-Zarr at a path or URL.

    Raises:
        SlideNotFoundError: There is nothing at a local path.
        NotPathAEError: It is something else.
        FormatError: It breaks a rule of its binding.
        BackendUnavailableError: A URL, and fsspec or what it needs is not installed.
    """
    storage = find_storage(location)
    name = str(location)
    try:
        if storage.is_folder():
            from pathae_codec.container.ome_zarr_reader import OmeZarrReader

            return OmeZarrReader(storage, name)
        from pathae_codec.container.tiff_reader import TiffReader

        return TiffReader(storage, name)
    except FileNotFoundError as error:
        raise not_pathae(name) from error


def not_pathae(location: str) -> NotPathAEError:
    """Give the error for a file that is none of ours."""
    return NotPathAEError(
        f"file {location}: expected a PathAE slide record, found none; "
        "pathae convert makes such files from slides"
    )


def grid_downsample(finest: tuple[int, int], size: tuple[int, int]) -> float:
    """Give a level's downsample from its size, the mean of both sides' ratios, as OpenSlide does.

    Args:
        finest: Width and height of level 0.
        size: Width and height of the level.
    """
    return (finest[0] / size[0] + finest[1] / size[1]) / 2


def settle_downsample(stated: float, finest: tuple[int, int], size: tuple[int, int]) -> float:
    """Give a stated downsample, freed of what its rational or decimal form has rounded away."""
    for exact in (grid_downsample(finest, size), round(stated)):
        if abs(stated - exact) < 1e-5 * stated:
            return float(exact)
    return stated
