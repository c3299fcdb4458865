"""What an exporter takes: levels, what the slide says of itself, and tiles of pixels by need."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from pathae_codec.arrays import Pixels
from pathae_codec.container import open_container
from pathae_codec.container.associated import read_associated
from pathae_codec.export.originals import OriginalLevel, open_originals
from pathae_codec.geometry import Level, TileIndex, grid_shape, tile_grid
from pathae_codec.record.lossy_history import History, describe_step
from pathae_codec.regions.cache import TileCache
from pathae_codec.regions.stored_slide import StoredSlide
from pathae_codec.storage.location import Location

Progress = Callable[[int, int], None]
Tile = TypeVar("Tile")
"""Whatever of a tile an exporter passes on: its pixels, its bytes."""
READ_AHEAD = 256
"""Tiles that are asked for at once: a few batches of the decoder."""


@dataclass(frozen=True)
class Pyramid:
    """A slide, whatever it lies in.

    Attributes:
        levels: Finest first.
        tile: Side of a tile in pixels.
        mpp: Microns per pixel of level 0, (x, y); None where it is not known.
        magnification: Of the objective; None where it is not known.
        icc_profile: None where there is none.
        associated: Label, macro and thumbnail as far as they are there, uint8 (H, W, 3).
        lossy_history: As in the slide record, without what an export adds.
        read: Gives tiles of a level in the order asked for, uint8 (tile, tile, 3), padded.
        originals: The levels as their source stores them, where that was asked for.
        left_out: The levels that the source does not have; then not among the others.
    """

    levels: tuple[Level, ...]
    tile: int
    mpp: tuple[float, float] | None
    magnification: float | None
    icc_profile: bytes | None
    associated: Mapping[str, Pixels]
    lossy_history: History
    read: Callable[[Level, Sequence[TileIndex]], Iterator[Pixels]]
    originals: tuple[OriginalLevel, ...] = ()
    left_out: tuple[Level, ...] = ()

    @property
    def total(self) -> int:
        """The number of tiles of all levels."""
        grids = (grid_shape(level, self.tile) for level in self.levels)
        return sum(rows * columns for rows, columns in grids)

    def tiles(self, level: Level) -> Iterator[Pixels]:
        """Return all tiles of a level, row by row; few are held at a time."""
        indices = tile_grid(level, self.tile)
        while some := list(islice(indices, READ_AHEAD)):
            yield from self.read(level, some)


def stored_pyramid(location: Location, *, drop_damaged_images: bool = False) -> Pyramid:
    """Open a PathAE file for export.

    Args:
        location: A path, or a URL that fsspec reads.
        drop_damaged_images: Leave out associated images that do not decode.

    Raises:
        SlideNotFoundError, FormatError, BackendUnavailableError: See `open_container`.
    """
    container = open_container(location)
    # Every tile is read once: a cache would keep what nobody asks for again.
    slide = StoredSlide(container, container.parameters, TileCache(0))
    record = container.record.sound()
    return Pyramid(
        levels=container.levels,
        tile=container.tile,
        mpp=record.mpp,
        magnification=record.magnification,
        icc_profile=container.icc_profile,
        associated=read_associated(container, drop_damaged=drop_damaged_images),
        lossy_history=record.lossy_history,
        read=lambda level, indices: slide.read_tiles(level.index, indices),
    )


def with_originals(pyramid: Pyramid, location: Location) -> Pyramid:
    """Return the part of a stored pyramid that its source has, with the source's own tiles.

    Raises:
        SettingError, FormatError: See `open_originals`.
    """
    originals = open_originals(location)
    levels = tuple(one.level for one in originals)
    left_out = tuple(level for level in pyramid.levels if level not in levels)
    return replace(pyramid, levels=levels, originals=originals, left_out=left_out)


def counted(
    tiles: Iterator[Tile], done: int, total: int, progress: Progress | None
) -> Iterator[Tile]:
    """Pass the tiles on and report their count after each; `done` tiles came before them."""
    for number, tile in enumerate(tiles, done + 1):
        # Before it is given: who takes the last one does not come back for more.
        if progress:
            progress(number, total)
        yield tile


def history_text(history: History) -> str:
    """Return the lossy steps as one line of printable ASCII without `|`, where Aperio splits."""
    text = "; ".join(map(describe_step, history))
    return "".join(c if c.isascii() and c.isprintable() and c != "|" else "?" for c in text)
