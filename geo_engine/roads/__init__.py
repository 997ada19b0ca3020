"""Travel on the road network: matrices, paths, snapping and matching behind one port."""

from geo_engine.roads.model import (
    STRAIGHT_ROADS,
    MatchedPath,
    MatchedPiece,
    RoadChoice,
    RoadPath,
    Snap,
    TravelMatrix,
)
from geo_engine.roads.router import RoadRouter

__all__ = [
    "STRAIGHT_ROADS",
    "MatchedPath",
    "MatchedPiece",
    "RoadChoice",
    "RoadPath",
    "RoadRouter",
    "Snap",
    "TravelMatrix",
]
