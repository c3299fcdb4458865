"""Polygon and rectangle: exact, against a slow count of points."""

import numpy as np
import pytest

from pathae_codec.conversion.keep_regions import Polygon

SQUARE = np.array([(10, 10), (30, 10), (30, 30), (10, 30), (10, 10)], float)
HOLE = np.array([(14, 14), (26, 14), (26, 26), (14, 26), (14, 14)], float)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((0, 0, 9, 9), False),
        ((0, 0, 10, 10), True),  # a corner in common
        ((12, 12, 13, 13), True),  # all of it in the frame
        ((15, 15, 25, 25), False),  # all of it in the hole
        ((13, 15, 15, 16), True),  # across the edge of the hole
        ((0, 0, 40, 40), True),  # around all of it
        ((31, 0, 40, 40), False),
        ((0, 20, 5, 22), False),  # to the left, where a ray crosses four edges
    ],
)
def test_a_frame_with_a_hole(box: tuple[float, float, float, float], expected: bool) -> None:
    assert Polygon((SQUARE, HOLE)).touches(*box) is expected


def test_a_slanting_edge_is_not_its_box() -> None:
    triangle = Polygon((np.array([(0, 0), (0, 100), (100, 100), (0, 0)], float),))
    assert not triangle.touches(60, 0, 100, 50)
    assert triangle.touches(60, 0, 100, 60)


def test_random_triangles_against_points() -> None:
    generator = np.random.default_rng(5)
    grid = np.stack(np.meshgrid(np.arange(0, 64, 0.5), np.arange(0, 64, 0.5)), -1).reshape(-1, 2)
    for _ in range(200):
        corners = generator.integers(0, 64, (3, 2)).astype(float)
        ring = np.concatenate([corners, corners[:1]])
        left, top = generator.integers(0, 56, 2)
        box = (left, top, left + 8, top + 8)
        a, b, c = (
            (ring[n + 1] - ring[n])[0] * (grid - ring[n])[:, 1]
            - (ring[n + 1] - ring[n])[1] * (grid - ring[n])[:, 0]
            for n in range(3)
        )
        inside = ((a > 0) & (b > 0) & (c > 0)) | ((a < 0) & (b < 0) & (c < 0))
        within = ((grid >= (left, top)) & (grid <= (left + 8, top + 8))).all(1)
        if (inside & within).any():
            assert Polygon((ring,)).touches(*box)
        low, high = corners.min(0), corners.max(0)
        if (low > (left + 8, top + 8)).any() or (high < (left, top)).any():
            assert not Polygon((ring,)).touches(*box)
