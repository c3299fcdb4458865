"""The source's compressed tiles out of a PathAE file, byte for byte, in the source's own order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pathae_codec.bitstream.exact import JpegSet, StreamLayout, original_streams, stream_layout
from pathae_codec.bitstream.header import Mode
from pathae_codec.bitstream.tile import unpack_tile
from pathae_codec.container import open_container
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import SettingError
from pathae_codec.geometry import Level, TileIndex, grid_shape, tile_grid
from pathae_codec.model.artifact_file import load_artifact
from pathae_codec.storage.location import Location


@dataclass(frozen=True)
class OriginalLevel:
    """A level as the source stores it.

    Attributes:
        level: Its sides.
        layout: Of the streams, the same in all tiles.
        container: That holds the tiles.
        sets: Of its codec parameters.
    """

    level: Level
    layout: StreamLayout
    container: ContainerReader = field(repr=False)
    sets: tuple[JpegSet, ...] = field(repr=False)

    @property
    def width(self) -> int:
        """Of a source's tile in pixels."""
        return self.container.tile // self.layout.grid[1]

    @property
    def height(self) -> int:
        """Likewise."""
        return self.container.tile // self.layout.grid[0]

    @property
    def count(self) -> int:
        """The number of the source's tiles."""
        rows, columns = self._grid()
        return rows * columns

    def streams(self) -> Iterator[bytes | None]:
        """Return the streams row by row of the source; None where it has no tile.

        The tiles of one row of ours are held at a time.

        Raises:
            FormatError: A tile is damaged.
        """
        high, wide = self.layout.grid
        rows, columns = self._grid()
        ours = grid_shape(self.level, self.container.tile)
        for row in range(ours[0]):
            tiles = [self.tile(TileIndex(row, column)) for column in range(ours[1])]
            for inner in range(min(high, rows - row * high)):
                for column in range(columns):
                    yield tiles[column // wide][inner * wide + column % wide]

    def _grid(self) -> tuple[int, int]:
        return -(-self.level.height // self.height), -(-self.level.width // self.width)

    def tile(self, index: TileIndex) -> tuple[bytes | None, ...]:
        """Return the streams that a tile of ours gives back, row by row."""
        data = self.container.tile_bytes(self.level.index, index) or b""
        return original_streams(*unpack_tile(data), self.sets).streams


def open_originals(location: Location) -> tuple[OriginalLevel, ...]:
    """Find the levels whose tiles are all exact; those that have no such tile are left out.

    Each tile is read once for it, none is decoded.

    Raises:
        SettingError: A level has exact tiles and others, or level 0 has none.
        SlideNotFoundError, FormatError, BackendUnavailableError: See `open_container`.
    """
    container = open_container(location)
    sets = load_artifact(container.parameters).jpeg_sets
    found: list[OriginalLevel] = []
    total = 0
    for level in container.levels:
        layouts = Counter(
            _layout(container.tile_bytes(level.index, index), sets)
            for index in tile_grid(level, container.tile)
        )
        total += layouts.total()
        exact = [layout for layout in layouts if layout is not None]
        if len(exact) > 1 or (exact and None in layouts):
            raise SettingError(
                f"originals of {Path(str(location)).name}: expected exact tiles, all alike, at "
                f"level {level.index}, found {layouts[None]} of {layouts.total()} that hold pixels"
            )
        if exact:
            found.append(OriginalLevel(level, exact[0], container, sets))
    if not found or found[0].level.index:
        raise SettingError(
            f"originals of {Path(str(location)).name}: expected exact tiles, found 0 of {total}; "
            "pathae convert --lossless makes them"
        )
    return tuple(found)


def _layout(data: bytes | None, sets: tuple[JpegSet, ...]) -> StreamLayout | None:
    if data is None:
        return None
    header, payload = unpack_tile(data)
    return stream_layout(header, payload, sets) if header.mode is Mode.EXACT else None
