"""How near places lie to roads."""

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.geometry.crs import LonLatArray
from geo_engine.roads.router import RoadRouter


def road_nearness_m(router: RoadRouter, lonlat: LonLatArray) -> NDArray[np.float64]:
    """Return how far each position, shape (n, 2), WGS 84, lies from the nearest road, in metres."""
    return np.array([snap.distance_m for snap in router.nearest([Position(*at) for at in lonlat.tolist()])])
