"""What an extract shows: named places, addresses and the shapes of a quiet background."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from geo_engine.geometry import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named thing of the extract.

    Parameters
    ----------
    osm_id
        Type and number, such as ``n123`` or ``w456``.
    kind
        The tag that says what it is, such as ``shop=bakery``.
    position
        WGS 84; of an area, a point inside it.
    address
        Street and house number as tagged; empty when not tagged.
    """

    osm_id: str
    name: str
    kind: str
    position: Position
    address: str
    tags: Mapping[str, str]


class BackgroundKind(StrEnum):
    """What a background shape is."""

    SEA = "sea"
    WATER = "water"
    PARK = "park"
    BUILDING = "building"
    ROAD_MAJOR = "road_major"
    ROAD_MINOR = "road_minor"
    RAIL = "rail"
    COAST = "coast"


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Shapes to draw under routes, simplified to a size budget.

    Parameters
    ----------
    areas
        Polygons by kind; a polygon is its rings (outer first), a ring is (lon, lat) pairs.
    lines
        Lines by kind; a line is (lon, lat) pairs.
    labels
        Names of districts, towns and villages with their positions, most important first.
    bounds
        (west, south, east, north) of the extract.
    """

    areas: Mapping[BackgroundKind, tuple[tuple[tuple[tuple[float, float], ...], ...], ...]]
    lines: Mapping[BackgroundKind, tuple[tuple[tuple[float, float], ...], ...]]
    labels: tuple[tuple[str, Position], ...]
    bounds: tuple[float, float, float, float]
