"""Polygon and rectangle: exact, against a slow count of points and of edges."""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathae_codec.conversion.keep_regions import Polygon, index_polygons, load_regions
from pathae_codec.errors import BackendUnavailableError, RegionFileError
from pathae_codec.geometry import Level, TileIndex

SQUARE = np.array([(10, 10), (30, 10), (30, 30), (10, 30), (10, 10)], float)
HOLE = np.array([(14, 14), (26, 14), (26, 26), (14, 26), (14, 14)], float)
Box = tuple[float, float, float, float]


def touches(polygon: Polygon, *box: float) -> bool:
    return bool(index_polygons([polygon]).touch(np.array([box], float))[0])


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
def test_a_frame_with_a_hole(box: Box, expected: bool) -> None:
    assert touches((SQUARE, HOLE), *box) is expected


def test_a_slanting_edge_is_not_its_box() -> None:
    triangle = (np.array([(0, 0), (0, 100), (100, 100), (0, 0)], float),)
    assert not touches(triangle, 60, 0, 100, 50)
    assert touches(triangle, 60, 0, 100, 60)


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
            assert touches((ring,), *box)
        low, high = corners.min(0), corners.max(0)
        if (low > (left + 8, top + 8)).any() or (high < (left, top)).any():
            assert not touches((ring,), *box)


def meets(start: tuple[int, int], end: tuple[int, int], box: Box) -> bool:
    """Say whether an edge meets a rectangle: not apart along x, y, or the edge's normal."""
    (x0, y0), (x1, y1), (left, top, right, bottom) = start, end, box
    if max(x0, x1) < left or min(x0, x1) > right or max(y0, y1) < top or min(y0, y1) > bottom:
        return False
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    sides = [(x - x0) * (y1 - y0) - (y - y0) * (x1 - x0) for x, y in corners]
    return min(sides) <= 0 <= max(sides)


def crossed(ring: list[tuple[int, int]], x: float, y: float) -> int:
    """Count the edges that a ray from (x, y) to the right crosses, in whole numbers."""
    return sum(
        (y0 > y) != (y1 > y) and (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
        for (x0, y0), (x1, y1) in pairwise(ring)
    )


points = st.tuples(st.integers(0, 12), st.integers(0, 12))
rings = st.lists(points, min_size=3, max_size=7).map(lambda corners: [*corners, corners[0]])


@given(
    st.lists(st.lists(rings, min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.tuples(points, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=9),
)
@settings(max_examples=300, deadline=None)
def test_any_rings_against_every_edge(
    drawn: list[list[list[tuple[int, int]]]], boxes: list[tuple[tuple[int, int], int, int]]
) -> None:
    """Rings that cross themselves and each other, that are a line or a point, holes outside."""
    rectangles = [(x, y, x + width, y + height) for (x, y), width, height in boxes]
    expected = [
        any(
            any(meets(start, end, box) for ring in rings for start, end in pairwise(ring))
            or sum(crossed(ring, box[0], box[1]) for ring in rings) % 2 == 1
            for rings in drawn
        )
        for box in rectangles
    ]
    polygons = [tuple(np.array(ring, float) for ring in rings) for rings in drawn]
    found = index_polygons(polygons).touch(np.array(rectangles, float))
    assert found.tolist() == expected


def test_tiles_are_those_of_the_level_and_end_with_it(tmp_path: Path) -> None:
    """On a level of a quarter: a tile of 8 pixels is 32 of level 0, the last one cut at 80."""
    path = tmp_path / "regions.geojson"
    path.write_text('{"type": "Polygon", "coordinates": [[[81, 1, 5], [95, 1], [95, 9]]]}')
    regions, level = load_regions(path), Level(1, 20, 20, 4.0)
    row = [TileIndex(0, column) for column in range(3)]
    assert regions.touched_tiles(level, row, 8) == [False, False, False]
    path.write_text('{"type": "Polygon", "coordinates": [[[80, 1, 5], [95, 1], [95, 9]]]}')
    assert load_regions(path).touched_tiles(level, row, 8) == [False, False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"type": "FeatureCollection"}', "expected the key 'features', found none"),
        ('{"type": "Feature"}', "expected the key 'geometry', found none"),
        ('{"type": "Polygon", "coordinates": null}', "expected lists as GeoJSON has them"),
        ('{"type": "Polygon", "coordinates": [[1, 2], [3, 4]]}', "expected lists as GeoJSON"),
    ],
)
def test_what_is_missing_is_named(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "regions.geojson"
    path.write_text(text)
    with pytest.raises(RegionFileError, match=told):
        load_regions(path)


@pytest.mark.parametrize("opening", ["[", '{"type": "GeometryCollection", "geometries": ['])
def test_depth_is_refused(opening: str, tmp_path: Path) -> None:
    path, depth = tmp_path / "deep.geojson", 20_000
    path.write_text(opening * depth + ("]" if opening == "[" else "]}") * depth)
    with pytest.raises(RegionFileError, match="recursion"):
        load_regions(path)


def test_without_shapely_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "regions.geojson"
    path.write_text('{"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 7]]]}')
    monkeypatch.setitem(sys.modules, "shapely", None)
    with pytest.raises(BackendUnavailableError, match=r"the extra pathae\[regions\] brings"):
        load_regions(path)
