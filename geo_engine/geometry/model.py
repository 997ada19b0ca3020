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
