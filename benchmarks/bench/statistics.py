"""Means with 95 % confidence intervals, and what else tables need."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

RESAMPLES = 2000
LEVEL = 0.95
SEED = 0
"""Of the draws, so that a page is the same whenever it is written."""


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % confidence interval; nan ends where there is none."""

    mean: float
    low: float
    high: float


def bootstrap(values: ArrayLike) -> Interval:
    """Return the mean of independent values, its interval by the percentile bootstrap (Efron)."""
    return stratified_bootstrap([values])


def stratified_bootstrap(groups: Sequence[ArrayLike]) -> Interval:
    """Return the mean of the groups' means, each group drawn from alone: sets weigh the same.

    There is no interval where a group has one value.
    """
    samples = tuple(np.asarray(group, np.float64) for group in groups)
    mean = float(_mean_of_means(*samples))
    if min(map(len, samples)) < 2:
        return Interval(mean, float("nan"), float("nan"))
    found = stats.bootstrap(
        samples,
        _mean_of_means,
        n_resamples=RESAMPLES,
        confidence_level=LEVEL,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Interval(mean, float(found.low), float(found.high))


def _mean_of_means(*samples: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    return np.mean([sample.mean(axis) for sample in samples], axis=0)


def resampled(values: ArrayLike, train: int, test: int) -> Interval:
    """Return the mean over repeated splits of the same tiles.

    The splits share tiles, so that the variance is corrected for it (Nadeau and Bengio 2003): it is
    multiplied by 1 / n + test / train in place of 1 / n.
    """
    x = np.asarray(values, np.float64)
    mean = float(x.mean())
    if len(x) < 2:
        return Interval(mean, float("nan"), float("nan"))
    half = student_quantile(len(x) - 1) * np.sqrt(x.var(ddof=1) * (1 / len(x) + test / train))
    return Interval(mean, mean - float(half), mean + float(half))


def student_quantile(freedom: int) -> float:
    """Return the 0.975 quantile of Student's t."""
    return float(stats.t.ppf((1 + LEVEL) / 2, freedom))


def limits_of_agreement(differences: ArrayLike) -> Interval:
    """Return bias and limits of agreement: mean, mean -+ 1.96 deviations (Bland, Altman 1986)."""
    x = np.asarray(differences, np.float64)
    half = 1.96 * float(x.std(ddof=1)) if len(x) > 1 else float("nan")
    return Interval(float(x.mean()), float(x.mean()) - half, float(x.mean()) + half)


def area_under_curve(scores: NDArray[np.float32], labels: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve, 0 to 1: how often a positive scores above a negative."""
    positive, negative = scores[labels][:, None], scores[~labels][None]
    return float((positive > negative).mean() + 0.5 * (positive == negative).mean())


def interpolated(rates: ArrayLike, values: ArrayLike, rate: float) -> float | None:
    """Return the value of a curve at a rate, linear in the logarithm of rate; None beyond it."""
    x, y = np.asarray(rates, np.float64), np.asarray(values, np.float64)
    order = np.argsort(x)
    x, y = x[order], y[order]
    if not len(x) or not x[0] <= rate <= x[-1]:
        return None
    return float(np.interp(np.log(rate), np.log(x), y))
