"""What the benchmark computes from cells: splits, nuclei, intervals, claims."""

import numpy as np
import pytest

from tests.bench_data import draw_nuclei

pytest.importorskip("torch", reason="the benchmarks' networks run on torch")
pytest.importorskip("scipy", reason="needs the benchmarks extra")

from benchmarks.bench.cells import Cell
from benchmarks.bench.nuclei import find_nuclei, object_f1, overlap, same_nuclei
from benchmarks.bench.page import claims
from benchmarks.bench.statistics import (
    area_under_curve,
    bootstrap,
    interpolated,
    limits_of_agreement,
    resampled,
    stratified_bootstrap,
)
from benchmarks.bench.tasks.classification import split


def test_split_is_of_each_class_and_shares_nothing() -> None:
    labels = np.repeat([0, 1, 2], 9)
    train, test = split(labels, 3)
    assert sorted([*train, *test]) == list(range(27))
    assert np.bincount(labels[train]).tolist() == [6, 6, 6]
    assert not np.array_equal(train, split(labels, 4)[0])


def test_nuclei_lost_and_invented_are_seen() -> None:
    pixels, _ = draw_nuclei(64, 0, 0)
    a, b = np.zeros((64, 64), bool), np.zeros((64, 64), bool)
    a[4:14, 4:14] = a[30:40, 30:40] = True
    b[5:15, 4:14] = b[50:60, 4:14] = b[62:, 62:] = True
    wanted, found = (find_nuclei(mask, pixels, 20) for mask in (a, b))
    assert (len(wanted.areas), len(found.areas)) == (2, 2)
    assert same_nuclei(wanted, found) == 1
    assert object_f1(wanted, found) == pytest.approx(0.5)
    dice, iou = overlap(a, b)
    assert dice == pytest.approx(2 * iou / (1 + iou))
    assert find_nuclei(np.zeros_like(a), pixels, 20).areas.size == 0


def test_haematoxylin_is_more_where_it_is_darker() -> None:
    pixels, mask = draw_nuclei(64, 5, 1)
    inside = find_nuclei(mask, pixels, 5).haematoxylin.min()
    outside = find_nuclei(~mask, pixels, 5).haematoxylin.max()
    assert inside > 2 * outside


def test_intervals() -> None:
    values = np.random.default_rng(0).normal(3, 1, 400)
    inside = bootstrap(values)
    assert inside.low < inside.mean < inside.high
    assert inside.high - inside.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    narrow, wide = np.full(50, 1.0), np.random.default_rng(1).normal(5, 1, 50)
    groups = stratified_bootstrap([narrow, wide])
    alone = bootstrap(wide)
    # Each group weighs the same: the mean moves by half, and the interval is half as wide.
    assert groups.mean == pytest.approx((1 + wide.mean()) / 2)
    assert groups.high - groups.low == pytest.approx((alone.high - alone.low) / 2, rel=0.05)
    assert np.isnan(stratified_bootstrap([narrow, [2.0]]).low)
    assert bootstrap([2.0]).mean == 2
    # Two splits, Student's t of one degree: 12.706 * sqrt(0.5 * (1 / 2 + 1 / 2)).
    assert resampled([1.0, 2.0], 2, 1).high == pytest.approx(1.5 + 12.7062 * 0.5**0.5, rel=1e-4)
    assert np.isnan(resampled([1.0], 2, 1).low)
    agreement = limits_of_agreement([1.0, 3.0])
    assert agreement.high - agreement.mean == pytest.approx(1.96 * 2**0.5)


def test_area_and_interpolation() -> None:
    labels = np.array([False, True, False, True])
    assert area_under_curve(np.array([0.1, 0.9, 0.2, 0.8], np.float32), labels) == 1
    assert area_under_curve(np.zeros(4, np.float32), labels) == 0.5
    assert interpolated([1, 4], [0, 2], 2) == pytest.approx(1)
    assert interpolated([1, 4], [0, 2], 5) is None


def similarity_cell(codec: str, setting: str, bpp: float, similarity: float) -> Cell:
    tiles = {"pixels": 800, "bytes": [100 * bpp] * 3, "eye": [similarity] * 3}
    measured = {"extractors": ["eye"], "tiles": ["tissue"], "sets": {"tissue": tiles}}
    return Cell("feature_similarity", codec, setting, 0, "", 0, measured)


def class_cells(codec: str, setting: str, bpp: float, accuracies: list[float]) -> list[Cell]:
    return [
        Cell(
            "classification",
            codec,
            setting,
            seed,
            "",
            0,
            {
                "bytes": 100 * bpp,
                "pixels": 800,
                "accuracy": {"probe, trained on originals": accuracy},
            },
        )
        for seed, accuracy in enumerate(accuracies)
    ]


def test_claims_are_where_the_cells_put_them() -> None:
    ours = [similarity_cell("PathAE", str(q), b, s) for q, b, s in ((0, 0.1, 0.8), (9, 1.6, 0.9))]
    theirs = [
        similarity_cell("JPEG 4:2:0", str(q), b, s) for q, b, s in ((1, 0.1, 0.7), (2, 1.6, 1.0))
    ]
    (found,) = claims.compare_similarity(ours + theirs)
    assert found.until == pytest.approx(0.4, rel=0.05)
    assert found.ours == pytest.approx(0.8 + 0.1 * np.log(2.5) / np.log(16), abs=1e-6)
    assert found.holds is False
    accuracies = class_cells("original", "raw", 24, [0.9, 0.8])
    accuracies += class_cells("PathAE", "50", 1.0, [0.9, 0.8])
    accuracies += class_cells("PathAE", "20", 0.3, [0.895, 0.795])
    accuracies += class_cells("PathAE", "0", 0.1, [0.87, 0.76])
    (fall,) = claims.find_falls(accuracies)
    assert fall.holds is not None
    assert fall.breaks is not None
    assert (fall.holds[0], fall.breaks[0]) == ("20", "0")
    assert fall.holds[2].mean == pytest.approx(-0.5)
    sentences = " ".join(claims.readme_sentence([found], [fall]))
    assert (
        "From 0.30 bpp on, classification by a linear probe, trained on originals, falls"
        in sentences
    )
    assert "up to 0.40 bpp" in sentences
    answers = " ".join(claims.questions([found], [fall]))
    assert "by eye: no on the one set" in answers
    assert "quality 0, 0.10 bpp: -3.5" in answers
