"""Is the file whole, does it say the same as the source, does one see the grid?"""

from pathae_codec.record.tally import MODES
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.markup import mark, section, table, text
from pathae_codec.verification.report.wording import decibels, tiles


def draw_soundness(found: Verification) -> str:
    """Draw the checks of the file by itself, and what it states of its tiles."""
    structure, statement = found.structure, found.statement
    stored = f"{tiles(structure.tiles.total())} with a right checksum"
    if structure.left_out:
        stored += f"; {tiles(structure.left_out)} left out because they are white"
    floor = statement.floor.describe() or "no floor"
    sound = not structure.problems
    rows = [
        ("Structure, tables, decoder", f"{len(structure.problems) or 'no'} problems", sound),
        ("Tiles", stored, sound),
        ("Floor that the file states", floor, not found.below),
    ]
    drawn = [[mark(good), text(name), text(value)] for name, value, good in rows]
    stated = []
    if statement.modes:
        modes = ", ".join(f"{statement.modes[mode]} {mode}" for mode in MODES)
        stated.append(["", "Modes that the file states", text(modes)])
    if statement.worst_psnr is not None and found.worst:
        words = f"stated {decibels(statement.worst_psnr.psnr)}, found "
        words += decibels(found.worst[0].figures.fidelity.psnr)
        stated.append(["", "Worst tile", text(words)])
    return section(
        "structure", "Is the file whole?", "", table(("", "Check", "Found"), [*drawn, *stated])
    )


def draw_metadata(found: Verification) -> str:
    """Draw the metadata line by line against the source."""
    rows = [
        [mark(line.same), text(line.name), text(line.source), text(line.file)]
        for line in found.metadata
    ]
    if not rows:
        return ""
    return section(
        "metadata",
        "What it says of the slide",
        "",
        table(("", "", "Source", "This file"), rows),
    )


def draw_seams(found: Verification) -> str:
    """Draw the steps across the borders of tiles."""
    rows = [
        [
            str(level.level.index),
            str(seams.borders),
            *(
                f"{value:.2f}"
                for value in (seams.steps.border, seams.steps.inside, seams.steps.ratio)
            ),
        ]
        for level, seams in zip(found.levels, found.seams, strict=True)
        if seams.steps
    ]
    if not rows:
        return ""
    lead = (
        "The step from one pixel to the next, in this file over that in the source: across the "
        "borders of tiles, and inside tiles. A ratio of 1.00 is a grid that cannot be seen."
    )
    heads = ("Level", "Borders", "Across borders", "Inside tiles", "Ratio")
    return section("seams", "Does one see the grid?", text(lead), table(heads, rows, 1))
