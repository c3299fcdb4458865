"""A PathAE OME-Zarr being read: metadata once, tiles by their chunks. Spec: v1, OME-Zarr binding.

Written without zarr, which would decode the tiles as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache, partial

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.fallback import decode_fallback
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.configuration import parse_levels
from pathae_codec.errors import ContainerError, FieldError, FormatError, NotPathAEError
from pathae_codec.geometry import TileIndex, check_on_grid, grid_shape, settle_downsample
from pathae_codec.ome_zarr.arrays import ledger_problems, read_array, read_associated_size
from pathae_codec.ome_zarr.chunks import (
    LevelChunks,
    chunk_folder,
    read_shard_index,
    read_whole_tile,
)
from pathae_codec.ome_zarr.consolidated import consolidated_problems
from pathae_codec.ome_zarr.group import read_group, scale_problems
from pathae_codec.ome_zarr.metadata import ledger_chunk
from pathae_codec.ome_zarr.stated import stated_problems
from pathae_codec.record.checks import check_levels, not_pathae
from pathae_codec.record.ledger import Ledger, LedgerLayout
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.stored_ledger import StoredLedger
from pathae_codec.storage.location import Storage, check_unchanged
from pathae_codec.storage.ranges import ByteRange
from pathae_codec.storage.stored_tile import StoredTile

ASSOCIATED = ("label", "macro", "thumbnail")
SHARD_INDICES = 4096
"""Indices of shards that are kept: 4 MiB at 8 x 8 tiles."""


class OmeZarrReader:
    """See `ContainerReader`."""

    def __init__(self, storage: Storage, location: str) -> None:
        self.location = location
        self.remote = storage.remote
        self.storage = storage
        try:
            self._group = group = read_group(storage, location)
            record = SlideRecord.parse(group.record)
        except NotPathAEError as error:
            raise not_pathae(location) from error
        self.kind = f"zarr{group.version}"
        self.icc_profile = record.profile
        self.record = record.with_profile(None)
        self.tile = record.tile
        names = group.array_names()
        arrays = [read_array(storage, name, group.version, self.tile) for name in names]
        levels = check_levels([(a.width, a.height) for a in arrays], record)
        scales = [x for _, x in group.scales()]
        self.levels = tuple(
            settle_downsample(level, scale / scales[0])
            for level, scale in zip(levels, scales, strict=True)
        )
        self.parameters = parse_levels([array.configuration for array in arrays])
        shard_index = lru_cache(SHARD_INDICES)(partial(read_shard_index, storage))
        self._chunks = [
            LevelChunks(
                storage,
                name,
                group.version,
                grid_shape(level, self.tile),
                array.shard,
                shard_index,
            )
            for name, level, array in zip(names, levels, arrays, strict=True)
        ]
        layout = LedgerLayout.of_levels(levels, self.tile)
        self.ledger_place = ByteRange(ledger_chunk(group.version), 0, layout.size)
        self._ledger = StoredLedger(layout, self.tile, self._read_ledger)
        if self.remote:
            # Together with the other metadata; what is damaged is told to who asks for it.
            with suppress(FormatError):
                _ = self.associated
        else:
            self._check_ledger()
        self._check_unchanged()

    @cached_property
    def associated(self) -> Mapping[str, tuple[int, int]]:
        """See `ContainerReader.associated`."""
        return {
            name: size
            for name in ASSOCIATED
            if (
                size := read_associated_size(
                    self.storage, f"associated/{name}", self._group.version
                )
            )
        }

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; see `ContainerReader.tile_bytes`."""
        return self.tiles_bytes(level, [index])[0]

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles; see `ContainerReader.tiles_bytes`."""
        for index in indices:
            check_on_grid(self.levels[level], self.tile, index)
        read = self._chunks[level].read(indices)
        # Afterwards: what was read before this, or was not there, is of what was opened.
        self._check_unchanged()
        self._ledger.check_tiles(level, indices, read)
        return read

    def ledger(self) -> Ledger:
        """Read the ledger; see `ContainerReader.ledger`."""
        return self._ledger.load()

    def stored_tiles(self, level: int) -> Iterator[StoredTile]:
        """Return the tiles that are stored, chunk by chunk; white ones may be omitted."""
        yield from self._chunks[level].stored_tiles()
        self._check_unchanged()

    def problems(self) -> Iterator[str]:
        """Return scales that do not fit, and files that are no chunks of a level's grid."""
        yield from scale_problems(self._group, self.levels, self.record.mpp)
        yield from consolidated_problems(self.storage, self._group.version)
        yield from stated_problems(self.storage, self._group, self.levels, self.record)
        for chunks in self._chunks:
            yield from chunks.problems()
        yield from ledger_problems(self.storage, self._group.version, self._ledger.layout.size)
        try:
            _ = self.associated
        except FormatError as error:
            yield str(error)

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image; see `ContainerReader.associated_image`."""
        width, height = self.associated[name]
        folder = chunk_folder(f"associated/{name}", self._group.version)
        data = read_whole_tile(self.storage, f"{folder}/0/0")
        self._check_unchanged()
        if data is None:
            # A writer leaves out tiles that are white, and no image.
            raise ContainerError(f"{name}: expected the bytes of the image, found none")
        header, payload = unpack_tile(data)
        if header.mode is not Mode.FALLBACK:
            raise FieldError(f"{name}: expected a fallback tile, got mode {header.mode.name}")
        if (header.height, header.width, header.channels) != (height, width, 3):
            raise FieldError(
                f"{name}: expected an image of {width} x {height} x 3, got {header.width} x "
                f"{header.height} x {header.channels}"
            )
        return decode_fallback(header, payload)

    def _read_ledger(self, start: int, stop: int) -> bytes:
        try:
            data = self.storage.read(self.ledger_place.name, start, stop)
        except FileNotFoundError as error:
            self._check_unchanged()
            raise self._no_ledger() from error
        self._check_unchanged()
        return data

    def _check_ledger(self) -> None:
        """Refuse a group without the ledger, which no tile is read without."""
        try:
            size = self.storage.size(self.ledger_place.name)
        except FileNotFoundError as error:
            raise self._no_ledger() from error
        if size != self.ledger_place.length:
            raise ContainerError(f"ledger: expected {self.ledger_place.length} bytes, got {size}")

    def _no_ledger(self) -> ContainerError:
        return ContainerError(
            f"file {self.ledger_place.name}: expected the ledger, found none; without it nobody "
            "knows which tiles are lost"
        )

    def _check_unchanged(self) -> None:
        check_unchanged(self.storage, self._group.file, self._group.identity, self.location)
