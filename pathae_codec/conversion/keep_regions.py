"""Regions that are kept losslessly: polygons in pixels of level 0, from QuPath's GeoJSON.

RFC 7946, but for the coordinates: QuPath writes pixels of level 0, y downwards.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pathae_codec.errors import (
    BackendUnavailableError,
    RegionFileError,
    SlideNotFoundError,
    SlideReadError,
)
from pathae_codec.geometry import Level, TileIndex
from pathae_codec.storage.location import check_readable

if TYPE_CHECKING:
    from shapely import STRtree

Points = NDArray[np.float64]
"""float64 (points, 2), x and y, closed: the last point is the first."""
Polygon = tuple[Points, ...]
"""Rings: an area and its holes."""


@dataclass(frozen=True)
class Regions:
    """Polygons; inside of one is what an odd number of its rings goes around.

    Attributes:
        rings: The rings of all polygons.
        polygons: int (rings,): the number of the polygon that each belongs to.
    """

    rings: "STRtree"
    polygons: NDArray[np.intp]

    def touch(self, rectangles: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of each closed rectangle whether it has a point in common with a polygon.

        Args:
            rectangles: float64 (rectangles, 4): left, top, right, bottom.
        """
        import shapely

        touched = np.zeros(len(rectangles), np.bool_)
        met, _ = self.rings.query(shapely.box(*rectangles.T), predicate="intersects")
        touched[met] = True
        # No edge comes near the others: such a one is all inside or all outside, as its corner is.
        corners = rectangles[:, :2]
        which, ring = self.rings.query(shapely.points(corners))
        around = shapely.polygons(self.rings.geometries[ring])
        inside = ~touched[which] & shapely.contains_xy(around, corners[which])
        pairs = np.stack([which, self.polygons[ring]], 1)[inside]
        found, rings = np.unique(pairs, axis=0, return_counts=True)
        touched[found[rings % 2 == 1, 0]] = True
        return touched

    def touched_tiles(self, level: Level, indices: Sequence[TileIndex], tile: int) -> list[bool]:
        """Say of each tile, as far as it is on its level, whether it touches a polygon."""
        upper = np.array([(index.column, index.row) for index in indices], np.float64) * tile
        lower = np.minimum(upper + tile, (level.width, level.height))
        touched = self.touch(np.concatenate([upper, lower], 1) * level.downsample)
        return [bool(one) for one in touched]


def load_regions(path: str | PathLike[str]) -> Regions:
    """Load the polygons of a FeatureCollection, a list of Features, a Feature or a geometry.

    Raises:
        RegionFileError: No such file, no GeoJSON, no polygon, or geometries of another kind.
        BackendUnavailableError: shapely is not installed.
    """
    path = Path(path)
    try:
        check_readable(path, "regions")
        value = json.loads(path.read_bytes())
    except (SlideNotFoundError, SlideReadError) as error:
        raise RegionFileError(str(error)) from error
    except OSError as error:
        raise RegionFileError(f"regions {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise RegionFileError(f"regions {path}: expected GeoJSON, got no JSON ({error})") from None
    try:
        polygons = tuple(filter(None, _polygons(value)))
    except KeyError as error:
        raise RegionFileError(f"regions {path}: expected the key {error}, found none") from None
    except (LookupError, TypeError) as error:
        raise RegionFileError(
            f"regions {path}: expected lists as GeoJSON has them, found others ({error})"
        ) from None
    except RecursionError:
        raise RegionFileError(
            f"regions {path}: expected collections one in another a few times, got too many"
        ) from None
    except (ValueError, OverflowError) as error:
        raise RegionFileError(f"regions {path}: {error}") from None
    if not polygons:
        raise RegionFileError(f"regions {path}: expected one polygon or more, found none")
    return index_polygons(polygons)


def index_polygons(polygons: Sequence[Polygon]) -> Regions:
    """Return an index of polygons, which finds those near a place without looking at all of them.

    Raises:
        BackendUnavailableError: shapely is not installed.
    """
    try:
        import shapely
    except ImportError as error:
        raise BackendUnavailableError(
            "regions: expected shapely, found none; the extra pathae[regions] brings it"
        ) from error
    rings = [ring for polygon in polygons for ring in polygon]
    lengths = [len(ring) for ring in rings]
    numbers = np.repeat(np.arange(len(rings)), lengths)
    return Regions(
        shapely.STRtree(shapely.linearrings(np.concatenate(rings), indices=numbers)),
        np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons]),
    )


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
    return tuple(_ring(ring) for ring in rings)


def _ring(ring: list[list[float]]) -> Points:
    points = np.array([point[:2] for point in ring], np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise ValueError(f"expected rings of three points (x, y) or more, got {len(ring)}")
    if not np.isfinite(points).all():
        raise ValueError("expected finite coordinates")
    closed = len(points) > 3 and (points[0] == points[-1]).all()
    return points if closed else np.concatenate([points, points[:1]])
