"""How far a fence reaches: the box that holds it, its diagonal, its length and its area."""

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_engine.geofences.model import Circle, Corridor, Polygon, Shape
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import area_m2, box_around, length_m, metres_per_degree, turned_deg


def box_of(shape: Shape) -> Box:
    """Return a box that holds all of a shape; where that crosses the 180th meridian it goes all round the earth.

    Examples
    --------
    >>> import shapely
    >>> box_of(Polygon(areas=shapely.MultiPolygon([shapely.box(1.0, 2.0, 3.0, 4.0)])))
    Box(west=1.0, south=2.0, east=3.0, north=4.0)
    """
    match shape:
        case Circle():
            return box_around(shape.centre, shape.radius_m)
        case Polygon():
            west, south, east, north = shape.areas.bounds
            return Box(west=west, south=south, east=east, north=north)
        case Corridor():
            west, south, east, north = shape.lines.bounds
            corners = [Position(lon, lat) for lon in (west, east) for lat in (south, north)]
            boxes = [box_around(corner, shape.width_m / 2) for corner in corners]
            return Box(
                west=min(box.west for box in boxes),
                south=min(box.south for box in boxes),
                east=max(box.east for box in boxes),
                north=max(box.north for box in boxes),
            )


def diagonal_of_m(geometry: BaseGeometry) -> float:
    """Return how long the diagonal of the box around lines or areas is at most, parts the short way round the earth.

    Parameters
    ----------
    geometry
        (lon, lat), WGS 84, not empty.

    Examples
    --------
    >>> round(diagonal_of_m(shapely.MultiPoint([(179.9, 0.0), (-179.9, 0.0)])))
    22264
    """
    wests, souths, easts, norths = shapely.bounds(shapely.get_parts(geometry)).T
    apart_deg = (wests + easts - wests[0] - easts[0]) / 2.0
    turns_deg = turned_deg(apart_deg) - apart_deg
    south, north = float(souths.min()), float(norths.max())
    east_m, north_m = metres_per_degree(float(np.clip(0.0, south, north)))  # where meridians are farthest apart
    wide_deg = float((easts + turns_deg).max() - (wests + turns_deg).min())
    return math.hypot(wide_deg * east_m, (north - south) * north_m)


def length_of_m(shape: Corridor) -> float:
    """Return how long the lines of a corridor are together, in metres."""
    return sum(length_m([(lon, lat) for lon, lat in line.coords]) for line in shape.lines.geoms)


def area_of_m2(shape: Circle | Polygon) -> float:
    """Return how much land a circle or polygon covers, in square metres.

    Examples
    --------
    >>> round(area_of_m2(Circle(centre=Position(116.4, 39.9), radius_m=100.0)))
    31416
    """
    return math.pi * shape.radius_m**2 if isinstance(shape, Circle) else area_m2(shape.areas)
