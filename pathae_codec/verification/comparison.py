"""Every tile that is chosen: decoded as readers decode it, and measured against the source.

While one batch is measured the next one is read and decoded; nothing else is held, so that memory
goes with the tiles in flight, one row of edges, and a few bytes of figures a tile.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from pathae_codec.arrays import Pixels
from pathae_codec.bitstream.constant import encode_white
from pathae_codec.codec.decode_queue import decode_later
from pathae_codec.container.interface import ContainerReader
from pathae_codec.errors import FormatError
from pathae_codec.fidelity import Fidelity
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.record.tally import Tally, TilePlace
from pathae_codec.slide.blanking import read_or_blank
from pathae_codec.slide.interface import SlideReader
from pathae_codec.verification.figures import UNREAD, LevelFigures, State, TileFigures, measure
from pathae_codec.verification.sample import Sample, choose_tiles
from pathae_codec.verification.seams import SeamMeter
from pathae_codec.verification.worst import WorstTiles

Step = Callable[[int], None]

BATCH_TILES = 16
BATCH_PIXELS = 2**24
"""Of tiles of more than 1024 pixels a side, a batch has fewer."""
READERS = 2


@dataclass(frozen=True)
class BelowFloor:
    """A tile that does not hold the floor that the file states."""

    place: TilePlace
    fidelity: Fidelity


@dataclass
class Compared:
    """What comparing the tiles gave, filled tile by tile.

    Attributes:
        levels: The figures of the tiles, a level each.
        seams: Of each level, by its index.
        worst: The tiles of the least PSNR.
        below: Tiles below the floor, in order.
        unread: Tiles that do not decode, or that the source does not give: a line each.
        blanked: Tiles that the file states to be blanked, in order.
    """

    levels: tuple[LevelFigures, ...]
    seams: dict[int, SeamMeter] = field(default_factory=dict)
    worst: WorstTiles = field(default_factory=WorstTiles)
    below: list[BelowFloor] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    blanked: list[TilePlace] = field(default_factory=list)


@dataclass(frozen=True)
class _Pair:
    """A tile that is being decoded, and the source's pixels that are being read."""

    index: TileIndex
    decoded: "Future[Pixels] | FormatError | None"
    original: "Future[tuple[Pixels, bool]]"


@dataclass(frozen=True)
class _Visible:
    """The visible pixels of a tile; `blanked`: by the file's word they are not the source's."""

    place: TilePlace
    original: Pixels
    decoded: Pixels
    blanked: bool


class TileComparison:
    """Compares a container with its source.

    Args:
        reader: The container.
        slide: The source.
        statement: What the file states of its tiles.
    """

    def __init__(self, reader: ContainerReader, slide: SlideReader, statement: Tally) -> None:
        self._reader = reader
        self._slide = slide
        self._floor = statement.floor
        self._blanked = {(place.level, place.index) for place in statement.blanked}

    def compare(
        self, compared: Compared, comparable: tuple[Level, ...], sample: Sample | None, step: Step
    ) -> None:
        """Compare all tiles, or a sample of them.

        Args:
            compared: Is filled. Its figures have what the stored tiles say already.
            comparable: The levels that source and container have alike.
            sample: None for all tiles.
            step: Called after each batch with its tiles.

        Raises:
            ModelError: This machine cannot decode the file.
        """
        batch_tiles = max(1, min(BATCH_TILES, BATCH_PIXELS // self._reader.tile**2))
        workers = min(4, os.cpu_count() or 1)
        with ThreadPoolExecutor(READERS) as readers, ThreadPoolExecutor(workers) as pool:
            for level, _, indices in choose_tiles(comparable, self._reader.tile, sample):
                figures = compared.levels[level.index]
                compared.seams[level.index] = SeamMeter()
                batch = ahead = self._start(readers, figures, indices, batch_tiles)
                try:
                    while ahead:
                        batch, ahead = ahead, self._start(readers, figures, indices, batch_tiles)
                        self._finish(pool, batch, figures, compared)
                        step(len(batch))
                finally:
                    _settle([*batch, *ahead])

    def _start(
        self,
        readers: ThreadPoolExecutor,
        figures: LevelFigures,
        indices: Iterator[TileIndex],
        count: int,
    ) -> list[_Pair]:
        return [
            _Pair(
                index,
                self._decode(figures, index),
                readers.submit(
                    read_or_blank, self._slide, figures.level.index, *figures.visible(index)
                ),
            )
            for index in islice(indices, count)
        ]

    def _decode(
        self, figures: LevelFigures, index: TileIndex
    ) -> "Future[Pixels] | FormatError | None":
        """Begin to decode a tile; None for one that is known to be damaged."""
        if figures.coding[index.row, index.column] == UNREAD:
            return None
        try:
            data = self._reader.tile_bytes(figures.level.index, index)
        except FormatError as error:
            return error
        return decode_later(self._reader.parameters, data or encode_white(self._reader.tile))

    def _finish(
        self,
        pool: ThreadPoolExecutor,
        batch: list[_Pair],
        figures: LevelFigures,
        compared: Compared,
    ) -> None:
        gathered = [self._gather(figures, pair, compared) for pair in batch]
        found = [pixels for pixels in gathered if pixels is not None]
        measured = pool.map(lambda pixels: measure(pixels.original, pixels.decoded), found)
        for pixels, tile in zip(found, measured, strict=True):
            self._note(figures, pixels, tile, compared)

    def _gather(self, figures: LevelFigures, pair: _Pair, compared: Compared) -> "_Visible | None":
        """Return the visible pixels of the source and of the file; None where one has none."""
        place = TilePlace(figures.level.index, pair.index.row, pair.index.column)
        original, blank = pair.original.result()
        stated = (place.level, place.index) in self._blanked
        if stated:
            compared.blanked.append(place)
        try:
            if isinstance(pair.decoded, FormatError):
                raise pair.decoded
            tile = pair.decoded.result() if pair.decoded else None
        except FormatError as error:
            compared.unread.append(f"{place}: {error}")
            tile = None
        if tile is not None and blank and not stated:
            compared.unread.append(f"{place}: the source does not give all pixels; not compared")
            tile = None
        if tile is None:
            figures.note_not_compared(pair.index)
            return None
        decoded = tile[: original.shape[0], : original.shape[1]]
        return _Visible(place, original, decoded, stated and not blank)

    def _note(
        self, figures: LevelFigures, pixels: "_Visible", tile: TileFigures, compared: Compared
    ) -> None:
        place, index = pixels.place, pixels.place.index
        figures.note(index, tile, State.BLANKED if pixels.blanked else State.COMPARED)
        if pixels.blanked:
            return
        compared.seams[place.level].add(index, pixels.original, pixels.decoded)
        corner = figures.visible(index)[:2]
        compared.worst.show(place, corner, tile, pixels.original, pixels.decoded)
        if not self._floor.is_held(tile.fidelity):
            compared.below.append(BelowFloor(place, tile.fidelity))


def _settle(pairs: list[_Pair]) -> None:
    """Leave no tile in the decoder: whoever is stopped may end the process next."""
    decoding = [pair.decoded for pair in pairs if isinstance(pair.decoded, Future)]
    wait([future for future in decoding if not future.cancel()])
