"""What a drawn geometry is as the shape of a fence, and what is said of one that is none."""

import re
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_engine.errors import InvalidInput
from geo_engine.geofences.date_line import cut_areas, cut_lines, unrolled
from geo_engine.geofences.extents import diagonal_of_m
from geo_engine.geofences.model import Circle, Corridor, Polygon, Shape, UnusableFence
from geo_engine.geometry import Position
from geo_engine.geometry.crs import Crs, array_to_wgs84
from geo_engine.geometry.measure import turned_deg
from geo_engine.tables.places import range_refusal
from geo_engine.words import Message

_REASON_PLACE = re.compile(r"(.*)\[(\S+) (\S+)\]")
_DECIMALS = 6
MOST_ACROSS_M = 1_000_000.0
"""A province is no larger; what is has corners that were mistaken, and no plane measures it."""
_REASONS = {
    "Self-intersection": Message("the outline crosses itself"),
    "Ring Self-intersection": Message("the outline touches itself"),
    "Hole lies outside shell": Message("a hole lies outside the outline"),
    "Holes are nested": Message("a hole lies within another"),
    "Nested shells": Message("an area lies within another"),
    "Interior is disconnected": Message("holes cut the area in two"),
    "Duplicate Rings": Message("an outline is there twice"),
    "Too few points in geometry component": Message("the outline has fewer than three corners"),
}


class CrossedOutline(UnusableFence):
    """An outline that does not say what is inside it."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A geometry as somebody drew or wrote it.

    Parameters
    ----------
    geometry
        (lon, lat); a height is left out. What is across the 180th meridian may be cut there or drawn across it.
    radius_m
        Of a point.
    width_m
        Of a line, from edge to edge.
    """

    geometry: BaseGeometry
    radius_m: float | None = None
    width_m: float | None = None


def shape_of(drawn: Drawn, *, crs: Crs = Crs.WGS84, repairs: bool = False) -> Shape:
    """Return the shape that a drawn geometry stands for, WGS 84.

    Parameters
    ----------
    crs
        What its coordinates are written in.
    repairs
        Whether an outline that crosses itself is taken apart at the crossings; else it is refused.

    Raises
    ------
    CrossedOutline
        When an outline does not say what is inside it, and is not to be repaired.
    UnusableFence
        When it is neither a point with a radius, an area, nor a line with a width, a size is out of range, or
        areas or lines reach over more than 1,000 km.
    InvalidInput
        When a coordinate is not on earth.

    Notes
    -----
    Repaired by GEOS' “structure” method: what is covered stays covered, what has no area goes. Cost: O(n log n).

    Examples
    --------
    >>> shape_of(Drawn(geometry=shapely.Point(116.4, 39.9), radius_m=80.0))
    Circle(centre=Position(lon=116.4, lat=39.9), radius_m=80.0)
    """
    flat = shapely.force_2d(drawn.geometry)
    if flat.is_empty:
        raise UnusableFence(Message("The fence is empty."))
    _require_on_earth(flat)
    placed = unrolled(flat if crs is Crs.WGS84 else shapely.transform(flat, partial(array_to_wgs84, crs=crs)))
    _require_extent(placed)
    match placed:
        case shapely.Point():
            return _circle(placed, drawn.radius_m)
        case shapely.LineString() | shapely.MultiLineString():
            return _corridor(placed, drawn.width_m)
        case shapely.Polygon() | shapely.MultiPolygon():
            return Polygon(areas=cut_areas(_whole(shapely.MultiPolygon(_areas(placed)), repairs=repairs)))
    kind = placed.geom_type
    raise UnusableFence(
        Message("A fence is a point with a radius, an area or a line with a width, no {kind}.", {"kind": kind})
    )


def _require_on_earth(geometry: BaseGeometry) -> None:
    for lon, lat in shapely.get_coordinates(geometry).tolist():
        refusal = range_refusal(lon, lat)
        if refusal is not None:
            raise InvalidInput(refusal)


def _require_extent(geometry: BaseGeometry) -> None:
    across_m = diagonal_of_m(geometry)
    if across_m > MOST_ACROSS_M:
        facts = {"across": round(across_m / 1000.0), "most": round(MOST_ACROSS_M / 1000.0)}
        raise UnusableFence(Message("The fence is {across} km across, more than {most} km.", facts))


def _circle(point: shapely.Point, radius_m: float | None) -> Circle:
    if radius_m is None:
        raise UnusableFence(Message("A point needs a radius: radius_m, in metres."))
    return Circle(centre=Position(point.x, point.y), radius_m=radius_m)


def _corridor(line: shapely.LineString | shapely.MultiLineString, width_m: float | None) -> Corridor:
    if width_m is None:
        raise UnusableFence(Message("A line needs a width: width_m, in metres."))
    lines = [one for one in shapely.get_parts(line) if not one.is_empty]
    if not all(one.length for one in lines):
        raise UnusableFence(Message("A line of the fence has no length."))
    return Corridor(
        lines=cut_lines(shapely.MultiLineString([shapely.LineString(one) for one in lines])), width_m=width_m
    )


def _areas(geometry: BaseGeometry) -> list[shapely.Polygon]:
    return [one for one in shapely.get_parts(geometry) if isinstance(one, shapely.Polygon) and not one.is_empty]


def _whole(areas: shapely.MultiPolygon, *, repairs: bool) -> shapely.MultiPolygon:
    if shapely.is_valid(areas):
        return areas
    if not repairs:
        raise CrossedOutline(_crossing(shapely.is_valid_reason(areas)))
    made = shapely.make_valid(areas, method="structure", keep_collapsed=False)
    return shapely.MultiPolygon(_areas(made))


def _crossing(reason: str) -> Message:
    """Return what GEOS says is wrong with an outline, and where, as a person reads it."""
    found = _REASON_PLACE.fullmatch(reason)
    told = None if found is None else _REASONS.get(found[1].strip())
    if found is None or told is None:
        return Message("The fence's outline is not valid: {reason}.", {"reason": reason})
    lon, lat = (round(float(turned), _DECIMALS) for turned in turned_deg(np.array([found[2], found[3]], np.float64)))
    facts = {"reason": told, "lon": lon, "lat": lat}
    return Message(
        "The fence's outline is not clear: {reason} at {lon}, {lat}. Draw it anew, or have it repaired.", facts
    )
