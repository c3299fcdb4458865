"""A container being read or written: what TIFF and OME-Zarr have in common."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from pathae_codec.arrays import Pixels
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.ledger import Ledger
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.storage.location import Storage
from pathae_codec.storage.ranges import ByteRange
from pathae_codec.storage.stored_tile import StoredTile


class ContainerReader(Protocol):
    """A container being read. Safe to read from several threads, holds no open file.

    Attributes:
        location: Path or URL that it was opened by, for messages: without secrets.
        kind: `tiff`, `zarr3` or `zarr2`.
        remote: Each read of bytes is a request.
        levels: The pyramid, finest first, with the downsamples that the container states.
        tile: Side of a tile in pixels.
        record: The slide record, without the ICC profile. Spec: v1, section 6.
        parameters: Codec parameters as bytes.
        icc_profile: None where there is none.
        storage: Where its bytes lie.
        ledger_place: Where the bytes of the ledger lie in it.
    """

    location: str
    kind: str
    remote: bool
    levels: tuple[Level, ...]
    tile: int
    record: SlideRecord
    parameters: bytes
    icc_profile: bytes | None
    storage: Storage
    ledger_place: ByteRange

    @property
    def associated(self) -> Mapping[str, tuple[int, int]]:
        """Width and height of each associated image, by its name.

        Raises:
            FormatError: The metadata of one are damaged; tiles can be read nevertheless.
        """
        ...

    def tile_bytes(self, level: int, index: TileIndex) -> bytes | None:
        """Read the bitstream of a tile; None for one that is omitted, which is white.

        Raises:
            MissingTileError: It is not there and not stated to be omitted.
            ChecksumError: It is another tile than the one that was written there.
            FormatError: The container ends before the tile does, states a place for it that cannot
                be, or was replaced since it was opened.
            SettingError: There is no such place on the grid.
            OSError: The storage cannot be read.
        """
        ...

    def tiles_bytes(self, level: int, indices: Sequence[TileIndex]) -> list[bytes | None]:
        """Read several tiles, with as few requests as where they lie allows; see `tile_bytes`."""
        ...

    def ledger(self) -> Ledger:
        """Read what is known of all tiles.

        Raises:
            FormatError: It is damaged.
            OSError: The storage cannot be read.
        """
        ...

    def stored_tiles(self, level: int) -> Iterator[StoredTile]:
        """Return the tiles that are stored, and where their bytes are; none is read.

        Where each has a file of its own (OME-Zarr 0.4) it takes a request for each of them.

        Raises:
            FormatError: As `tile_bytes`.
        """
        ...

    def problems(self) -> Iterator[str]:
        """Return what contradicts itself in the container while tiles can still be read.

        Raises:
            FormatError: What keeps from looking further.
        """
        ...

    def associated_image(self, name: str) -> Pixels:
        """Decode an associated image, uint8 (H, W, 3).

        Raises:
            FormatError: Its bytes are damaged.
        """
        ...


class ContainerWriter(Protocol):
    """A container being written; levels come in order, finest first."""

    def tile_order(self, level: Level) -> Iterable[TileIndex]:
        """Return the order in which the container takes the tiles of a level."""
        ...

    def write_level(self, level: Level, tiles: Iterable[bytes]) -> None:
        """Store the tile bitstreams of a level, in `tile_order`."""
        ...

    def finish(self) -> None:
        """Store what is left when all levels are written."""
        ...
