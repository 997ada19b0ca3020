"""Fences in files: GeoJSON, tables with a WKT column, and what Traccar exports and takes."""

from geo_engine.geofences.files.model import FenceFormat, FencesRead
from geo_engine.geofences.files.reading import read_fences
from geo_engine.geofences.files.writing import render_fences

__all__ = ["FenceFormat", "FencesRead", "read_fences", "render_fences"]
