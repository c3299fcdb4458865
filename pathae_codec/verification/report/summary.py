"""The top of the page: the verdict, and the figures that one looks for first."""

from pathae_codec.storage.stored_files import compared_size
from pathae_codec.verification.figures import (
    State,
    count_exact,
    count_state,
    distribution,
    pooled_psnr,
)
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.wording import decibels, number, size, tiles

CONFIDENCE = "95 %"
_RULE_OF_THREE = 3
"""None of n drawn at random: at 95 % confidence, fewer than 3 in n of all."""


def verdict(found: Verification) -> str:
    """Return the verdict as one sentence of plain text."""
    if found.problems:
        count = len(found.problems)
        return f"This file does not pass: {count} problem{'' if count == 1 else 's'}."
    blanked = f", with {tiles(len(found.blanked))} blanked" if found.blanked else ""
    return f"This file passes{blanked}."


def explanation(found: Verification) -> str:
    """Return what the verdict rests on, plain text."""
    if not found.levels:
        return "The file does not open, so that no tile could be compared."
    floor = found.statement.floor.describe()
    if found.problems:
        low = f"{tiles(len(found.below))} do not hold what the file states: {floor}. "
        return (
            f"{low if found.below else ''}Keep the original slide: what is listed below is lost or "
            "wrong in this file."
        )
    held = f"each holds what the file states, {floor}" if floor else "the file states no floor"
    which = "Every tile was" if found.sample is None else f"{_sampled(found)} were"
    return (
        f"{which} decoded and compared with the source; {held}. All checksums, the structure and "
        "the metadata are right."
    )


def cards(found: Verification) -> list[tuple[str, str, str]]:
    """Return the key figures: name, value, and a note."""
    smaller = compared_size(found.source_bytes, found.file_bytes)
    figures = [
        ("Source", size(found.source_bytes), "as it lies on the disk"),
        ("This file", size(found.file_bytes), smaller),
    ]
    if not found.compared:
        return figures
    psnr = distribution(found.levels, "psnr")
    exact = count_exact(found.levels)
    if psnr.values.size:
        figures.append(("Worst tile", decibels(psnr.least), str(found.worst[0].place)))
    figures.append(("All pixels", decibels(pooled_psnr(found.levels)), "PSNR, taken together"))
    of_all = f"of {number(found.tiles)} were compared"
    figures.append(("Tiles", number(found.compared), of_all))
    figures.append(("Exact tiles", number(exact), "equal the source in every sample"))
    return figures


def notices(found: Verification) -> list[str]:
    """Return what one should know of a verdict, a line each."""
    lines = []
    if found.sample is not None and found.compared < found.tiles:
        bound = 100 * _RULE_OF_THREE / max(1, found.compared)
        lines.append(
            f"{_sampled(found)} were compared (seed {found.sample.seed}); the others were read and "
            f"their checksums checked. Where none of a sample fails, fewer than {bound:.2g} % of "
            f"all tiles do, at {CONFIDENCE} confidence."
        )
    if found.statement.kept:
        lines.append(f"{tiles(found.statement.kept)} were kept losslessly, by regions.")
    if found.blanked:
        unlike = count_state(found.levels, State.BLANKED)
        lines.append(
            f"{tiles(len(found.blanked))} have white in place of pixels that the source could not "
            f"give, as the file states; {number(unlike)} of them the source gives now, and these "
            "are left out of the figures."
        )
        lines += [f"blanked: {place}" for place in found.blanked]
    return lines


def _sampled(found: Verification) -> str:
    return f"{number(found.compared)} of {tiles(found.tiles)}, drawn at random,"
