"""The compressed tiles of a source, as the source stores them, for levels that have such."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from pathae_codec.bitstream.exact import SourceStreams
from pathae_codec.bitstream.header import StreamCoding
from pathae_codec.bitstream.jpeg_segments import with_tables
from pathae_codec.bitstream.limits import MAX_STREAMS_SIDE
from pathae_codec.bitstream.stream_texts import says_more
from pathae_codec.geometry import TileIndex

LARGEST_STREAM = 8 << 20
"""Most bytes of a stream that is taken: more than tiles have, less than a slide in one piece."""


@dataclass(frozen=True)
class StreamLevel:
    """The streams of a level.

    Attributes:
        coding: What they are.
        tables: That JPEG streams share; see `JpegSet`.
        width, height: Of each, in pixels, also of those that reach past the level's border.
        rows, columns: Of the source's grid.
        read: Gives the stream of a place in that grid, row by row; None where there is none. Safe
            to call from several threads.
    """

    coding: StreamCoding
    tables: bytes
    width: int
    height: int
    rows: int
    columns: int
    read: Callable[[int], bytes | None] = field(repr=False)

    def misfit(self, side: int) -> str | None:
        """Say why tiles of a side cannot be made of these streams; None where they can."""
        counts = side // self.width, side // self.height
        if side % self.width or side % self.height or max(counts) > MAX_STREAMS_SIDE:
            return f"its tiles of {self.width} x {self.height} do not make one of {side}"
        return None

    def tile(self, index: TileIndex, side: int) -> SourceStreams:
        """Return the streams that a tile of ours covers; None for those that are not there.

        Args:
            index: On the grid of our tiles.
            side: Of our tiles, in pixels; see `misfit`.
        """
        high, wide = side // self.height, side // self.width
        streams = tuple(
            self._stream(index.row * high + row, index.column * wide + column)
            for row in range(high)
            for column in range(wide)
        )
        return SourceStreams(self.coding, (high, wide), streams, self.tables)

    def _stream(self, row: int, column: int) -> bytes | None:
        if row >= self.rows or column >= self.columns:
            return None
        return self.read(row * self.columns + column)


@dataclass(frozen=True)
class SlideStreams:
    """The streams of a slide.

    Attributes:
        levels: By the number of the level.
        reasons: Why a level has none, in words that follow a colon.
        close: Closes the file.
        texts: Whether streams are given that say more than their picture; see `says_more`.
    """

    levels: Mapping[int, StreamLevel] = field(default_factory=dict)
    reasons: Mapping[int, str] = field(default_factory=dict)
    close: Callable[[], None] = field(default=lambda: None, repr=False)
    texts: bool = True

    def tile(self, level: int, index: TileIndex, side: int) -> SourceStreams | None:
        """Return the streams that a tile of ours covers; None where they do not make one.

        Args:
            level: Number of the level.
            index: On the grid of our tiles.
            side: Of our tiles, in pixels.
        """
        level_streams = self.levels.get(level)
        if level_streams is None or level_streams.misfit(side):
            return None
        found = level_streams.tile(index, side)
        return found if self.texts or not _say_more(found) else None

    def reason(self, level: int, side: int) -> str | None:
        """Say why no tile of a side is made of a level's streams; None where some are."""
        found = self.levels.get(level)
        return self.reasons.get(level) if found is None else found.misfit(side)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _say_more(found: SourceStreams) -> bool:
    wholes = (with_tables(stream, found.tables) for stream in found.streams if stream is not None)
    return any(says_more(whole, found.coding) for whole in wholes)
