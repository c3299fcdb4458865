"""The tiles of a spool, counted for the slide record."""

from collections import Counter
from collections.abc import Iterable
from math import inf

from pathae_codec.bitstream.header import Mode
from pathae_codec.codec.spool import SpoolEntry
from pathae_codec.fidelity import Floor
from pathae_codec.record.tally import MODES, LargestError, LeastPsnr, Tally, TilePlace


def count_tiles(entries: Iterable[tuple[TilePlace, SpoolEntry]], floor: Floor) -> Tally:
    """Count the tiles of a slide, each of which holds a floor."""
    modes, rungs = Counter[str](), Counter[int]()
    kept, blanked = 0, []
    least: tuple[float, TilePlace | None] = (inf, None)
    most: tuple[int, TilePlace | None] = (0, None)
    for place, entry in entries:
        mode = _mode(entry)
        modes[mode] += 1
        rungs.update([entry.header.quality] if mode == "latent" else [])
        kept += entry.kept
        if entry.blanked:
            blanked.append(place)
        if entry.fidelity is not None:
            least = min(least, (entry.fidelity.psnr, place), key=lambda found: found[0])
            most = max(most, (entry.fidelity.max_error, place), key=lambda found: found[0])
    return Tally(
        floor.min_psnr,
        floor.max_error,
        {mode: modes[mode] for mode in MODES},
        {str(rung): number for rung, number in sorted(rungs.items())},
        kept,
        _least(*least),
        _most(*most),
        tuple(blanked),
    )


def _least(psnr: float, place: TilePlace | None) -> LeastPsnr | None:
    if place is None or psnr == inf:
        return None
    # Rounded down: what a record says of the worst tile is held.
    return LeastPsnr(int(psnr * 1000) / 1000, place.level, place.row, place.column)


def _most(error: int, place: TilePlace | None) -> LargestError | None:
    if place is None or error == 0:
        return None
    return LargestError(error, place.level, place.row, place.column)


def _mode(entry: SpoolEntry) -> str:
    match entry.header.mode:
        case Mode.CONSTANT:
            return "constant"
        case Mode.LATENT:
            return "latent"
    exact = entry.fidelity is None or entry.fidelity.max_error == 0
    return "lossless" if exact else "lossy"
