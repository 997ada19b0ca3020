"""Tracks in files: GPX, KML, KMZ, GeoJSON, CSV, GeoParquet and MF-JSON, read and written."""

from geo_engine.tracks.files.gather import merged_track
from geo_engine.tracks.files.model import FileLimits, NamedTrack, NoFixesError, ReadTracks, TrackFormat
from geo_engine.tracks.files.reading import read_track, read_tracks
from geo_engine.tracks.files.writing import format_of, render_tracks, write_tracks

__all__ = [
    "FileLimits",
    "NamedTrack",
    "NoFixesError",
    "ReadTracks",
    "TrackFormat",
    "format_of",
    "merged_track",
    "read_track",
    "read_tracks",
    "render_tracks",
    "write_tracks",
]
