"""The tiles of a spool, counted for the slide record."""

from collections import Counter
from collections.abc import Iterable
from math import inf

from pathae_codec.bitstream.header import Mode
from pathae_codec.codec.spool import SpoolEntry
from pathae_codec.record.tally import Tally, TilePlace


def count_tiles(entries: Iterable[tuple[TilePlace, SpoolEntry]]) -> Tally:
    """Count the tiles of a slide."""
    modes, rungs = Counter[str](), Counter[int]()
    kept, size, blanked = 0, 0, []
    least: tuple[float, TilePlace | None] = (inf, None)
    most: tuple[int, TilePlace | None] = (0, None)
    for place, entry in entries:
        mode = _mode(entry)
        modes[mode] += 1
        rungs.update([entry.header.quality] if mode == "latent" else [])
        kept += entry.kept
        size += entry.size
        if entry.blanked:
            blanked.append(place)
        if entry.fidelity is not None:
            least = min(least, (entry.fidelity.psnr, place), key=lambda found: found[0])
            most = max(most, (entry.fidelity.max_error, place), key=lambda found: found[0])
    names = ("constant", "latent", "lossy", "lossless")
    return Tally(
        {name: modes[name] for name in names},
        dict(sorted(rungs.items())),
        size,
        kept,
        None if least[1] is None or least[0] == inf else (least[0], least[1]),
        None if most[1] is None or most[0] == 0 else (most[0], most[1]),
        tuple(blanked),
    )


def _mode(entry: SpoolEntry) -> str:
    match entry.header.mode:
        case Mode.CONSTANT:
            return "constant"
        case Mode.LATENT:
            return "latent"
    exact = entry.fidelity is None or entry.fidelity.max_error == 0
    return "lossless" if exact else "lossy"
