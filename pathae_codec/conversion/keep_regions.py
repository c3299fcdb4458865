"""Regions that are kept losslessly: polygons in pixels of level 0, from QuPath's GeoJSON.

RFC 7946, but for the coordinates: QuPath writes pixels of level 0, y downwards.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import RegionFileError
from pathae_codec.geometry import Level, TileIndex

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Polygon:
    """An area with holes; inside is what an odd number of rings goes around.

    Attributes:
        rings: float64 (points, 2) each, x and y, closed: the last point is the first.
    """

    rings: tuple[Points, ...]

    def touches(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Say whether the polygon and the closed rectangle have a point in common."""
        box = np.array([[left, top], [right, bottom]])
        if any(_edges_meet(ring, box) for ring in self.rings):
            return True
        # No edge comes near: the rectangle is all inside or all outside.
        return sum(_crossings(ring, left, top) for ring in self.rings) % 2 == 1


def load_regions(path: str | PathLike[str]) -> tuple[Polygon, ...]:
    """Load the polygons of a FeatureCollection, a list of Features, a Feature or a geometry.

    Raises:
        RegionFileError: No such file, no GeoJSON, no polygon, or geometries of another kind.
    """
    path = Path(path)
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise RegionFileError(f"regions {path}: {error.strerror}") from error
    except ValueError as error:
        raise RegionFileError(f"regions {path}: expected GeoJSON, got no JSON ({error})") from None
    try:
        polygons = tuple(_polygons(value))
    except (LookupError, TypeError, ValueError) as error:
        raise RegionFileError(f"regions {path}: {error}") from None
    if not polygons:
        raise RegionFileError(f"regions {path}: expected one polygon or more, found none")
    return polygons


def touches_any(polygons: tuple[Polygon, ...], level: Level, index: TileIndex, tile: int) -> bool:
    """Say whether a tile, as far as it is on its level, touches a polygon."""
    x, y = index.column * tile, index.row * tile
    right, bottom = min(x + tile, level.width), min(y + tile, level.height)
    edges = [side * level.downsample for side in (x, y, right, bottom)]
    return any(polygon.touches(*edges) for polygon in polygons)


def _polygons(value: Any) -> Iterator[Polygon]:  # noqa: ANN401
    if isinstance(value, list):
        for feature in value:
            yield from _polygons(feature)
        return
    kind = value.get("type") if isinstance(value, dict) else None
    match kind:
        case "FeatureCollection":
            yield from _polygons(list(value["features"]))
        case "Feature":
            if value["geometry"] is not None:
                yield from _polygons(value["geometry"])
        case "GeometryCollection":
            yield from _polygons(list(value["geometries"]))
        case "MultiPolygon":
            yield from (_polygon(rings) for rings in value["coordinates"])
        case "Polygon":
            yield _polygon(value["coordinates"])
        case _:
            raise ValueError(f"expected Polygon or MultiPolygon, got {kind!r:.40}")


def _polygon(rings: list[list[list[float]]]) -> Polygon:
    return Polygon(tuple(_ring(ring) for ring in rings))


def _ring(ring: list[list[float]]) -> Points:
    points = np.array([[float(x) for x in point[:2]] for point in ring], np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(f"expected rings of three points (x, y) or more, got {len(ring)}")
    if not np.isfinite(points).all():
        raise ValueError("expected finite coordinates")
    return points if (points[0] == points[-1]).all() else np.concatenate([points, points[:1]])


def _edges_meet(ring: Points, box: Points) -> bool:
    """Say whether an edge of a ring has a point in common with a closed rectangle.

    The theorem of separating axes: they are apart only if they are so along x, along y, or along
    the normal of the edge.
    """
    starts, ends = ring[:-1], ring[1:]
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    near = ((low <= box[1]) & (high >= box[0])).all(1)
    starts, ends = starts[near], ends[near]
    across = (ends - starts)[:, ::-1] * (-1, 1)
    corners = np.array([(x, y) for x in box[:, 0] for y in box[:, 1]])
    sides = ((corners - starts[:, None]) * across[:, None]).sum(2)
    return bool(((sides.min(1) <= 0) & (sides.max(1) >= 0)).any())


def _crossings(ring: Points, x: float, y: float) -> int:
    """Count the edges that a ray from (x, y) to the right crosses."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    spans = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return int((spans & (x < at)).sum())
