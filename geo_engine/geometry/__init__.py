"""Positions, reference systems and measures on the ellipsoid."""

from geo_engine.geometry.model import Box, LonLat, Position

__all__ = ["Box", "LonLat", "Position"]
