"""What a slide record says twice, and of its tiles and codec parameters: all of it must agree."""

from collections.abc import Iterator
from math import isclose

from pathae_codec.model.artifact import ModelArtifact
from pathae_codec.record.lossy_history import PATHAE, LossyStep
from pathae_codec.record.slide_record import SlideRecord

RATIO_STEP = 0.001
"""A ratio has three digits."""


def stated_problems(
    record: SlideRecord, model: ModelArtifact | None, latent: int, ratio: float | None
) -> Iterator[str]:
    """Return where history and use of a record do not fit the rest of the file.

    Args:
        record: Of the file.
        model: Its codec parameters; None where they are damaged.
        latent: Latent tiles that were found.
        ratio: Of the samples of all levels to the bytes of all tiles; None where a tile is missing.
    """
    wrong = record.problems.keys()
    if not wrong & {"lossy_history", "quality", "model", "tiles"}:
        yield from _history_problems(record, latent, ratio)
    if wrong & {"research_only", "intended_use"}:
        return
    research_only = record.research_only is not False
    if research_only != record.intended_use.startswith("research only"):
        yield (
            f"slide record intended_use: expected what fits research_only {research_only}, got "
            f"{record.intended_use!r:.60}"
        )
    if not research_only and model is not None and model.card.get("research_only") is not False:
        yield (
            "slide record research_only: states that the file is for more than research, the card "
            "of its model does not"
        )


def _history_problems(record: SlideRecord, latent: int, ratio: float | None) -> Iterator[str]:
    if not latent and (record.tiles is None or not record.tiles.is_lossy):
        # What lost nothing adds no step: the last one is the source's, which may be of ours.
        return
    step = record.lossy_history[-1] if record.lossy_history else None
    if step is None or step.method != PATHAE:
        yield (
            f"slide record lossy_history: expected a last step {PATHAE} for tiles that lost "
            f"something, got {step.method if step else 'none'!s:.40}"
        )
        return
    for name, (found, expected) in _pairs(record, step).items():
        if found != expected:
            yield (
                f"slide record lossy_history: its last step states {name} {found!s:.80}, the "
                f"record {expected}"
            )
    if step.ratio is None or ratio is None:
        return
    if not isclose(step.ratio, ratio, abs_tol=RATIO_STEP):
        yield (
            f"slide record lossy_history: its last step states a ratio of {step.ratio}, the tiles "
            f"have {ratio:.3f}"
        )


def _pairs(record: SlideRecord, step: LossyStep) -> dict[str, tuple[object, object]]:
    stated = dict(step.parameters or {})
    tally = record.tiles
    known: dict[str, object] = {
        "model": record.model.name,
        "decoder": record.model.decoder,
        "min_psnr": tally.min_psnr if tally else None,
        "max_error": tally.max_error if tally else None,
    }
    pairs: dict[str, tuple[object, object]] = {
        name: (stated[name], value) for name, value in known.items() if name in stated
    }
    return pairs | {"quality": (step.quality, record.quality)}
