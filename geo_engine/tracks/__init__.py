"""Where devices were: fixes, and the stops, trips and gaps that are derived from them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geo_engine.tracks.model import Fix, Flag, Gap, GapCause, Stop, Track, Trip

if TYPE_CHECKING:
    from geo_engine.tracks.frames import from_gdf, to_gdf

__all__ = ["Fix", "Flag", "Gap", "GapCause", "Stop", "Track", "Trip", "from_gdf", "to_gdf"]
_OF_FRAMES = ("from_gdf", "to_gdf")


def __getattr__(name: str) -> Any:  # noqa: ANN401
    # geopandas takes longer to load than all else here, and few callers need it.
    if name in _OF_FRAMES:
        return getattr(import_module("geo_engine.tracks.frames"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
