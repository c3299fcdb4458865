"""How the figures of the tiles are spread: four histograms and a table."""

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from pathae_codec.verification.figures import Distribution, count_exact, distribution
from pathae_codec.verification.outcome import Verification
from pathae_codec.verification.report.markup import section, table, text
from pathae_codec.verification.report.wording import tiles

BINS = 28
_WIDTH, _HEIGHT, _LEFT, _BASE, _TOP = 340, 170, 8, 140, 14


@dataclass(frozen=True)
class _Measure:
    """A measure: its name in `LevelFigures`, its title, what it says, how it is written."""

    name: str
    title: str
    says: str
    form: str


_MEASURES = (
    _Measure("psnr", "PSNR, dB", "how far samples are off on average; higher is nearer", ".2f"),
    _Measure("ssim", "SSIM", "likeness of local structure; 1 is equal", ".4f"),
    _Measure("colour", "CIEDE2000", "mean difference of colour; about 1 is just visible", ".2f"),
    _Measure("max_error", "Largest error", "of any sample, of 255", ".0f"),
)


def draw_distributions(found: Verification) -> str:
    """Draw histograms and figures of the tiles that are not exact."""
    spreads = [(m, distribution(found.levels, m.name)) for m in _MEASURES]
    count = spreads[0][1].values.size
    if not count:
        return ""
    stated = found.statement.floor
    limits = {"psnr": stated.min_psnr, "max_error": stated.max_error}
    charts = "".join(_chart(m, d, limits.get(m.name)) for m, d in spreads)
    rows = [
        [
            text(m.title),
            *(
                f"{value:{m.form}}"
                for value in (d.least, d.quantile(0.01), d.quantile(0.5), d.mean, d.most)
            ),
        ]
        for m, d in spreads
    ]
    lead = (
        f"Over the {tiles(count)} that lost anything; {tiles(count_exact(found.levels))} equal the "
        "source and are not in it. Only pixels that are on the slide count. Triangles are medians."
    )
    heads = ("Measure", "Least", "1 %", "Median", "Mean", "Most")
    return section(
        "distributions",
        "How near the pixels are",
        text(lead),
        f'<div class="charts">{charts}</div>',
        table(heads, rows, numbers=1),
    )


def _chart(measure: _Measure, spread: Distribution, limit: float | None) -> str:
    low, high = spread.least, spread.most
    if limit is not None and measure.name == "psnr":
        low = min(low, limit)
    step = _nice_step((high - low) or abs(high) or 1.0)
    low, high = floor(low / step) * step, ceil(high / step) * step
    high = high if high > low else low + step
    counts, _ = np.histogram(spread.values, BINS, (low, high))
    wide = (_WIDTH - 2 * _LEFT) / BINS

    def across(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_WIDTH - 2 * _LEFT)

    bars = "".join(
        f'<rect class="bar" x="{_LEFT + n * wide + 0.5:.1f}" y="{_BASE - tall:.1f}" '
        f'width="{wide - 1:.1f}" height="{tall:.1f}"><title>{tiles(int(count))}</title></rect>'
        for n, count in enumerate(counts)
        if count
        for tall in (max(1.5, count / counts.max() * (_BASE - _TOP)),)
    )
    ticks = "".join(
        f'<text class="tick" x="{across(value):.1f}" y="{_BASE + 19}" '
        f'text-anchor="{_anchor(value, low, high)}">{value:g}</text>'
        for value in np.round(np.arange(low, high + step / 2, step), 10).tolist()
    )
    floor_line = ""
    if limit is not None and low <= limit <= high:
        x = across(limit)
        floor_line = (
            f'<line class="floor" x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{_BASE}"/>'
            f'<text class="floor" x="{x + 4:.1f}" y="11">stated {limit:g}</text>'
        )
    median = across(spread.quantile(0.5))
    return (
        f'<figure class="chart"><figcaption><b>{text(measure.title)}</b><br>{text(measure.says)}'
        f'</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT - 6}" role="img" '
        f'aria-label="histogram of {text(measure.title)}">{bars}'
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{_BASE}" y2="{_BASE}"/>'
        f'<path class="median" d="M{median:.1f} {_BASE + 1} l-4 6 h8 z">'
        f"<title>median</title></path>{ticks}{floor_line}</svg></figure>"
    )


def _anchor(value: float, low: float, high: float) -> str:
    edge = (high - low) / 50
    return "start" if value < low + edge else "end" if value > high - edge else "middle"


def _nice_step(span: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten of which a span has 3 to 7."""
    power = 10.0 ** floor(log10(span / 5))
    return next(m * power for m in (1, 2, 5, 10) if span / (m * power) <= 6)
