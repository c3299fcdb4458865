"""Is the file whole, does it say the same as the source, does one see the grid?"""

from pathae_codec.record.tally import COUNTED, MODES
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.wording import decibels, tiles

Row = tuple[bool | str, ...]
"""Cells of a table; true and false are drawn as marks."""


def check_rows(found: Verification) -> list[Row]:
    """Return the checks of the file by itself, and what it states of its tiles."""
    structure, statement = found.structure, found.statement
    stored = f"{tiles(structure.tiles.total())} with a right checksum"
    if structure.omitted:
        stored += f"; {tiles(structure.omitted)} omitted because they are white"
    floor = statement.floor.describe() or "no floor"
    sound = not structure.problems
    rows: list[Row] = [
        (sound, "Structure, tables, decoder", f"{len(structure.problems) or 'no'} problems"),
        (sound, "Tiles", stored),
        (not found.below, "Floor that the file states", floor),
    ]
    if statement.modes:
        counts = ((statement.modes.get(mode, 0), mode) for mode in MODES)
        modes = ", ".join(f"{count} {mode}" for count, mode in counts if count or mode in COUNTED)
        rows.append(("", "Modes that the file states", modes))
    if statement.worst_psnr is not None and found.worst:
        worst = decibels(found.worst[0].figures.fidelity.psnr)
        stated = f"stated {decibels(statement.worst_psnr.psnr)}, found {worst}"
        rows.append(("", "Worst tile", stated))
    return rows


def metadata_rows(found: Verification) -> list[Row]:
    """Return the metadata line by line against the source."""
    return [(line.same, line.name, line.source, line.file) for line in found.metadata]


def seam_rows(found: Verification) -> list[Row]:
    """Return the steps across the borders of tiles, a level each."""
    return [
        (
            str(level.level.index),
            str(seams.borders),
            *(f"{value:.2f}" for value in (steps.border, steps.inside, steps.ratio)),
        )
        for level, seams in zip(found.levels, found.seams, strict=True)
        if (steps := seams.steps)
    ]
