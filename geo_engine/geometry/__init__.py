"""Positions, reference systems and measures on the ellipsoid."""

from geo_engine.geometry.model import Position

__all__ = ["Position"]
