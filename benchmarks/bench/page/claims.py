"""Cells -> sentences: what may be claimed, from which rate on, and where it is not so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.bench.cells import Cell
from benchmarks.bench.page.rows import (
    Row,
    extractor_names,
    segmentation_rows,
    set_names,
    similarity_rows,
    split_rows,
)
from benchmarks.bench.statistics import Interval, interpolated

OURS, JPEG = "PathAE", "JPEG 4:2:0"
RATE, JPEG_RATE = 0.25, 0.9
MOST_FALL = 1.0
"""Points that classification may fall."""
_PROBE, _NETWORK, _BAGS = (
    ("classification", "accuracy", "probe, "),
    ("classification", "accuracy", "network, "),
    ("multiple_instance", "auc", ""),
)
_LEARNERS = {
    "classification by a linear probe": _PROBE,
    "classification by a small network": _NETWORK,
    "multiple-instance learning": _BAGS,
}
_WAYS = {
    "trained on originals": "trained on originals",
    "trained on reconstructions": "on reconstructions",
}
TASKS = {
    f"{learner}, {way},": (task, measure, f"+ {prefix}{column}")
    for way, column in _WAYS.items()
    for learner, (task, measure, prefix) in _LEARNERS.items()
}
"""What each task's change is called: cells of, measure, column of `split_rows`."""
TEST_SHARE = 0.5


@dataclass(frozen=True)
class Comparison:
    """One set seen by one extractor: ours at `RATE`, JPEG at `JPEG_RATE`; None beyond a curve.

    Attributes:
        until: Bits a pixel up to which ours is above JPEG at equal bytes; None: nowhere.
        everywhere: It is above in all of the range that both were measured in.
    """

    tiles: str
    extractor: str
    ours: float | None
    jpeg: float | None
    until: float | None
    everywhere: bool

    @property
    def holds(self) -> bool | None:
        """Say whether ours is above; None where one of the two was not measured."""
        return None if self.ours is None or self.jpeg is None else self.ours > self.jpeg


def compare_similarity(cells: Sequence[Cell]) -> list[Comparison]:
    """Compare each set, seen by each extractor."""
    found = []
    for tiles in set_names(cells):
        rows = similarity_rows(cells, tiles)
        for extractor in extractor_names(cells):
            ours, jpeg = (_curve(rows, codec, extractor) for codec in (OURS, JPEG))
            if ours[0] and jpeg[0]:
                found.append(_compare(tiles, extractor, ours, jpeg))
    return found


Curve = tuple[list[float], list[float]]


def _curve(rows: Sequence[Row], codec: str, name: str) -> Curve:
    points = sorted((r.bpp, r.values[name].mean) for r in rows if r.codec == codec)
    return [rate for rate, _ in points], [value for _, value in points]


def _compare(tiles: str, extractor: str, ours: Curve, jpeg: Curve) -> Comparison:
    low, high = max(ours[0][0], jpeg[0][0]), min(ours[0][-1], jpeg[0][-1])
    until, everywhere = None, False
    if low < high:
        rates = np.geomspace(low, high, 200)
        above = np.array(
            [(interpolated(*ours, r) or 0) > (interpolated(*jpeg, r) or 0) for r in rates]
        )
        everywhere = bool(above.all())
        if above[0]:
            until = float(rates[-1] if everywhere else rates[int(np.argmin(above)) - 1])
    return Comparison(
        tiles,
        extractor,
        interpolated(*ours, RATE),
        interpolated(*jpeg, JPEG_RATE),
        until,
        everywhere,
    )


@dataclass(frozen=True)
class Fall:
    """How far a task falls: the least rung from which on it falls by `MOST_FALL` at most.

    Attributes:
        holds: Rung, rate and change in points there; None: at no rung.
        breaks: The next rung below, where it falls by more; None: none was measured.
        at_rate: The change at `RATE`, between its two neighbours; None beyond what was measured.
        neighbours: The rungs next to `RATE`.
    """

    task: str
    holds: tuple[str, float, Interval] | None
    breaks: tuple[str, float, Interval] | None
    at_rate: float | None
    neighbours: tuple[tuple[str, float, Interval], ...]


def find_falls(cells: Sequence[Cell]) -> list[Fall]:
    """Say of each task how far it falls for ours."""
    tables = {
        words: (split_rows(cells, task, measure, TEST_SHARE), column)
        for words, (task, measure, column) in TASKS.items()
    }
    tables["Dice of a U-Net, trained on originals,"] = (segmentation_rows(cells), "+ dice")
    falls = []
    for words, (rows, column) in tables.items():
        ours = sorted(
            (row.bpp, row.setting, row.values[column])
            for row in rows
            if row.codec == OURS and column in row.values
        )
        if ours:
            falls.append(_fall(words, [(setting, bpp, change) for bpp, setting, change in ours]))
    return falls


def _fall(task: str, rungs: list[tuple[str, float, Interval]]) -> Fall:
    holds = breaks = None
    for rung in reversed(rungs):
        if rung[2].mean < -MOST_FALL:
            breaks = rung
            break
        holds = rung
    rates = [bpp for _, bpp, _ in rungs]
    at_rate = interpolated(rates, [change.mean for _, _, change in rungs], RATE)
    above = int(np.searchsorted(rates, RATE))
    neighbours = tuple(rungs[max(above - 1, 0) : above + 1])
    return Fall(task, holds, breaks, at_rate, neighbours)


def readme_sentence(comparisons: Sequence[Comparison], falls: Sequence[Fall]) -> list[str]:
    """Return the sentences that the README may say, each with the rate where it ends."""
    extractors = dict.fromkeys(c.extractor for c in comparisons)
    by_features = [
        _similarity_sentence(extractor, [c for c in comparisons if c.extractor == extractor])
        for extractor in extractors
    ]
    return [*by_features, *map(_fall_sentence, falls)]


def _similarity_sentence(extractor: str, group: Sequence[Comparison]) -> str:
    ahead = sorted((c.until, c.everywhere, c.tiles) for c in group if c.until is not None)
    never = [c.tiles for c in group if c.until is None]
    if not ahead:
        return f"By {extractor}, nothing: JPEG is level or above on every set."
    text = (
        f"Features of {extractor} are nearer to the original's than JPEG's at the same bytes, up "
        f"to {ahead[0][0]:.2f} bpp, on {_all_or([tiles for *_, tiles in ahead], len(group))}"
    )
    caught = [(until, tiles) for until, everywhere, tiles in ahead if not everywhere]
    if caught:
        until, tiles = caught[0]
        text += f"; the first of these where JPEG catches up is {tiles}, at {until:.2f} bpp"
    else:
        text += "; on none of these JPEG caught up within what was measured"
    if never:
        text += f"; not on {', '.join(never)}, where JPEG is level or above from the lowest rate on"
    return f"{text}."


def _all_or(names: Sequence[str], count: int) -> str:
    """Return names, or say that they are all."""
    if len(names) < count:
        return ", ".join(names)
    return "the one set" if count == 1 else f"all {count} sets"


def _fall_sentence(fall: Fall) -> str:
    if fall.holds is None:
        assert fall.breaks is not None
        return (
            f"Of {fall.task} nothing: it falls by more than {MOST_FALL:g} point at the highest "
            f"rate measured, {_rung(fall.breaks)}."
        )
    sure = fall.holds[2].low >= -MOST_FALL
    doubt = "" if sure else f"; the interval does not rule out a fall of more than {MOST_FALL:g}"
    text = (
        f"From {fall.holds[1]:.2f} bpp on, {fall.task} falls by at most {MOST_FALL:g} point on "
        f"average ({_rung(fall.holds)}{doubt})"
    )
    if fall.breaks is None:
        return f"{text}; no lower rate was measured."
    return f"{text}; at {_rung(fall.breaks)} that is no longer true."


def questions(comparisons: Sequence[Comparison], falls: Sequence[Fall]) -> list[str]:
    """Answer the two questions: similarity at `RATE` against JPEG at `JPEG_RATE`, and the fall."""
    answers = []
    for extractor in dict.fromkeys(c.extractor for c in comparisons):
        group = [c for c in comparisons if c.extractor == extractor]
        yes = [c.tiles for c in group if c.holds]
        no = [c.tiles for c in group if c.holds is False]
        unknown = [c.tiles for c in group if c.holds is None]
        parts = [
            f"{word} on {_all_or(names, len(group))}"
            for word, names in (("yes", yes), ("no", no), ("not measured at these rates", unknown))
            if names
        ]
        answers.append(
            f"Similarity of PathAE at {RATE:g} bpp above JPEG's at {JPEG_RATE:g} bpp, by "
            f"{extractor}: {'; '.join(parts)}."
        )
    for fall in falls:
        near = "; ".join(map(_rung, fall.neighbours))
        if fall.at_rate is None:
            answers.append(
                f"{_sentence(fall.task)} at {RATE:g} bpp: not measured; nearest: {near}."
            )
            continue
        verdict = "yes" if fall.at_rate >= -MOST_FALL else "no"
        answers.append(
            f"{_sentence(fall.task)} falls by at most {MOST_FALL:g} point at {RATE:g} bpp: "
            f"{verdict}, {fall.at_rate:+.1f} points, between {near}."
        )
    return answers


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _rung(rung: tuple[str, float, Interval]) -> str:
    setting, bpp, change = rung
    span = "" if np.isnan(change.low) else f", {change.low:+.1f} to {change.high:+.1f}"
    return f"quality {setting}, {bpp:.2f} bpp: {change.mean:+.1f}{span}"
