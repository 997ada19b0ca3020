"""How far a fence reaches: the box that holds it, its length and its area."""

import math

from geo_engine.geofences.model import Circle, Corridor, Polygon, Shape
from geo_engine.geometry import Box, Position
from geo_engine.geometry.measure import area_m2, box_around, length_m


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
