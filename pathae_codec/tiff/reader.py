"""A PathAE TIFF being read: directories once, tiles by their offsets. Spec: v1, TIFF binding."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pathae_codec.bitstream.limits import (
    MAX_ASSOCIATED_PIXELS,
    MAX_PARAMETERS_BYTES,
    MAX_TILE_BYTES,
)
from pathae_codec.errors import ContainerError, FormatError, PayloadError, TruncatedError
from pathae_codec.geometry import Level, TileIndex, grid_shape, settle_downsample
from pathae_codec.record.checks import not_pathae
from pathae_codec.storage.location import Storage, check_unchanged
from pathae_codec.storage.positioned_file import SeekedFile
from pathae_codec.storage.ranges import ByteRange, read_ranges
from pathae_codec.tiff.directory import TiffDirectory, read_directories
from pathae_codec.tiff.levels import (
    X_RESOLUTION_TAG,
    description,
    icc_profile,
    image_size,
    level_directories,
    tiff_levels,
    tiff_record,
    tile_places,
)
from pathae_codec.tiff.tags import COMPRESSION, COMPRESSION_TAG, PARAMETERS_TAG, RECORD_TAG

if TYPE_CHECKING:
    from tifffile import TiffPage

Pixels = NDArray[np.uint8]
ASSOCIATED = ("thumbnail", "label", "macro")


class TiffReader:
    """See `ContainerReader`."""

    kind = "tiff"

    def __init__(self, storage: Storage, location: str) -> None:
        self.location = location
        self.remote = storage.remote
        self._storage = storage
        self._identity = storage.identify("")
        with storage.open("") as opened:
            file = SeekedFile(opened, location)
            directories = list(_our_directories(file, location))
            first, pages = directories[0], level_directories(directories)
            self.record = tiff_record(first)
            self.parameters = first.content(PARAMETERS_TAG, MAX_PARAMETERS_BYTES)
            self.icc_profile = icc_profile(first)
            self.tile = self.record.tile
            levels = tiff_levels(pages, self.record)
            scaled = self.record.mpp is not None
            self.levels = tuple(_with_downsamples(levels, pages)) if scaled else levels
            self._places = [
                tile_places(page, level, self.tile, file.size)
                for page, level in zip(pages, levels, strict=True)
            ]
            named = _name_associated(directories)
            self._pages = {name: directory.place for name, directory in named.items()}
            self.associated: Mapping[str, tuple[int, int]] = {
                name: image_size(directory) for name, directory in sorted(named.items())
            }
        self._check_unchanged()

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        places = [self.tile_place(level, index) for index in indices]
        tiles = read_ranges(
            self._storage, [ByteRange("", start, start + count) for start, count in places]
        )
        self._check_unchanged()
        for index, (_, count), data in zip(indices, places, tiles, strict=True):
            if data is None or len(data) != count:
                raise TruncatedError(
                    f"TIFF level {level}, {index}: expected {count} bytes, got {len(data or b'')}"
                )
        return tiles

    def tile_place(self, level: int, index: TileIndex) -> tuple[int, int]:
        """Return offset and bytes of a tile in the file.

        Raises:
            TruncatedError: The directory states too few tiles.
            ContainerError: It states more bytes than a tile can have.
        """
        number = index.row * grid_shape(self.levels[level], self.tile)[1] + index.column
        places = self._places[level]
        if number >= len(places):
            raise TruncatedError(f"TIFF level {level}: expected tile {number}, got {len(places)}")
        start, count = places[number].tolist()
        if count > MAX_TILE_BYTES:
            raise ContainerError(
                f"TIFF level {level}, tile {number}: expected {MAX_TILE_BYTES} bytes at most, "
                f"got {count}"
            )
        return start, count

    def stored_sizes(self, level: int) -> NDArray[np.int64]:
        """Return the bytes of each tile; see `ContainerReader.stored_sizes`."""
        return self._places[level][:, 1].reshape(grid_shape(self.levels[level], self.tile))

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        from tifffile import TiffFile

        with self._storage.open("") as file:
            # imagecodecs and tifffile have errors of their own for each codec.
            try:
                page = TiffFile(file).pages[self._pages[name]].aspage()
                _check_image(page, name)
                pixels = page.asarray()
            except PayloadError:
                raise
            except Exception as error:
                raise PayloadError(f"TIFF {name}: does not decode: {error}") from error
        self._check_unchanged()
        if pixels.shape != page.shape:
            raise PayloadError(
                f"TIFF {name}: expected {page.shape} as its tags state, got {pixels.shape}"
            )
        return pixels

    def _check_unchanged(self) -> None:
        check_unchanged(self._storage, "", self._identity, self.location)


def _check_image(page: "TiffPage", name: str) -> None:
    """Refuse what is no RGB, or is stored in pieces larger than any image, before it is decoded."""
    pieces = prod(page.chunks) <= 3 * MAX_ASSOCIATED_PIXELS
    if page.dtype != np.uint8 or len(page.shape) != 3 or page.shape[2] != 3 or not pieces:
        raise PayloadError(
            f"TIFF {name}: expected uint8 (height, width, 3), got {page.dtype} {page.shape} in "
            f"pieces of {page.chunks}"
        )


def _our_directories(file: SeekedFile, location: str) -> Iterator[TiffDirectory]:
    """Return the directories of a file whose first one says that it is ours."""
    directories = read_directories(file)
    try:
        first = next(directories, None)
    except FormatError as error:
        raise not_pathae(location) from error
    if first is None or first.entries.keys() & {RECORD_TAG, COMPRESSION_TAG} != {
        RECORD_TAG,
        COMPRESSION_TAG,
    }:
        raise not_pathae(location)
    yield first
    yield from directories


def _with_downsamples(levels: tuple[Level, ...], pages: list[TiffDirectory]) -> Iterator[Level]:
    """Return the levels with the downsamples that their resolutions state."""
    pixels_per_unit = [page.ratio(X_RESOLUTION_TAG) for page in pages]
    for level, found in zip(levels, pixels_per_unit, strict=True):
        yield settle_downsample(level, pixels_per_unit[0] / found)


def _name_associated(directories: Iterable[TiffDirectory]) -> dict[str, TiffDirectory]:
    """Return the directory of each associated image, by the first word of its second line."""
    named = {}
    for directory in directories:
        if directory.number(COMPRESSION_TAG, 1) == COMPRESSION:
            continue
        lines = description(directory).splitlines()
        name = lines[1].partition(" ")[0] if len(lines) > 1 else ""
        if name not in ASSOCIATED:
            continue
        width, height = image_size(directory)
        if not 1 <= width * height <= MAX_ASSOCIATED_PIXELS:
            raise ContainerError(
                f"TIFF {name}: expected {MAX_ASSOCIATED_PIXELS} pixels at most, got {width} x "
                f"{height}"
            )
        named[name] = directory
    return named
