"""Which fences are near a place, and how far inside or outside of them it is: all fences and many places at once."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.geofences.date_line import joined
from geo_engine.geofences.model import Circle, Corridor, Geofence, Polygon
from geo_engine.geofences.version_chains import VersionChains
from geo_engine.geometry.measure import box_around, geodesics_m, metres_per_degree, turned_deg

_USUAL_REACH_M = 60.0
_PLANE_M = 10_000.0
_PLANE_LAT_DEG = 75.0
_HALF_TURN_DEG = 180.0


class NearFences(NamedTuple):
    """Pairs of a place and a fence near it; arrays of one length, ordered by fence and then by place.

    Parameters
    ----------
    places, fences
        Numbers of the place and of the fence, as they were given.
    depths_m
        How far the place is from the fence's edge, positive inside.
    """

    places: NDArray[np.intp]
    fences: NDArray[np.intp]
    depths_m: NDArray[np.float64]


class FenceIndex:
    """The fences of a tenant as they were at a time, or all versions of a span.

    Parameters
    ----------
    fences
        In any order; numbers of fences are their places in it. Which are versions of one fence: see `VersionChains`.

    Notes
    -----
    A tree of boxes finds what may be near; what is measured then is measured in a plane around each fence, right to
    0.1 % within 10 km, circles of more than that on the ellipsoid. Of a larger area or corridor what is inside is right
    as GeoJSON means it, straight between corners in degrees; how deep it is, only near its middle. Fences across the
    180th meridian have to be cut there, as RFC 7946 says: parts that meet there are one.
    """

    def __init__(self, fences: Sequence[Geofence]) -> None:
        self.fences = tuple(fences)
        self.versions = VersionChains(self.fences)
        plans = [_Plan.of(fence.shape) for fence in fences]
        columns = np.array([(*plan.origin, *plan.scale, plan.circle_m, plan.depth_m) for plan in plans])
        self._lons, self._lats, self._east_m, self._north_m, self._circles_m, depths = columns.reshape(-1, 6).T
        self.depths_m: NDArray[np.float64] = depths
        """How far the innermost place of each fence is from its edge."""
        self._areas: NDArray[np.object_] = np.array([plan.area for plan in plans], dtype=np.object_)
        self._edges: NDArray[np.object_] = shapely.boundary(self._areas)
        shapely.prepare(self._areas)
        shapely.prepare(self._edges)
        self._is_curved = (self._circles_m > _PLANE_M) | (
            ~np.isnan(self._circles_m) & (abs(self._lats) > _PLANE_LAT_DEG)
        )
        self._any_curved = bool(self._is_curved.any())
        boxes = np.array([plan.box for plan in plans]).reshape(-1, 4)
        west, south, east, north = boxes.T
        self._tree = shapely.STRtree(_boxes(west, south, east, north))
        wide, high = _degrees(np.full(len(boxes), _USUAL_REACH_M), np.maximum(abs(south), abs(north)))
        self._wider_tree = shapely.STRtree(_boxes(west - wide, south - high, east + wide, north + high))

    def __len__(self) -> int:
        return len(self.fences)

    def near(
        self, lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64], reaches_m: NDArray[np.float64]
    ) -> NearFences:
        """Return which fences each place is inside of or nearer to than its reach.

        Parameters
        ----------
        lons_deg, lats_deg
            WGS 84.
        reaches_m
            For each place, how far outside of a fence it may be to be near.
        """
        places, fences = self._near_boxes(lons_deg, lats_deg, reaches_m)
        depths_m = self.measure_m(lons_deg[places], lats_deg[places], fences)
        is_near = depths_m >= -reaches_m[places]
        places, fences, depths_m = places[is_near], fences[is_near], depths_m[is_near]
        order = np.lexsort((places, fences))
        return NearFences(places[order], fences[order], depths_m[order])

    def _near_boxes(
        self, lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64], reaches_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return pairs of a place and a fence whose box it may be near: for most places a tree of wider boxes knows."""
        is_wide = reaches_m > _USUAL_REACH_M
        usual, wide = np.flatnonzero(~is_wide), np.flatnonzero(is_wide)
        near, fences = self._wider_tree.query(shapely.points(lons_deg[usual], lats_deg[usual]))
        widths_deg, heights_deg = _degrees(reaches_m[wide], lats_deg[wide])
        lons_deg, lats_deg = lons_deg[wide], lats_deg[wide]
        sides = lons_deg - widths_deg, lats_deg - heights_deg, lons_deg + widths_deg, lats_deg + heights_deg
        near_wide, fences_wide = self._tree.query(_boxes(*sides))
        return np.concatenate([usual[near], wide[near_wide]]), np.concatenate([fences, fences_wide])

    def crossed(
        self, starts_deg: NDArray[np.float64], ends_deg: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return numbers of straight ways and of fences whose boxes they come through, as pairs.

        Parameters
        ----------
        starts_deg, ends_deg
            Where each way begins and ends, (lon, lat), WGS 84; arrays of shape (n, 2).
        """
        ways, fences = self._tree.query(shapely.linestrings(np.stack((starts_deg, ends_deg), axis=1)))
        return ways, fences

    def measure_m(
        self, lons_deg: NDArray[np.float64], lats_deg: NDArray[np.float64], fences: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Return how far each place is from the edge of the fence it is paired with, positive inside.

        Parameters
        ----------
        lons_deg, lats_deg, fences
            Arrays of one length: WGS 84, and numbers of fences.
        """
        east_m = turned_deg(lons_deg - self._lons[fences]) * self._east_m[fences]
        north_m = (lats_deg - self._lats[fences]) * self._north_m[fences]
        depths_m: NDArray[np.float64] = self._circles_m[fences] - np.hypot(east_m, north_m)
        others = np.flatnonzero(np.isnan(depths_m))
        if len(others):
            areas, edges = self._areas[fences[others]], self._edges[fences[others]]
            points = shapely.points(east_m[others], north_m[others])
            apart_m = shapely.distance(edges, points)
            depths_m[others] = np.where(shapely.covers(areas, points), apart_m, -apart_m)
        if self._any_curved:
            self._curve(depths_m, lons_deg, lats_deg, fences)
        return depths_m

    def _curve(
        self,
        depths_m: NDArray[np.float64],
        lons_deg: NDArray[np.float64],
        lats_deg: NDArray[np.float64],
        fences: NDArray[np.intp],
    ) -> None:
        """Measure anew on the ellipsoid what no plane tells."""
        rows = np.flatnonzero(self._is_curved[fences])
        some = fences[rows]
        apart_m = geodesics_m(self._lons[some], self._lats[some], lons_deg[rows], lats_deg[rows])
        depths_m[rows] = self._circles_m[some] - apart_m


def _boxes(
    west: NDArray[np.float64], south: NDArray[np.float64], east: NDArray[np.float64], north: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return boxes; one across the 180th meridian goes all round the earth."""
    is_across = (west < -_HALF_TURN_DEG) | (east > _HALF_TURN_DEG)
    sides = np.where(is_across, -_HALF_TURN_DEG, west), south, np.where(is_across, _HALF_TURN_DEG, east), north
    found: NDArray[np.object_] = shapely.box(*sides)
    return found


def _degrees(
    lengths_m: NDArray[np.float64], lats_deg: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many degrees of longitude and of latitude lengths are at most."""
    return lengths_m / (111_000.0 * np.maximum(np.cos(np.radians(lats_deg)), 1e-6)), lengths_m / 110_500.0


class _Plan(NamedTuple):
    """A fence in metres around its origin; a circle has no area, all else no circle."""

    origin: tuple[float, float]
    scale: tuple[float, float]
    circle_m: float
    depth_m: float
    area: shapely.Geometry | None
    box: tuple[float, float, float, float]

    @classmethod
    def of(cls, shape: Circle | Polygon | Corridor) -> Self:
        if isinstance(shape, Circle):
            centre, radius_m = shape.centre, shape.radius_m
            box = box_around(centre, radius_m)
            sides = box.west, box.south, box.east, box.north
            return cls((centre.lon, centre.lat), metres_per_degree(centre.lat), radius_m, radius_m, None, sides)
        return cls._of_area(shape)

    @classmethod
    def _of_area(cls, shape: Polygon | Corridor) -> Self:
        geometry = joined(shape.areas if isinstance(shape, Polygon) else shape.lines)
        half_m = 0.0 if isinstance(shape, Polygon) else shape.width_m / 2.0
        west, south, east, north = shapely.bounds(geometry).tolist()
        origin = (west + east) / 2.0, (south + north) / 2.0
        scale = metres_per_degree(origin[1])
        plane = shapely.transform(geometry, lambda degrees: (degrees - origin) * scale)
        area = plane if isinstance(plane, shapely.MultiPolygon) else shapely.buffer(plane, half_m)
        depth_m = float(shapely.maximum_inscribed_circle(area, tolerance=1.0).length)
        west_m, south_m, east_m, north_m = shapely.bounds(area).tolist()
        low, high = (west_m / scale[0], south_m / scale[1]), (east_m / scale[0], north_m / scale[1])
        box = (origin[0] + low[0], origin[1] + low[1], origin[0] + high[0], origin[1] + high[1])
        return cls(origin, scale, np.nan, depth_m, area, box)
