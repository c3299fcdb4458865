"""The tiles of a spool, counted for the slide record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import inf

import numpy as np

from pathae_codec.bitstream.header import Mode
from pathae_codec.codec.spool import SpoolEntry
from pathae_codec.fidelity import Floor
from pathae_codec.record.ledger import quality_value
from pathae_codec.record.ledger_draft import KnownTiles
from pathae_codec.record.tally import COUNTED, MODES, LargestError, LeastPsnr, Tally, TilePlace
from pathae_codec.slide.streams import SlideStreams

_NOT_HELD = (
    "they cannot be given back bit for bit, hold texts (which --keep-metadata keeps), or are shown "
    "otherwise by its reader"
)


def count_tiles(entries: Iterable[tuple[TilePlace, SpoolEntry]], floor: Floor) -> Tally:
    """Count the tiles of a slide, each of which holds a floor."""
    modes, rungs = Counter[str](), Counter[int]()
    kept, blanked = 0, []
    least, most = LeastPsnr(inf, 0, 0, 0), LargestError(0, 0, 0, 0)
    for place, entry in entries:
        mode = _mode(entry)
        modes[mode] += 1
        rungs.update([entry.header.quality] if mode == "latent" else [])
        kept += entry.kept
        if entry.blanked:
            blanked.append(place)
        found, where = entry.fidelity, (place.level, place.row, place.column)
        if found is not None and found.psnr < least.psnr:
            least = LeastPsnr(found.psnr, *where)
        if found is not None and found.max_error > most.max_error:
            most = LargestError(found.max_error, *where)
    return Tally(
        floor.min_psnr,
        floor.max_error,
        {mode: modes[mode] for mode in MODES if mode in COUNTED or modes[mode]},
        {str(rung): number for rung, number in sorted(rungs.items())},
        kept,
        # Rounded down: what a record says of the worst tile is held.
        None if least.psnr == inf else replace(least, psnr=int(least.psnr * 1000) / 1000),
        most if most.max_error else None,
        tuple(blanked),
    )


def describe_pixels(
    entries: Iterable[tuple[TilePlace, SpoolEntry]], streams: SlideStreams, side: int
) -> Iterator[str]:
    """Return a line for each level of which some tiles hold pixels, not the source's own streams.

    Args:
        entries: Of all tiles.
        streams: Of the source.
        side: Of a tile.
    """
    counts = Counter(place.level for place, entry in entries if entry.header.mode is not Mode.EXACT)
    for level, count in sorted(counts.items()):
        reason = streams.reason(level, side) or _NOT_HELD
        yield f"level {level}: {count} tiles hold its pixels, losslessly, not its streams: {reason}"


def known_tiles(entries: Sequence[SpoolEntry]) -> KnownTiles:
    """Return what is known of tiles for the ledger: the quality of those that were decoded."""
    quality = [quality_value(entry.fidelity.psnr if entry.fidelity else None) for entry in entries]
    return KnownTiles(np.array(quality, np.uint8), np.zeros(len(quality), np.bool_))


def _mode(entry: SpoolEntry) -> str:
    match entry.header.mode:
        case Mode.CONSTANT:
            return "constant"
        case Mode.LATENT:
            return "latent"
        case Mode.EXACT:
            return "exact"
    exact = entry.fidelity is None or entry.fidelity.max_error == 0
    return "lossless" if exact else "lossy"
