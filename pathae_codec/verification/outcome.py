"""What a file turned out to be when it was held against its source."""

from dataclasses import dataclass

from pathae_codec.arrays import Pixels
from pathae_codec.record.slide_record import SlideRecord
from pathae_codec.record.tally import Tally, TilePlace
from pathae_codec.verification.comparison import BelowFloor
from pathae_codec.verification.figures import LevelFigures, State, count_state
from pathae_codec.verification.metadata import Comparison
from pathae_codec.verification.provenance import Provenance
from pathae_codec.verification.sample import Sample
from pathae_codec.verification.seams import Steps
from pathae_codec.verification.structure import Structure
from pathae_codec.verification.worst import WorstTile


@dataclass(frozen=True)
class Seams:
    """The borders between the tiles of a level, if all of it was compared.

    Attributes:
        borders: Their number.
        steps: None where there is no border, or nothing varies in the source.
    """

    borders: int = 0
    steps: Steps | None = None


@dataclass(frozen=True)
class Verification:
    """A file against its source.

    Attributes:
        structure: Of the file by itself.
        statement: What the file states of its tiles.
        record: Its slide record; None where the file does not open.
        metadata: Line by line, against the source.
        levels, seams: Of each level of the file: the figures of its tiles, its borders.
        worst: The tiles of the least PSNR, the worst first.
        below: Tiles below the floor that the file states.
        streams: Compressed tiles of the source that came back bit for bit.
        blanked: Tiles in which white stands for pixels that the source could not give.
        sample: None where all tiles were to be compared.
        source_bytes, file_bytes: Of the files.
        thumbnail: Of the source, uint8 (H, W, 3).
        provenance: What was compared, and with what.
        seconds: How long it took.
        problems: All that is wrong, a line each; none in a file that holds what it states.
    """

    structure: Structure
    statement: Tally
    record: SlideRecord | None
    metadata: tuple[Comparison, ...]
    levels: tuple[LevelFigures, ...]
    seams: tuple[Seams, ...]
    worst: tuple[WorstTile, ...]
    below: tuple[BelowFloor, ...]
    streams: int
    blanked: tuple[TilePlace, ...]
    sample: Sample | None
    source_bytes: int
    file_bytes: int
    thumbnail: Pixels
    provenance: Provenance
    seconds: float
    problems: tuple[str, ...]

    @property
    def tiles(self) -> int:
        """Tiles of all levels."""
        return sum(level.state.size for level in self.levels)

    @property
    def compared(self) -> int:
        """Tiles that were decoded and compared."""
        return sum(count_state(self.levels, state) for state in (State.COMPARED, State.BLANKED))
