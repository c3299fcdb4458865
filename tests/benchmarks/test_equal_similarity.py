"""Bytes at equal fidelity, against values computed by hand."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="judges are networks of torch")

pytest.importorskip("scipy", reason="monotone interpolation is scipy's")

from benchmarks.judges.equal_similarity import compare_at_equal, decibels
from benchmarks.judges.measure import Row
from benchmarks.judges.table import comparison_table


def test_half_the_bytes_at_each_fidelity() -> None:
    found = compare_at_equal([1, 2, 4], [30, 33, 36], [2, 4, 8], [30, 33, 36])
    assert found.percent == pytest.approx(-50)
    assert found.overlap == 1


def test_one_decibel_on_a_straight_curve() -> None:
    """Three decibels double the bytes, so one decibel is a factor of the third root of two."""
    found = compare_at_equal([1, 2, 4], [30, 33, 36], [1, 2, 4], [29, 32, 35])
    assert found.percent == pytest.approx(100 * (2 ** (-1 / 3) - 1))
    assert found.overlap == pytest.approx(5 / 6)


def test_the_other_way_round_is_the_inverse() -> None:
    ours, other = ([1, 2, 4], [30, 33, 36]), ([1, 2.5, 4], [29, 32, 35])
    there, back = compare_at_equal(*ours, *other), compare_at_equal(*other, *ours)
    assert (1 + there.percent / 100) * (1 + back.percent / 100) == pytest.approx(1)


def test_nothing_is_said_without_overlap() -> None:
    found = compare_at_equal([1, 2], [30, 33], [1, 2], [40, 43])
    assert np.isnan(found.percent)
    assert found.overlap == 0


def test_a_dearer_setting_that_is_worse_is_left_out() -> None:
    clean = compare_at_equal([1, 2, 4], [30, 33, 36], [1, 2, 4], [29, 32, 35])
    found = compare_at_equal([1, 2, 3, 4], [30, 33, 32.5, 36], [1, 2, 4], [29, 32, 35])
    assert found == clean


def test_one_point_is_no_curve() -> None:
    assert np.isnan(compare_at_equal([1], [30], [1, 2], [29, 33]).percent)


def test_similarity_in_decibels() -> None:
    assert decibels([0.9, 0.99, 1.0]) == pytest.approx([10, 20, 90])


def rows(codec: str, rates: list[float], similarity: list[float]) -> list[Row]:
    return [
        Row(codec, f"{rate}", rate, 30 + 3 * np.log2(rate), {"VGG": value})
        for rate, value in zip(rates, similarity, strict=True)
    ]


def test_table_has_a_line_for_each_judge_and_leaves_jpeg_out_of_the_mean() -> None:
    ours = rows("ours", [1, 2, 4], [0.9, 0.95, 0.975])
    sets = {
        "clean": {"ours": ours, "AVIF": rows("AVIF", [2, 4, 8], [0.9, 0.95, 0.975])},
        "once JPEG": {"ours": ours, "AVIF": rows("AVIF", [0.5, 1, 2], [0.9, 0.95, 0.975])},
    }
    lines = comparison_table(sets, "ours", ["AVIF"], ["clean"]).splitlines()
    assert "| clean | VGG | -50 % (100) |" in lines
    assert "| once JPEG | VGG | +100 % (100) |" in lines
    assert "| mean, never JPEG | VGG | -50 % |" in lines
    assert "| mean, never JPEG | all judges | -50 % |" in lines
    assert "| clean | PSNR | +0 % (50) |" in lines
