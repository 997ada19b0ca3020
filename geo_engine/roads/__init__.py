"""Travel on the road network: matrices, paths, snapping and matching behind one port."""

from geo_engine.roads.model import MatchedPath, RoadPath, Snap, TravelMatrix
from geo_engine.roads.router import RoadRouter

__all__ = ["MatchedPath", "RoadPath", "RoadRouter", "Snap", "TravelMatrix"]
