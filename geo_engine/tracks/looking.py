"""Use cases of looking back: a worker's day, who passed a place, where somebody was; each leaves a trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import box_around
from geo_engine.ids import DeviceId, WorkerId, parse_name
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import derived_store, trajectory_store
from geo_engine.tracks.driven import DrivenTrip
from geo_engine.tracks.driving_store import find_driven
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.flags import flag_fixes
from geo_engine.tracks.model import Gap, Stop, Track, Trip
from geo_engine.tracks.whereabouts import Pass, Whereabouts, passes_within, position_at
from geo_engine.words import Message
from geo_engine.workforce import Worker
from geo_engine.workforce import store as workers
from geo_engine.workforce.device_model import Wearing
from geo_engine.workforce.device_store import list_wearings
from geo_engine.workforce.service import WorkerNotFound

_LONGEST_SPAN = timedelta(days=31)
_LARGEST_RADIUS_M = 5_000.0
_A_DAY = timedelta(days=1)


class PurposeMissing(InvalidInput):
    """Whoever looks at somebody's track says what for."""

    def __init__(self) -> None:
        super().__init__(Message("Say what you look at the track for: the worker can read it."))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WornTrack:
    """What a device reported while a worker wore it, and what was derived from it.

    Parameters
    ----------
    flags
        Bits of `Flag`, one number per fix.
    driven
        What is known of trips, by when they began; without roads nothing is, and of the last trips not yet.
    """

    device_id: DeviceId
    span: TimeSpan
    track: Track
    flags: NDArray[np.uint16]
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]
    driven: Mapping[datetime, DrivenTrip]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDay:
    """A day of a worker: what each device told that was worn, the one that told most first."""

    worker_id: WorkerId
    name: str
    service_on: date
    zone: ZoneInfo
    worn: tuple[WornTrack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPass:
    """A span in which a worker was near a place."""

    worker_id: WorkerId
    device_id: DeviceId
    near: Pass


def get_worker_day(
    session: Session, worker_id: WorkerId, service_on: date, *, purpose: str, by: Access, now: datetime
) -> WorkerDay:
    """Return a worker's day, from midnight to midnight where the company is.

    Parameters
    ----------
    purpose
        What it is looked at for; one's own track needs none.

    Raises
    ------
    WorkerNotFound
        When there is no such worker.
    PurposeMissing
        When somebody else's is looked at for nothing.
    NotAllowed
        When the actor may not see the worker's tracks.
    """
    worker = _require_worker(session, worker_id, by)
    said = _read_purpose(purpose, is_own=worker_id == by.worker_id)
    zone = get_tenant(session).zone or ZoneInfo("UTC")
    day = _day(service_on, zone)

    wearings = list_wearings(session, earliest_at=day.start_at, latest_at=day.end_at, worker_ids=[worker_id])
    worn = [_worn(session, wearing, day) for wearing in wearings]
    told = sorted((one for one in worn if one is not None), key=lambda one: -len(one.track))

    if said is not None:
        facts = {"service_on": service_on.isoformat(), "purpose": said}
        record_act(session, "look_at_track", ("worker", worker_id), by=by.member_id, now=now, **facts)
    return WorkerDay(worker_id=worker_id, name=worker.name, service_on=service_on, zone=zone, worn=tuple(told))


def list_passes(
    session: Session, place: Position, *, radius_m: float, span: TimeSpan, purpose: str, by: Access, now: datetime
) -> list[WorkerPass]:
    """Return who was within a distance of a place and when, in the order of time.

    Parameters
    ----------
    radius_m
        At most five kilometres.
    span
        At most 31 days.

    Raises
    ------
    InvalidInput
        When the distance or the span is too long.
    PurposeMissing, NotAllowed
        As `get_worker_day`.
    """
    limit = by.team_limit(Act.SEE_TRACKS)
    said = _read_purpose(purpose, is_own=False)
    _require_small(radius_m, span)

    near = trajectory_store.list_pieces_in_box(session, box_around(place, radius_m), span)
    wearings = list_wearings(session, earliest_at=span.start_at, latest_at=span.end_at, device_ids=near)
    teams = workers.find_teams(session, {wearing.worker_id for wearing in wearings})
    passes = [
        WorkerPass(worker_id=wearing.worker_id, device_id=wearing.device_id, near=one)
        for wearing in wearings
        if limit is None or teams.get(wearing.worker_id) in limit
        for worn in _cut(wearing, span)
        for one in passes_within(near[wearing.device_id], place, radius_m=radius_m, span=worn)
    ]
    record_act(
        session,
        "look_for_passes",
        ("place", ""),
        by=by.member_id,
        now=now,
        purpose=said,
        from_at=span.start_at.isoformat(),
        until_at=span.end_at.isoformat(),
        radius_m=radius_m,
    )
    return sorted(passes, key=lambda one: (one.near.started_at, one.worker_id))


def find_whereabouts(
    session: Session, worker_id: WorkerId, at: datetime, *, purpose: str, by: Access, now: datetime
) -> Whereabouts | None:
    """Return where a worker was at a moment, as well as it is known; None when nothing is.

    Raises
    ------
    WorkerNotFound, PurposeMissing, NotAllowed
        As `get_worker_day`.
    """
    _require_worker(session, worker_id, by)
    said = _read_purpose(purpose, is_own=worker_id == by.worker_id)

    around = TimeSpan(start_at=at - _A_DAY, end_at=at + _A_DAY)
    wearings = list_wearings(session, earliest_at=at, latest_at=at, worker_ids=[worker_id])
    found = [
        position_at(trajectory_store.list_pieces(session, wearing.device_id, worn), at)
        for wearing in wearings
        for worn in _cut(wearing, around)
    ]
    if said is not None:
        facts = {"at": at.isoformat(), "purpose": said}
        record_act(session, "look_at_position", ("worker", worker_id), by=by.member_id, now=now, **facts)
    return min((one for one in found if one is not None), key=lambda one: one.reach_m, default=None)


def _worn(session: Session, wearing: Wearing, day: TimeSpan) -> WornTrack | None:
    """Return what a device reported on a day while it was worn by one worker; None when nothing."""
    (span,) = _cut(wearing, day) or (None,)
    if span is None:
        return None
    track, received_us, _ = get_track(session, wearing.device_id, from_at=span.start_at, until_at=span.end_at)
    if not len(track):
        return None
    spans = derived_store.list_spans(session, wearing.device_id, span)
    return WornTrack(
        device_id=wearing.device_id,
        span=span,
        track=track,
        flags=flag_fixes(track, received_us=received_us),
        stops=tuple(one for one in spans if isinstance(one, Stop)),
        trips=tuple(one for one in spans if isinstance(one, Trip)),
        gaps=tuple(one for one in spans if isinstance(one, Gap)),
        driven=find_driven(session, wearing.device_id, span),
    )


def _cut(wearing: Wearing, span: TimeSpan) -> Sequence[TimeSpan]:
    """Return the part of a span in which a device was worn; none or one."""
    start_at = max(wearing.worn_from, span.start_at)
    end_at = span.end_at if wearing.worn_until is None else min(wearing.worn_until, span.end_at)
    return (TimeSpan(start_at=start_at, end_at=end_at),) if start_at < end_at else ()


def _day(service_on: date, zone: ZoneInfo) -> TimeSpan:
    midnights = (datetime.combine(day, time(), tzinfo=zone) for day in (service_on, service_on + _A_DAY))
    start_at, end_at = (midnight.astimezone(UTC) for midnight in midnights)
    return TimeSpan(start_at=start_at, end_at=end_at)


def _require_worker(session: Session, worker_id: WorkerId, by: Access) -> Worker:
    found = workers.get_workers(session, [worker_id])
    if not found:
        raise WorkerNotFound(worker_id)
    by.require(Act.SEE_TRACKS, Subject(worker_id=worker_id, team_id=found[0].team_id))
    return found[0]


def _read_purpose(text: str, *, is_own: bool) -> str | None:
    """Return what is written down of a purpose; None for one's own track, which nobody has to explain."""
    if is_own:
        return None
    if not text.strip():
        raise PurposeMissing
    return parse_name(text)


def _require_small(radius_m: float, span: TimeSpan) -> None:
    if not 0.0 <= radius_m <= _LARGEST_RADIUS_M:
        facts = {"most_m": round(_LARGEST_RADIUS_M)}
        raise InvalidInput(Message("The distance must be between 0 and {most_m} metres.", facts))
    if span.duration > _LONGEST_SPAN:
        raise InvalidInput(Message("A span of at most {days} days can be asked for.", {"days": _LONGEST_SPAN.days}))
