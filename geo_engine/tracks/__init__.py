"""Where devices were: fixes, and the stops, trips and gaps that are derived from them."""

from geo_engine.tracks.model import Fix, Flag, Gap, GapCause, Stop, Track, Trip

__all__ = ["Fix", "Flag", "Gap", "GapCause", "Stop", "Track", "Trip"]
