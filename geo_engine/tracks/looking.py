"""Use cases of looking back: a worker's day, who passed a place, where somebody was; each leaves a trace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.geometry.measure import box_around
from geo_engine.ids import DeviceId, WorkerId
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import trajectory_store
from geo_engine.tracks.derived_store import list_spans
from geo_engine.tracks.fix_store import get_track
from geo_engine.tracks.flags import flag_fixes, usable_indices
from geo_engine.tracks.gaps import off_shift
from geo_engine.tracks.looks import Look, LookKind, get_watched, read_purpose, record_look
from geo_engine.tracks.model import Gap
from geo_engine.tracks.params import FlagParams, GapParams
from geo_engine.tracks.whereabouts import Pass, Whereabouts, passes_within, passes_without, position_at
from geo_engine.tracks.worker_days import (
    Silence,
    WorkerDay,
    WornDevice,
    WornTrack,
    count_worn,
    day_span,
    find_silence,
    get_outline,
    get_worn_track,
    kept_from,
    list_worked,
    list_worn,
    worn_spans,
    worn_within,
)
from geo_engine.words import Message
from geo_engine.workforce import store as workers
from geo_engine.workforce.device_model import Wearing
from geo_engine.workforce.device_store import find_names, list_wearings

_LARGEST_RADIUS_M = 5_000.0
_LONGEST_SPAN = timedelta(days=31)
_A_DAY = timedelta(days=1)
_A_MOMENT = timedelta(microseconds=1)
_NEXT_TO = timedelta(minutes=2)
_A_SILENCE = timedelta(seconds=GapParams().least_s)
_FLAG_PARAMS = FlagParams()
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDay:
    """A worker's day as it is opened: the look that may read it, and what there is to read.

    Parameters
    ----------
    purpose
        What was written down; None for one's own track.
    devices
        Whichever was worn first, first.
    silence
        Why nothing is known; None when something is.
    """

    look: Look
    purpose: str | None
    name: str
    zone: ZoneInfo
    devices: tuple[WornDevice, ...]
    silence: Silence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPass:
    """A span in which a worker was near a place, told by which device."""

    worker_id: WorkerId
    worker_name: str
    device_id: DeviceId
    device_name: str
    near: Pass


def open_worker_day(
    session: Session, worker_id: WorkerId, service_on: date, *, purpose: str, by: Access, now: datetime
) -> OpenedDay:
    """Write down that a worker's day is looked at, and return what there is to see; `get_opened_day` reads it.

    Raises
    ------
    WorkerNotFound, PurposeMissing, NotAllowed
        As `get_worker_day`.
    """
    worker = get_watched(session, worker_id, by=by)
    said = read_purpose(purpose, is_own=worker_id == by.worker_id)
    tenant = get_tenant(session)
    zone = tenant.zone or _UTC
    day = day_span(service_on, zone)
    devices = list_worn(session, worker_id, day, since=kept_from(tenant.tracking, now))

    if said is not None:
        facts = {"service_on": service_on.isoformat(), "purpose": said}
        record_look(session, LookKind.DAY, worker_id, by=by.member_id, now=now, **facts)
    return OpenedDay(
        look=Look(member_id=by.member_id, worker_id=worker_id, service_on=service_on, began_at=now),
        purpose=said,
        name=worker.name,
        zone=zone,
        devices=devices,
        silence=None
        if any(device.fix_count for device in devices)
        else find_silence(session, worker_id, day, tracking=tenant.tracking, now=now),
    )


def get_opened_day(
    session: Session, look: Look, device_id: DeviceId, *, outline_from: int | None = None, by: Access, now: datetime
) -> WorkerDay:
    """Return what one device told on a day that was opened; nothing more is written down.

    Parameters
    ----------
    device_id
        One of `OpenedDay.devices`; any other was not worn, and told nothing.
    outline_from
        Of a device that reported so many fixes or more only the outline is read.

    Raises
    ------
    LookOver
        When the look is not the actor's, or over.
    WorkerNotFound, NotAllowed
        As `get_worker_day`.
    """
    look.require_open(by=by, now=now)
    worker = get_watched(session, look.worker_id, by=by)
    tenant = get_tenant(session)
    zone = tenant.zone or _UTC
    day = day_span(look.service_on, zone)
    spans = worn_spans(session, look.worker_id, day, since=kept_from(tenant.tracking, now)).get(device_id)
    worked = list_worked(session, look.worker_id, day, now=now)
    return WorkerDay(
        worker_id=worker.id,
        name=worker.name,
        service_on=look.service_on,
        zone=zone,
        worn=(_read(session, device_id, spans, worked, outline_from),) if spans else (),
    )


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
    opened = open_worker_day(session, worker_id, service_on, purpose=purpose, by=by, now=now)
    day = day_span(service_on, opened.zone)
    since = kept_from(get_tenant(session).tracking, now)
    spans, worked = worn_spans(session, worker_id, day, since=since), list_worked(session, worker_id, day, now=now)
    told = sorted((one for one in opened.devices if one.fix_count), key=lambda one: -one.fix_count)
    return WorkerDay(
        worker_id=worker_id,
        name=opened.name,
        service_on=service_on,
        zone=opened.zone,
        worn=tuple(get_worn_track(session, one.device_id, spans[one.device_id], worked=worked) for one in told),
    )


def list_passes(
    session: Session, place: Position, *, radius_m: float, span: TimeSpan, purpose: str, by: Access, now: datetime
) -> list[WorkerPass]:
    """Return who was within a distance of a place and when, in the order of time; everybody found is told of it.

    Of a silence off shift nothing is told, also where a stop goes on over it.

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
    require_searchable(radius_m, span, by=by)
    said = read_purpose(purpose, is_own=False)

    passes = _passes(session, place, radius_m, span, by=by, now=now)
    facts = {
        "purpose": said,
        "from_at": span.start_at.isoformat(),
        "until_at": span.end_at.isoformat(),
        "lon": place.lon,
        "lat": place.lat,
        "radius_m": radius_m,
    }
    record_act(session, "look_for_passes", ("place", ""), by=by.member_id, now=now, **facts)
    for worker_id in sorted({one.worker_id for one in passes} - {by.worker_id}):
        record_look(session, LookKind.PLACE, worker_id, by=by.member_id, now=now, **facts)
    return sorted(passes, key=lambda one: (one.near.started_at, one.worker_id))


def require_searchable(radius_m: float, span: TimeSpan, *, by: Access) -> None:
    """Raise unless the actor may look for others at a distance within a span.

    Raises
    ------
    InvalidInput, NotAllowed
        As `list_passes`.
    """
    by.team_limit(Act.SEE_TRACKS)
    if not 0.0 <= radius_m <= _LARGEST_RADIUS_M:
        facts = {"most_m": round(_LARGEST_RADIUS_M)}
        raise InvalidInput(Message("The distance must be between 0 and {most_m} metres.", facts))
    if span.duration > _LONGEST_SPAN:
        raise InvalidInput(Message("A span of at most {days} days can be asked for.", {"days": _LONGEST_SPAN.days}))


def find_whereabouts(
    session: Session, worker_id: WorkerId, at: datetime, *, purpose: str, by: Access, now: datetime
) -> Whereabouts | None:
    """Return where a worker was at a moment, as well as it is known; None when nothing is.

    Of a silence off shift nothing is known, also where a stop goes on over it: no position was to be kept.

    Raises
    ------
    WorkerNotFound, PurposeMissing, NotAllowed
        As `get_worker_day`.
    """
    get_watched(session, worker_id, by=by)
    said = read_purpose(purpose, is_own=worker_id == by.worker_id)

    around = TimeSpan(start_at=at - _A_DAY, end_at=at + _A_DAY)
    wearings = list_wearings(session, earliest_at=at, latest_at=at, worker_ids=[worker_id])
    found = [
        _whereabouts(session, wearing.device_id, worn, at)
        for wearing in wearings
        for worn in worn_within(wearing, around)
        if not _is_silent_off_shift(session, wearing, at, now=now)
    ]
    if said is not None:
        facts = {"at": at.isoformat(), "purpose": said}
        record_look(session, LookKind.MOMENT, worker_id, by=by.member_id, now=now, **facts)
    return min((one for one in found if one is not None), key=lambda one: one.reach_m, default=None)


def _is_silent_off_shift(session: Session, wearing: Wearing, at: datetime, *, now: datetime) -> bool:
    moment = TimeSpan(start_at=at, end_at=at + _A_MOMENT)
    return any(one.start_at < at < one.end_at for one in _silences_off_shift(session, wearing, moment, now=now))


def _silences_off_shift(session: Session, wearing: Wearing, span: TimeSpan, *, now: datetime) -> tuple[TimeSpan, ...]:
    """Return the silences off shift that reach into a span, in the order of time."""
    silences = [one for one in list_spans(session, wearing.device_id, span) if isinstance(one, Gap)]
    return off_shift(silences, list_worked(session, wearing.worker_id, span, now=now))


def _whereabouts(session: Session, device_id: DeviceId, worn: TimeSpan, at: datetime) -> Whereabouts | None:
    """Return where a device was while it was worn, at best as well as the fixes next to that moment know it."""
    found = position_at(trajectory_store.list_pieces(session, device_id, worn), at)
    if found is None:
        return None
    from_at, until_at = max(worn.start_at, at - _NEXT_TO), min(worn.end_at, at + _NEXT_TO)
    track, _, _ = get_track(session, device_id, from_at=from_at, until_at=until_at)
    known = track.accuracies_m[usable_indices(flag_fixes(track))]
    accuracy_m = float(np.nanmedian(known)) if np.isfinite(known).any() else _FLAG_PARAMS.unknown_accuracy_m
    return replace(found, reach_m=max(found.reach_m, accuracy_m))


def _read(
    session: Session,
    device_id: DeviceId,
    spans: Sequence[TimeSpan],
    worked: Sequence[TimeSpan],
    outline_from: int | None,
) -> WornTrack:
    """Return a device's track, of many fixes its outline: of those that are derived already there is one."""
    fix_count = 0 if outline_from is None else count_worn(session, device_id, spans)
    if outline_from is not None and fix_count >= outline_from:
        outline = get_outline(session, device_id, spans, worked=worked, fix_count=fix_count)
        if len(outline.track):
            return outline
    return get_worn_track(session, device_id, spans, worked=worked)


def _passes(
    session: Session, place: Position, radius_m: float, span: TimeSpan, *, by: Access, now: datetime
) -> list[WorkerPass]:
    """Return the passes of those whose tracks the actor may see, each while the device was worn and not off shift."""
    limit = by.team_limit(Act.SEE_TRACKS)
    wearings = list_wearings(session, earliest_at=span.start_at, latest_at=span.end_at)
    if limit is not None:
        teams = workers.find_teams(session, {wearing.worker_id for wearing in wearings})
        wearings = tuple(wearing for wearing in wearings if teams.get(wearing.worker_id) in limit)
    by_device: dict[DeviceId, list[Wearing]] = {}
    for wearing in wearings:
        by_device.setdefault(wearing.device_id, []).append(wearing)

    box, only = box_around(place, radius_m), None if limit is None else by_device
    near = [
        (wearing, worn, passes_within(pieces, place, radius_m=radius_m, span=worn))
        for device_id, pieces in trajectory_store.stream_pieces_in_box(session, box, span, device_ids=only)
        for wearing in by_device.get(device_id, ())
        for worn in worn_within(wearing, span)
    ]
    found = [(wearing, one) for wearing, worn, passes in near for one in _told(session, wearing, passes, worn, now=now)]
    known = {one.id: one.name for one in workers.get_workers(session, {wearing.worker_id for wearing, _ in found})}
    names = find_names(session, {wearing.device_id for wearing, _ in found})
    return [
        WorkerPass(
            worker_id=wearing.worker_id,
            worker_name=known[wearing.worker_id],
            device_id=wearing.device_id,
            device_name=names[wearing.device_id],
            near=one,
        )
        for wearing, one in found
    ]


def _told(session: Session, wearing: Wearing, passes: Sequence[Pass], span: TimeSpan, now: datetime) -> Iterable[Pass]:
    """Return passes without the silences off shift in them; short ones hold none."""
    if all(one.ended_at - one.started_at <= _A_SILENCE for one in passes):
        return passes
    return passes_without(passes, _silences_off_shift(session, wearing, span, now=now))
