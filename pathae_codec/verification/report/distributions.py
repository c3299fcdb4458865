"""How the figures of the tiles are spread: four histograms and a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from pathae_codec.verification.figures import Distribution, distribution
from pathae_codec.verification.outcome import Verification

BINS = 28
WIDTH, HEIGHT, LEFT, BASE, TOP = 340, 164, 8, 140, 14
"""Of a chart, in its units: y goes downwards, the axis is at `BASE`."""


@dataclass(frozen=True)
class Chart:
    """The histogram of a measure.

    Attributes:
        title, says: The measure in words.
        bars: x, y, width and height, and the tiles that it stands for.
        ticks: x and value along the axis, and which end of the words is at x.
        median: Its x.
        floor: x and value of what the file states, if that is inside the chart.
        row: Of the table: the title, least, 1 %, median, mean, most.
        tiles: Their number.
    """

    title: str
    says: str
    bars: tuple[tuple[float, float, float, float, int], ...]
    ticks: tuple[tuple[float, float, str], ...]
    median: float
    floor: tuple[float, float] | None
    row: tuple[str, ...]
    tiles: int


_MEASURES = (
    ("psnr", "PSNR, dB", "how far samples are off on average; higher is nearer", ".2f"),
    ("luma_ssim", "SSIM of luma", "likeness of local structure; 1 is equal", ".4f"),
    ("colour", "CIEDE2000", "mean difference of colour; about 1 is just visible", ".2f"),
    ("max_error", "Largest error", "of any sample, of 255", ".0f"),
)
"""Name in `LevelFigures`, title, what it says, how it is written."""


def draw_charts(found: Verification) -> list[Chart]:
    """Return histograms and figures of the tiles that are not exact; none if there are none."""
    stated = found.statement.floor
    limits = {"psnr": stated.min_psnr, "max_error": stated.max_error}
    return [
        _chart(measure, spread, limits.get(measure[0]))
        for measure in _MEASURES
        if (spread := distribution(found.levels, measure[0])).values.size
    ]


def _chart(measure: tuple[str, str, str, str], spread: Distribution, limit: float | None) -> Chart:
    name, title, says, form = measure
    low, high = spread.least, spread.most
    if limit is not None and name == "psnr":
        low = min(low, limit)
    step = _nice_step((high - low) or abs(high) or 1.0)
    low, high = floor(low / step) * step, ceil(high / step) * step
    high = high if high > low else low + step

    def across(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - 2 * LEFT)

    values = np.round(np.arange(low, high + step / 2, step), 10).tolist()
    shown = (spread.least, spread.quantile(0.01), spread.quantile(0.5), spread.mean, spread.most)
    return Chart(
        title,
        says,
        tuple(_bars(spread, low, high)),
        tuple((across(value), value, _anchor(value, low, high)) for value in values),
        across(spread.quantile(0.5)),
        (across(limit), limit) if limit is not None and low <= limit <= high else None,
        (title, *(format(value, form) for value in shown)),
        spread.values.size,
    )


def _bars(
    spread: Distribution, low: float, high: float
) -> Iterator[tuple[float, float, float, float, int]]:
    counts, _ = np.histogram(spread.values, BINS, (low, high))
    wide = (WIDTH - 2 * LEFT) / BINS
    tall = np.maximum(1.5, counts / counts.max() * (BASE - TOP)).tolist()
    for n, count in enumerate(counts.tolist()):
        if count:
            yield LEFT + n * wide + 0.5, BASE - tall[n], wide - 1, tall[n], count


def _anchor(value: float, low: float, high: float) -> str:
    edge = (high - low) / 50
    return "start" if value < low + edge else "end" if value > high - edge else "middle"


def _nice_step(span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten of which a span has 3 to 7."""
    power = 10.0 ** floor(log10(span / 5))
    return next(m * power for m in (1, 2, 5, 10) if span / (m * power) <= 6)
