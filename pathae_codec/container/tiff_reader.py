"""A PathAE TIFF being read: directories once, tiles by their offsets. Spec: v1, TIFF binding."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.container.reading import grid_downsample, not_pathae, settle_downsample
from pathae_codec.container.storage import Storage
from pathae_codec.container.tiff import COMPRESSION, PARAMETERS_TAG, RECORD_TAG
from pathae_codec.container.tile_ranges import ByteRange, read_ranges
from pathae_codec.errors import ArtifactError, FieldError, PayloadError, TruncatedError
from pathae_codec.geometry import Level, TileIndex, grid_shape

if TYPE_CHECKING:
    from tifffile import TiffPage

Pixels = NDArray[np.uint8]
ICC_TAG, X_RESOLUTION_TAG = 34675, 282
ASSOCIATED = ("thumbnail", "label", "macro")
Offsets = tuple[tuple[int, ...], tuple[int, ...]]


class TiffReader:
    """See `ContainerReader`."""

    kind = "tiff"

    def __init__(self, storage: Storage, location: str) -> None:
        from tifffile import TiffFile

        self.location = location
        self.remote = storage.remote
        self._storage = storage
        with storage.open("") as file:
            # What is no TIFF, or a damaged one, gives struct, index and memory errors too.
            try:
                tiff = TiffFile(file)
                first = tiff.pages.first.tags
                stated = first.valueof(RECORD_TAG)
                pages = [page.aspage() for page in tiff.pages] if stated else []
            except Exception as error:
                raise not_pathae(location) from error
            self.record: Mapping[str, Any] = _read_record(stated, location)
            self.parameters = _read_parameters(first.valueof(PARAMETERS_TAG))
            icc = first.valueof(ICC_TAG)
            self.icc_profile = None if icc is None else bytes(icc)
            levels = [page for page in pages if int(page.compression) == COMPRESSION]
            self.levels = tuple(_describe_levels(levels, scaled=bool(self.record.get("mpp"))))
            self.tile = _tile_side(levels)
            self._offsets: list[Offsets] = [
                (tuple(page.dataoffsets), tuple(page.databytecounts)) for page in levels
            ]
            named = _name_associated(pages)
        self._pages = {name: int(page.index) for name, page in named.items()}
        self.associated: Mapping[str, tuple[int, int]] = {
            name: (page.imagewidth, page.imagelength) for name, page in sorted(named.items())
        }

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        ranges = [self._tile_range(level, index) for index in indices]
        tiles = read_ranges(self._storage, ranges)
        for index, place, data in zip(indices, ranges, tiles, strict=True):
            if place and data is not None and len(data) != place.stop - place.start:
                raise TruncatedError(
                    f"TIFF level {level}, tile {self._number(level, index)}: expected "
                    f"{place.stop - place.start} bytes, got {len(data)}"
                )
        return tiles

    def _number(self, level: int, index: TileIndex) -> int:
        return index.row * grid_shape(self.levels[level], self.tile)[1] + index.column

    def _tile_range(self, level: int, index: TileIndex) -> ByteRange | None:
        offsets, counts = self._offsets[level]
        number = self._number(level, index)
        if number >= len(offsets):
            raise TruncatedError(f"TIFF level {level}: expected tile {number}, got {len(offsets)}")
        start, count = offsets[number], counts[number]
        return ByteRange("", start, start + count) if count else None

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        from tifffile import TiffFile

        with self._storage.open("") as file:
            tiff = TiffFile(file)
            try:
                pixels: Any = tiff.pages[self._pages[name]].asarray()
            # imagecodecs and tifffile have errors of their own for each codec.
            except Exception as error:
                raise PayloadError(f"TIFF {name}: does not decode: {error}") from error
        return np.asarray(pixels, np.uint8)


def _read_record(value: object, location: str) -> dict[str, Any]:
    try:
        record = json.loads(str(value))
    except ValueError:
        record = None
    if not isinstance(record, dict) or record.get("format") != "pathae":
        raise not_pathae(location)
    return record


def _read_parameters(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise ArtifactError(
            f"TIFF tag {PARAMETERS_TAG}: expected codec parameters in the first IFD, "
            f"got {value!r:.20}"
        )
    return value


def _describe_levels(pages: "list[TiffPage]", *, scaled: bool) -> list[Level]:
    """Give the levels; without an mpp the resolution tags say nothing."""
    sizes = [(page.imagewidth, page.imagelength) for page in pages]
    levels = []
    for index, (page, size) in enumerate(zip(pages, sizes, strict=True)):
        downsample = grid_downsample(sizes[0], size)
        if scaled:
            stated = _pixels_per_unit(pages[0]) / _pixels_per_unit(page)
            downsample = settle_downsample(stated, sizes[0], size)
        levels.append(Level(index, *size, downsample))
    return levels


def _pixels_per_unit(page: "TiffPage") -> float:
    value = page.tags.valueof(X_RESOLUTION_TAG)
    if not value or not value[0] or not value[1]:
        raise FieldError(f"TIFF page {page.index}: expected a resolution, got {value!r:.40}")
    return float(value[0] / value[1])


def _tile_side(pages: "list[TiffPage]") -> int:
    sides = {(page.tilewidth, page.tilelength, page.samplesperpixel) for page in pages}
    if len(sides) != 1 or (found := next(iter(sides)))[0] != found[1] or found[2] != 3:
        raise FieldError(f"TIFF tiles: expected squares of one side and 3 samples, got {sides}")
    return int(found[0])


def _name_associated(pages: "list[TiffPage]") -> "dict[str, TiffPage]":
    """Give the page of each associated image, by the word that its second line begins with."""
    named = {}
    for page in pages:
        lines = page.description.splitlines()
        name = lines[1].partition(" ")[0] if len(lines) > 1 else ""
        if int(page.compression) != COMPRESSION and name in ASSOCIATED:
            named[name] = page
    return named
