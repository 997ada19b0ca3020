"""How near places lie to the buildings of an extract."""

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_engine.basemap.extract import Form, read_features
from geo_engine.geometry.crs import LonLatArray
from geo_engine.geometry.plane import LocalPlane

_EMPTY_PLANE = LocalPlane(lon=0.0, lat=0.0)


class Buildings:
    """The buildings of an extract, indexed.

    Parameters
    ----------
    extract
        An OpenStreetMap file (.osm.pbf, .osm).

    Raises
    ------
    InvalidInput
        When the file is missing or is no readable extract.

    Notes
    -----
    Built in O(n log n), about 50 µs a building: 1 s for Monaco's 23,000.
    """

    def __init__(self, extract: Path) -> None:
        shapes = [one.wkb for one in read_features(extract, keys=("building",)) if one.form is Form.AREA]
        found: NDArray[np.object_] = shapely.from_wkb(np.array(shapes, dtype=object))
        self._plane = _plane_of(found)
        self._tree = shapely.STRtree(self._plane.to_plane(found))

    def __len__(self) -> int:
        return len(self._tree.geometries)

    def nearness_m(self, lonlat: LonLatArray) -> NDArray[np.float64]:
        """Return how far each position, shape (n, 2), WGS 84, lies from the nearest building: 0 inside one.

        Notes
        -----
        Infinitely far where the extract has no building. Metres of one plane around the middle of the extract: within
        1 % in a city, some per cent in a province.
        Cost: O(n log m).
        """
        nearest_m = np.full(len(lonlat), np.inf)
        if len(self):
            points = self._plane.to_plane(np.asarray(shapely.points(lonlat), dtype=object))
            at, distances_m = self._tree.query_nearest(points, return_distance=True, all_matches=False)
            nearest_m[at[0]] = distances_m
        return nearest_m


def _plane_of(shapes: NDArray[np.object_]) -> LocalPlane:
    if not len(shapes):
        return _EMPTY_PLANE
    west, south, east, north = shapely.total_bounds(shapes)
    return LocalPlane(lon=(west + east) / 2, lat=(south + north) / 2)
