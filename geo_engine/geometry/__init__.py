"""Positions, reference systems and measures on the ellipsoid."""

from geo_engine.geometry.model import LonLat, Position

__all__ = ["LonLat", "Position"]
