"""What a container states of all its tiles, against the tiles that are there."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from pathae_codec.bitstream.header import Mode, TileHeader
from pathae_codec.container.interface import ContainerReader
from pathae_codec.container.root import container_root
from pathae_codec.errors import FormatError
from pathae_codec.geometry import TileIndex
from pathae_codec.model.artifact_file import stated_digest
from pathae_codec.record.ledger import Ledger, LedgerLayout
from pathae_codec.record.tally import NOT_COUNTED
from pathae_codec.record.tile_hash import describe_place, missing_tile

MOST_NAMED = 16
"""Missing tiles of a level that are told one by one."""


class TileAccount:
    """The tiles of a container, noted one by one.

    Attributes:
        modes: Sound tiles by mode.
        ledger: The container's; None where it is damaged.
        root: That follows from what the container holds; None where that is damaged.
        damage: What keeps the ledger, or the root, from being known.
    """

    def __init__(self, reader: ContainerReader) -> None:
        self._reader = reader
        self._layout = LedgerLayout.of_levels(reader.levels, reader.tile)
        self._stored = np.zeros(self._layout.total, np.bool_)
        self._unknown = np.zeros(self._layout.total, np.bool_)
        self._rungs: Counter[str] = Counter()
        self.modes: Counter[Mode] = Counter()
        self.ledger: Ledger | None = None
        self.root: str | None = None
        self.damage: str | None = None
        try:
            self.ledger = reader.ledger()
            digest = stated_digest(reader.parameters)
            self.root = container_root(reader, self.ledger, digest)
        except (FormatError, OSError) as error:
            self.damage = str(error)

    @property
    def total(self) -> int:
        """Tiles of all levels."""
        return self._layout.total

    @property
    def omitted(self) -> int:
        """Tiles that are omitted, as the ledger states."""
        if self.ledger is None:
            return 0
        return int((self.ledger.omitted & ~self._stored & ~self._unknown).sum())

    def note_stored(self, level: int, index: TileIndex) -> None:
        """Note that a tile is there."""
        self._stored[self._layout.number(level, index)] = True

    def note_sound(self, header: TileHeader) -> None:
        """Note a tile that is what was written."""
        self.modes[header.mode] += 1
        if header.mode is Mode.LATENT:
            self._rungs[str(header.quality)] += 1

    def note_unknown(self, level: int) -> None:
        """Note that what of a level was not seen may be there: it could not be looked at."""
        first, count = self._layout.firsts[level], self._layout.counts[level]
        self._unknown[first : first + count] = True

    def missing(self) -> Iterator[tuple[int, TileIndex]]:
        """Return level and place of each tile that is not there and not omitted."""
        if self.ledger is None:
            return
        lost = ~self._stored & ~self._unknown & ~self.ledger.omitted
        yield from map(self._layout.place, np.flatnonzero(lost).tolist())

    def problems(self) -> Iterator[str]:
        """Return what of the ledger, the root and the counts does not fit what is there."""
        if self.damage:
            yield self.damage
        named: Counter[int] = Counter()
        for level, index in self.missing():
            named[level] += 1
            if named[level] <= MOST_NAMED:
                yield str(missing_tile(level, index))
        for level, number in sorted(named.items()):
            if number > MOST_NAMED:
                yield f"level {level}: {number} tiles are missing in all"
        if self.ledger is not None:
            for number in np.flatnonzero(self._stored & self.ledger.omitted).tolist():
                place = describe_place(*self._layout.place(number))
                yield f"{place}: tile: stated to be omitted, and stored"
        record = self._reader.record
        if self.root is not None and "root" not in record.problems and self.root != record.root:
            yield (
                f"slide record root: expected {record.root}, got {self.root}; tiles, scale, colour "
                "profile or codec parameters are those of another file"
            )
        if self.modes.total() + self.omitted == self.total:
            yield from self._miscounted()

    def _miscounted(self) -> Iterator[str]:
        """Return where the record counts otherwise, once every tile is there and sound."""
        tally = self._reader.record.tiles or NOT_COUNTED
        if not tally.modes:
            return
        constant, latent = self.modes[Mode.CONSTANT] + self.omitted, self.modes[Mode.LATENT]
        stated = tally.modes["constant"], tally.modes["latent"]
        counts = {
            "constant": (stated[0], constant),
            "latent": (stated[1], latent),
            # Which of them lost something only the source can tell.
            "other": (sum(tally.modes.values()) - sum(stated), self.total - constant - latent),
        }
        for mode, (expected, found) in counts.items():
            if expected != found:
                yield f"slide record tiles: the file states {expected} {mode}, found {found}"
        if dict(tally.rungs) != dict(self._rungs):
            rungs = dict(sorted(self._rungs.items()))
            yield f"slide record tiles: the file states rungs {dict(tally.rungs)}, found {rungs}"
