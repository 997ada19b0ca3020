"""How trips come to tell what was driven: once they are believed for good, on the roads the company has chosen."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_engine.db.session import Database, Session
from geo_engine.ids import TenantId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.roads import RoadRouter
from geo_engine.roads.opening import open_roads
from geo_engine.roads.service import find_chosen_graph
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import driving_store as store
from geo_engine.tracks.derived_store import list_spans
from geo_engine.tracks.deriving import Told
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.tracks.driving_store import UnmatchedTrip
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.matching import match_track
from geo_engine.tracks.model import Flag, Gap, Stop, Track, select_fixes, to_microseconds

_TRIPS_AT_ONCE = 100
_A_MOMENT = timedelta(microseconds=1)
# What flags depend on lies nearer.
_AROUND = timedelta(minutes=40)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What was seen of a trip and of the stops that it lies between."""

    track: Track
    flags: NDArray[np.uint16]
    stops: tuple[Stop, ...]
    gaps: tuple[Gap, ...]


def match_trips(database: Database, tenant_id: TenantId, *, cache_dir: Path, told: Told | None = None) -> int:
    """Match trips of a company that are not matched yet, the oldest first, and return how many.

    So many at once that others need not wait for long; for the rest it asks the queue to be called again. Without
    roads nothing is matched: the company has chosen none, or only estimates, or another machine has them. Of each it is
    told, in the transaction that writes it.

    Raises
    ------
    InvalidInput
        When the road graph's files are broken.
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away: what is not done is taken up again.

    Notes
    -----
    No transaction is held while a trip is matched, and the fixes of one trip at a time are in memory. Two at once
    write the same.
    """
    with database.bound(tenant_id) as session:
        graph = find_chosen_graph(session, cache_dir=cache_dir)
        trips = [] if graph is None else store.list_unmatched(session, limit=_TRIPS_AT_ONCE)
    if not trips:
        return 0
    with open_roads(graph) as roads:
        for trip in trips:
            _match(database, tenant_id, trip, roads.router, told)
    if len(trips) == _TRIPS_AT_ONCE:
        with database.bound(tenant_id) as session:
            enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS)
    return len(trips)


def _match(database: Database, tenant_id: TenantId, trip: UnmatchedTrip, router: RoadRouter, told: Told | None) -> None:
    with database.bound(tenant_id) as session:
        seen = _look_up(session, trip)
    driven = match_track(router, seen.track, seen.flags, stops=seen.stops, gaps=seen.gaps)
    known = DrivenTrip(driven_m=driven.distance_m, confidence=driven.confidence, ways=driven.ways)
    with database.bound(tenant_id) as session:
        store.save_driven(session, trip.id, known)
        if told is not None:
            told(session, trip.device_id, trip.started_at, trip.ended_at)


def _look_up(session: Session, trip: UnmatchedTrip) -> _Seen:
    """Return a trip's fixes and those of the stops at its ends, judged as they were when it was derived."""
    # The stop before ends when the trip begins, the one after begins when it ends.
    touching = list_spans(session, trip.device_id, TimeSpan(start_at=trip.started_at, end_at=trip.ended_at + _A_MOMENT))
    stops = tuple(one for one in touching if isinstance(one, Stop))
    track, _, arrived = get_track(
        session, trip.device_id, from_at=trip.started_at - _AROUND, until_at=trip.ended_at + _AROUND
    )
    honest = select_fixes(track, (arrived & Flag.FUTURE) == 0)
    from_us = to_microseconds(min([trip.started_at, *(stop.started_at for stop in stops)]))
    until_us = to_microseconds(max([trip.ended_at, *(stop.ended_at for stop in stops)]))
    is_its = (honest.times_us >= from_us) & (honest.times_us <= until_us)
    return _Seen(
        track=select_fixes(honest, is_its),
        flags=flag_fixes(honest)[is_its],
        stops=stops,
        gaps=tuple(one for one in touching if isinstance(one, Gap)),
    )
