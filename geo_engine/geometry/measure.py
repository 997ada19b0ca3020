"""What a length on the earth is: geodesics on the WGS 84 ellipsoid."""

import math
from collections.abc import Sequence

import numpy as np
import shapely
import shapely.geometry.polygon
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from geo_engine.geometry.model import Box, Position

_WGS84 = Geod(ellps="WGS84")
_LEAST_M_PER_DEGREE = 110_000.0  # of latitude 110,574 to 111,694; of longitude 111,320 times the cosine
_HALF_TURN_DEG = 180.0
_ROUNDING_M = 0.001  # sums of degrees are rounded to about a nanometre


def geodesic_m(from_position: Position, to_position: Position) -> float:
    """Return the shortest distance between two positions in metres.

    Notes
    -----
    Karney (2013), *Algorithms for geodesics*, as implemented by PROJ; exact to nanometres.

    Examples
    --------
    >>> round(geodesic_m(Position(0.0, 0.0), Position(0.0, 1.0)))
    110574
    """
    distances_m = geodesics_m([from_position.lon], [from_position.lat], [to_position.lon], [to_position.lat])
    return float(distances_m[0])


def geodesics_m(
    from_lons_deg: ArrayLike, from_lats_deg: ArrayLike, to_lons_deg: ArrayLike, to_lats_deg: ArrayLike
) -> NDArray[np.float64]:
    """Return the distance of each pair of positions in metres.

    Parameters
    ----------
    from_lons_deg, from_lats_deg, to_lons_deg, to_lats_deg
        WGS 84, four arrays of one length.

    Notes
    -----
    O(n), about a microsecond a pair.
    """
    _, _, distances_m = _WGS84.inv(
        np.asarray(from_lons_deg, dtype=np.float64),
        np.asarray(from_lats_deg, dtype=np.float64),
        np.asarray(to_lons_deg, dtype=np.float64),
        np.asarray(to_lats_deg, dtype=np.float64),
    )
    return np.asarray(distances_m, dtype=np.float64)


def distance_matrix_m(positions: Sequence[Position]) -> NDArray[np.float64]:
    """Return the distances between all positions in metres, an array of shape (n, n) in their order.

    Notes
    -----
    Symmetric, so only the upper triangle is measured: O(n²/2).
    """
    lons_deg, lats_deg = lons_and_lats_deg(positions)
    rows, columns = np.triu_indices(len(positions), k=1)
    matrix_m = np.zeros((len(positions), len(positions)))
    matrix_m[rows, columns] = geodesics_m(lons_deg[rows], lats_deg[rows], lons_deg[columns], lats_deg[columns])
    return matrix_m + matrix_m.T


def length_m(line: Sequence[tuple[float, float]]) -> float:
    """Return the length of a line of (lon, lat) pairs, WGS 84, in metres; 0 for fewer than two points."""
    points = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    lons_deg, lats_deg = points[:, 0], points[:, 1]
    return float(geodesics_m(lons_deg[:-1], lats_deg[:-1], lons_deg[1:], lats_deg[1:]).sum())


def area_m2(areas: shapely.MultiPolygon) -> float:
    """Return how much land areas (WGS 84, valid) cover, holes left out, in square metres.

    Notes
    -----
    Karney (2013) as implemented by PROJ; sides are geodesics.

    Examples
    --------
    >>> round(area_m2(shapely.MultiPolygon([shapely.box(0.0, 0.0, 1.0, 1.0)])) / 1e6)
    12309
    """
    oriented = (shapely.geometry.polygon.orient(one) for one in areas.geoms)
    return sum(_WGS84.geometry_area_perimeter(one)[0] for one in oriented)


def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return how long a degree of longitude and one of latitude are at a latitude, in metres.

    Notes
    -----
    From the radii of curvature of the ellipsoid, in the prime vertical and in the meridian. As a plane around a place
    they are right within 0.01 % at 1 km and 0.1 % at 10 km, up to 60° north and south.

    Examples
    --------
    >>> [round(length_m) for length_m in metres_per_degree(45.0)]
    [78847, 111132]
    """
    sine, cosine = math.sin(math.radians(lat_deg)), math.cos(math.radians(lat_deg))
    flat = 1.0 - _WGS84.es * sine**2
    prime_vertical_m = _WGS84.a / math.sqrt(flat)
    meridian_m = prime_vertical_m * (1.0 - _WGS84.es) / flat
    return math.radians(prime_vertical_m * cosine), math.radians(meridian_m)


def turned_deg(gaps_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return differences of two longitudes the short way round, -180 to 180; what is so already is returned itself.

    Examples
    --------
    >>> turned_deg(np.array([1.0, 359.0, -359.5])).tolist()
    [1.0, -1.0, 0.5]
    """
    if not len(gaps_deg) or np.abs(gaps_deg).max() <= _HALF_TURN_DEG:
        return gaps_deg
    turned: NDArray[np.float64] = np.where(
        np.abs(gaps_deg) <= _HALF_TURN_DEG, gaps_deg, (gaps_deg + _HALF_TURN_DEG) % 360.0 - _HALF_TURN_DEG
    )
    return turned


def lons_and_lats_deg(positions: Sequence[Position]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the longitudes and the latitudes of positions as two arrays."""
    lons_deg = np.array([position.lon for position in positions], dtype=np.float64)
    lats_deg = np.array([position.lat for position in positions], dtype=np.float64)
    return lons_deg, lats_deg


def box_around(position: Position, radius_m: float) -> Box:
    """Return a box that holds every position within `radius_m` metres.

    It is cut at the poles; where it would cross the 180th meridian it goes all round the earth.

    Examples
    --------
    >>> box = box_around(Position(116.4, 39.9), 1000.0)
    >>> box.west < 116.4 - 0.0116 and box.north > 39.9 + 0.009
    True
    """
    high_deg = (radius_m + _ROUNDING_M) / _LEAST_M_PER_DEGREE
    widest_lat_deg = min(abs(position.lat) + high_deg, 90.0)
    shrink = math.cos(math.radians(widest_lat_deg))
    wide_deg = min(high_deg / shrink, 360.0) if shrink > 0.0 else 360.0
    is_cut = abs(position.lon) + wide_deg > 180.0
    return Box(
        west=-180.0 if is_cut else position.lon - wide_deg,
        south=max(position.lat - high_deg, -90.0),
        east=180.0 if is_cut else position.lon + wide_deg,
        north=min(position.lat + high_deg, 90.0),
    )
