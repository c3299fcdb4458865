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
from pathae_codec.verification.report.markup import listing, text
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


def draw_summary(found: Verification) -> str:
    """Draw the verdict, what it rests on, and the key figures."""
    kind, sign = ("bad", "✗") if found.problems else ("good", "✓")
    return (
        f'<header class="verdict {kind}"><span class="seal" aria-hidden="true">{sign}</span><div>'
        f"<h1>{text(verdict(found))}</h1><p>{text(explanation(found))}</p></div></header>"
        f'<div class="cards">{"".join(_cards(found))}</div>'
        f"{listing(found.problems, 'problems')}{_notices(found)}"
    )


def _cards(found: Verification) -> list[str]:
    smaller = compared_size(found.source_bytes, found.file_bytes)
    cards = [
        _card("Source", size(found.source_bytes), "as it lies on the disk"),
        _card("This file", size(found.file_bytes), smaller),
    ]
    if not found.compared:
        return cards
    psnr = distribution(found.levels, "psnr")
    exact = count_exact(found.levels)
    if psnr.values.size:
        cards.append(_card("Worst tile", decibels(psnr.least), str(found.worst[0].place)))
    cards.append(_card("All pixels", decibels(pooled_psnr(found.levels)), "PSNR, taken together"))
    of_all = f"of {number(found.tiles)} were compared"
    cards.append(_card("Tiles", number(found.compared), of_all))
    cards.append(_card("Exact tiles", number(exact), "equal the source in every sample"))
    return cards


def _card(name: str, value: str, note: str) -> str:
    return (
        f'<div class="card"><span class="name">{text(name)}</span>'
        f'<strong>{text(value)}</strong><span class="note">{text(note)}</span></div>'
    )


def _notices(found: Verification) -> str:
    notices = []
    if found.sample is not None and found.compared < found.tiles:
        bound = 100 * _RULE_OF_THREE / max(1, found.compared)
        notices.append(
            f"{_sampled(found)} were compared (seed {found.sample.seed}); the others were read and "
            f"their checksums checked. Where none of a sample fails, fewer than {bound:.2g} % of "
            f"all tiles do, at {CONFIDENCE} confidence."
        )
    if found.statement.kept:
        notices.append(f"{tiles(found.statement.kept)} were kept losslessly, by regions.")
    if found.blanked:
        unlike = count_state(found.levels, State.BLANKED)
        notices.append(
            f"{tiles(len(found.blanked))} have white in place of pixels that the source could not "
            f"give, as the file states; {number(unlike)} of them the source gives now, and these "
            "are left out of the figures."
        )
        notices += [f"blanked: {place}" for place in found.blanked]
    return listing(notices, "notices")


def _sampled(found: Verification) -> str:
    return f"{number(found.compared)} of {tiles(found.tiles)}, drawn at random,"
