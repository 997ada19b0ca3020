"""Shifts that people begin and end themselves, and what is recorded of where they are meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from geo_engine.db.session import Session
from geo_engine.ids import WorkerId
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.model import TrackingRule
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import live_store as store
from geo_engine.tracks.ingest import DERIVE_TASK
from geo_engine.tracks.sealed import release_covered
from geo_engine.workforce.attendance import clock_in, clock_out
from geo_engine.workforce.device_store import list_wearings
from geo_engine.workforce.store import find_teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """When positions of somebody who wears a device are recorded.

    Parameters
    ----------
    spans
        When they are, of the span asked for: whole, also where they reach beyond it, in order.
    is_now
        Whether they are at the moment of asking.
    """

    rule: TrackingRule
    spans: tuple[tuple[datetime, datetime], ...]
    is_now: bool


def start_shift(session: Session, worker_id: WorkerId, *, at: datetime, by: Access, now: datetime) -> None:
    """Have a worker's shift begin at a moment, and take in what the device said since then, to be derived.

    Raises
    ------
    WorkerNotFound, AlreadyClockedIn, ClockInTooEarly, AttendanceElsewhere, InvalidInput, NotAllowed
        As `clock_in`.
    """
    clock_in(session, worker_id, at=at, by=by, now=now)
    if release_covered(session, now=now):
        enqueue_once(session, DERIVE_TASK, lane=Lane.TRACKS)
    store.mark_changed(session, worker_id)


def end_shift(session: Session, worker_id: WorkerId, *, by: Access, now: datetime) -> None:
    """Have a worker's shift end now.

    Raises
    ------
    WorkerNotFound, NotClockedIn, NotAllowed
        As `clock_out`.
    """
    clock_out(session, worker_id, at=now, by=by, now=now)
    store.mark_changed(session, worker_id)


def find_recording(
    session: Session, worker_id: WorkerId, *, within: TimeSpan, by: Access, now: datetime
) -> Recording | None:
    """Return when a worker's positions are recorded; None when the worker wears no device.

    Parameters
    ----------
    within
        Such as a day; it includes `now`.

    Raises
    ------
    NotAllowed
        When the actor is not the worker and may not see where the worker is.
    """
    if worker_id != by.worker_id:
        team_id = find_teams(session, [worker_id]).get(worker_id)
        by.require(Act.SEE_TRACKS, Subject(worker_id=worker_id, team_id=team_id))
    if not list_wearings(session, earliest_at=now, latest_at=now, worker_ids=[worker_id]):
        return None
    spans = store.list_shift_spans(session, worker_id, earliest_at=within.start_at, latest_at=within.end_at)
    is_now = any(start_at <= now <= end_at for start_at, end_at in spans)
    return Recording(rule=get_tenant(session).tracking, spans=spans, is_now=is_now)
