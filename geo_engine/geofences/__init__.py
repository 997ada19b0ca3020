"""Regions whose crossing matters, and who crossed them when."""

from geo_engine.geofences.model import Circle, Corridor, Geofence, Polygon, Schedule, Shape, Transition, TransitionKind

__all__ = ["Circle", "Corridor", "Geofence", "Polygon", "Schedule", "Shape", "Transition", "TransitionKind"]
