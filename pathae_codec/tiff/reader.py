"""A PathAE TIFF being read: directories once, tiles by their offsets. Spec: v1, TIFF binding."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.limits import MAX_PARAMETERS_BYTES
from pathae_codec.errors import FormatError, TruncatedError
from pathae_codec.geometry import Level, TileIndex, check_on_grid, grid_shape, settle_downsample
from pathae_codec.record.checks import not_pathae
from pathae_codec.record.ledger import Ledger, LedgerLayout
from pathae_codec.record.stored_ledger import StoredLedger
from pathae_codec.storage.location import Storage, check_unchanged
from pathae_codec.storage.ranges import ByteRange, read_ranges
from pathae_codec.storage.stored_tile import StoredTile
from pathae_codec.tiff.associated import decode_image, find_images
from pathae_codec.tiff.directory import SeekedFile, TiffDirectory, read_directories
from pathae_codec.tiff.levels import (
    X_RESOLUTION_TAG,
    icc_profile,
    level_directories,
    level_problems,
    tiff_levels,
    tiff_record,
    tile_places,
)
from pathae_codec.tiff.stated import order_problems, stated_problems
from pathae_codec.tiff.tags import (
    COMPRESSION_TAG,
    LEDGER_TAG,
    PARAMETERS_TAG,
    RECORD_TAG,
)


class TiffReader:
    """See `ContainerReader`."""

    kind = "tiff"

    def __init__(self, storage: Storage, location: str) -> None:
        self.location = location
        self.remote = storage.remote
        self.storage = storage
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
            layout = LedgerLayout.of_levels(levels, self.tile)
            start = first.place_of(LEDGER_TAG, layout.size)
            self.ledger_place = ByteRange("", start, start + layout.size)
        self._ledger = StoredLedger(layout, self.tile, self._read_ledger)
        self._check_unchanged()

    @cached_property
    def associated(self) -> Mapping[str, tuple[int, int]]:
        """See `ContainerReader.associated`."""
        return {name: size for name, (_, size) in sorted(self._images.items())}

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        places = [self._place(level, index) for index in indices]
        tiles = read_ranges(self.storage, places)
        self._check_unchanged()
        for index, place, data in zip(indices, places, tiles, strict=True):
            if data is None or len(data) != place.length:
                raise TruncatedError(
                    f"TIFF level {level}, {index}: expected {place.length} bytes, "
                    f"got {len(data or b'')}"
                )
        self._ledger.check_tiles(level, indices, tiles)
        return tiles

    def ledger(self) -> Ledger:
        """Read the ledger; see `ContainerReader.ledger`."""
        return self._ledger.load()

    def stored_tiles(self, level: int) -> Iterator[StoredTile]:
        """Return all tiles, row by row: a TIFF leaves none out."""
        columns = grid_shape(self.levels[level], self.tile)[1]
        for number, (start, count) in enumerate(self._places[level].tolist()):
            index = TileIndex(*divmod(number, columns))
            yield StoredTile(index, ByteRange("", start, start + count))

    def problems(self) -> Iterator[str]:
        """Return what is stated twice and not alike, and tiles that share bytes."""
        with self._directories() as directories:
            pages = level_directories(directories)
            yield from order_problems(directories)
            yield from level_problems(pages, self.levels, self._places)
            yield from stated_problems(pages, self.levels, self.tile, self.record)
            try:
                find_images(directories)
            except FormatError as error:
                yield str(error)

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        place, _ = self._images[name]
        with self.storage.open("") as file:
            pixels = decode_image(file, place, name)
        self._check_unchanged()
        return pixels

    @cached_property
    def _images(self) -> Mapping[str, tuple[int, tuple[int, int]]]:
        # Not when the file is opened: a label that is damaged keeps nobody from the tiles.
        with self._directories() as directories:
            return find_images(directories)

    @contextmanager
    def _directories(self) -> Iterator[list[TiffDirectory]]:
        with self.storage.open("") as opened:
            directories = list(read_directories(SeekedFile(opened, self.location)))
            self._check_unchanged()
            yield directories

    def _read_ledger(self, start: int, stop: int) -> bytes:
        # Through the file, whose blocks around the directories are there already.
        with self.storage.open("") as file:
            file.seek(self.ledger_place.start + start)
            data = file.read(stop - start)
        self._check_unchanged()
        return data

    def _place(self, level: int, index: TileIndex) -> ByteRange:
        check_on_grid(self.levels[level], self.tile, index)
        columns = grid_shape(self.levels[level], self.tile)[1]
        start, count = self._places[level][index.row * columns + index.column].tolist()
        return ByteRange("", start, start + count)

    def _check_unchanged(self) -> None:
        check_unchanged(self.storage, "", self._identity, self.location)


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
    for directory in (first, *directories):
        directory.check_each_once()
        yield directory


def _with_downsamples(levels: tuple[Level, ...], pages: list[TiffDirectory]) -> Iterator[Level]:
    """Return the levels with the downsamples that their resolutions state."""
    pixels_per_unit = [page.ratio(X_RESOLUTION_TAG) for page in pages]
    for level, found in zip(levels, pixels_per_unit, strict=True):
        yield settle_downsample(level, pixels_per_unit[0] / found)
