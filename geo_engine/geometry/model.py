"""Where something is: a position in WGS 84."""

import math
from dataclasses import dataclass

from geo_engine.errors import InvalidInput
from geo_engine.words import Message

type LonLat = tuple[float, float]
"""A position as a bare pair, WGS 84, degrees, longitude first: what lines are made of."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position in WGS 84 (EPSG:4326), degrees, always longitude first (RFC 7946 §3.1.1).

    Raises
    ------
    InvalidInput
        When a coordinate is not a finite number in its range.
    """

    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lon) and -180.0 <= self.lon <= 180.0):
            raise InvalidInput(Message("Longitude {lon} is not between −180 and 180.", {"lon": self.lon}))
        if not (math.isfinite(self.lat) and -90.0 <= self.lat <= 90.0):
            raise InvalidInput(Message("Latitude {lat} is not between −90 and 90.", {"lat": self.lat}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An area between two meridians and two parallels, WGS 84, degrees; it does not cross the 180th meridian.

    Raises
    ------
    InvalidInput
        When a side is no number in its range or two sides are the wrong way round.
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        corners = Position(self.west, self.south), Position(self.east, self.north)
        if corners[0].lon > corners[1].lon or corners[0].lat > corners[1].lat:
            raise InvalidInput(Message("A box needs west before east and south before north."))
