"""How a track becomes a replay: with what is derived from it, and what its roads and its extract say."""

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from geo_engine.basemap.background import build_background, drawn_background, encode_background
from geo_engine.geometry import Position
from geo_engine.geometry.zones import zone_at
from geo_engine.reports.model import OSM_ATTRIBUTION
from geo_engine.reports.replay_model import Replay
from geo_engine.roads.opening import OpenRoads
from geo_engine.tracks import Track, Trip
from geo_engine.tracks.derived import derive
from geo_engine.tracks.driven import DrivenWay, DrivenWays, way_as_reported
from geo_engine.tracks.flags import usable_indices
from geo_engine.tracks.matching import match_track
from geo_engine.tracks.worker_days import WorkerDay, WornTrack
from geo_engine.words import Language


def build_replay(
    track: Track,
    *,
    title: str,
    language: Language,
    zone: ZoneInfo | None = None,
    roads: OpenRoads | None = None,
    extract: Path | None = None,
) -> Replay:
    """Return the replay of a track.

    Parameters
    ----------
    zone
        Whose clocks it is shown by; that of its position unless given.
    roads
        What it is matched to; None leaves it as it was reported.
    extract
        What the map shows under it; that of the roads unless given.

    Raises
    ------
    InvalidInput, Unavailable
        When the extract cannot be read, the zone is not known or the roads cannot answer.
    """
    derived = derive(track)
    background = _background(roads, extract)
    driven = None
    if roads is not None:
        driven = match_track(roads.router, track, derived.flags, stops=derived.stops, gaps=derived.gaps)
    return Replay(
        title=title,
        track=track,
        flags=derived.flags,
        stops=derived.stops,
        trips=derived.trips,
        gaps=derived.gaps,
        driven=driven,
        zone=zone or zone_at(_places(track, usable_indices(derived.flags))),
        background=background,
        attribution=None if background is None and driven is None else OSM_ATTRIBUTION,
        language=language,
    )


def worn_replay(day: WorkerDay, worn: WornTrack) -> Replay:
    """Return the replay of what one device told on a worker's day, with what was derived from it.

    Its line on roads is whole once something of it is known: trips that are not matched yet are as they were reported.
    """
    ways = [way for trip in worn.trips for way in _ways(trip, worn)]
    return Replay(
        title=day.name or day.worker_id,
        track=worn.track,
        flags=worn.flags,
        stops=worn.stops,
        trips=worn.trips,
        gaps=worn.gaps,
        driven=DrivenWays(ways=tuple(ways)) if worn.driven else None,
        driven_trips=worn.driven,
        zone=day.zone,
        attribution=OSM_ATTRIBUTION,
    )


def _ways(trip: Trip, worn: WornTrack) -> tuple[DrivenWay, ...]:
    known = worn.driven.get(trip.started_at)
    if known is not None:
        return known.ways
    reported = way_as_reported(trip, worn.track, worn.flags)
    return () if reported is None else (reported,)


def _background(roads: OpenRoads | None, extract: Path | None) -> str | None:
    if extract is not None:
        return encode_background(build_background(extract))
    if roads is None or roads.extract is None:
        return None
    return drawn_background(roads.extract, kept_in=roads.extract.parent)


def _places(track: Track, usable: np.ndarray) -> list[Position]:
    """Return where the usable fixes are; where all are when none is usable."""
    lons_deg, lats_deg = (track.lons_deg, track.lats_deg)
    chosen = usable if len(usable) else np.arange(len(track))
    return [Position(lon, lat) for lon, lat in zip(lons_deg[chosen].tolist(), lats_deg[chosen].tolist(), strict=True)]
