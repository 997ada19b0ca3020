"""How visits follow what arrives: whose day changed waits, and is derived whole from all that is known of it by now."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from zoneinfo import ZoneInfo

from geo_engine.db.session import Database, DatabaseUnavailable, Session
from geo_engine.errors import InvalidInput
from geo_engine.geofences import Geofence
from geo_engine.geofences.accuracies import note_accuracies
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.sightings import Sightings, sightings_of
from geo_engine.geofences.store import find_comers, list_fences_during
from geo_engine.geofences.transitions import detect_presences
from geo_engine.ids import DeviceId, PhotoId, PlanId, SiteId, TenantId, WorkerId
from geo_engine.photos.files import PhotoFiles, PhotoPlaceUnavailable
from geo_engine.planning.publication_store import list_given_workers
from geo_engine.planning.store import find_worker_day, get_scope
from geo_engine.planning.versions import WorkerDay
from geo_engine.queue import Lane, enqueue_once
from geo_engine.roads import RoadRouter
from geo_engine.roads.graph import RoadGraph
from geo_engine.roads.opening import open_roads
from geo_engine.roads.service import find_chosen_graph
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.keeping import do_for_each
from geo_engine.tracks.model import to_microseconds
from geo_engine.tracks.worker_days import (
    WornTrack,
    day_span,
    get_worn_track,
    is_expired,
    kept_from,
    list_worked,
    worn_spans,
)
from geo_engine.visits import check_in_store, visit_store
from geo_engine.visits.building import build_visits
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.clocks import put_right_each
from geo_engine.visits.day import (
    Assignment,
    DayEvidence,
    Seen,
)
from geo_engine.visits.identity import keep_ids
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.leg_store import replace_legs
from geo_engine.visits.legs import legs_of
from geo_engine.visits.model import CheckIn, DeviceTrack
from geo_engine.visits.planned_actual import planned_stop_of
from geo_engine.visits.showing import examine_photo, list_unexamined, photo_evidence
from geo_engine.workforce.device_model import Wearing
from geo_engine.workforce.device_store import list_wearings

RULES = "3"
"""Which rules what is derived followed; a day that is derived anew by others has other rows."""

type Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)
_DAYS_AT_ONCE = 50
_TRIED_AGAIN_AFTER = timedelta(minutes=10)
_UTC = ZoneInfo("UTC")
_PARAMS = TransitionParams()


def claim_days(session: Session, device_id: DeviceId, *, from_at: datetime, until_at: datetime, now: datetime) -> None:
    """Have the days be derived anew of whoever wore a device of which something changed between two moments."""
    _claim(session, {device_id: [(from_at, until_at)]}, now=now)


def claim_days_at(session: Session, site_ids: Collection[SiteId], *, now: datetime) -> None:
    """Have the days be derived anew of whoever came near sites that have a fence since ever, but only now.

    Fences that are drawn, changed or taken away later are others from then on: what was derived before stands.
    """
    if site_ids:
        since = kept_from(get_tenant(session).tracking, now)
        _claim(session, find_comers(session, site_ids, since=since), now=now)


def _claim(session: Session, changed: Mapping[DeviceId, Sequence[tuple[datetime, datetime]]], *, now: datetime) -> None:
    """Claim the days of whoever wore some devices between moments, those of a device in order of time."""
    enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    zone = get_tenant(session).zone or _UTC
    days = set[visit_store.WorkerDate]()
    for device_id, spans in changed.items():
        until_at = max(until_at for _, until_at in spans)
        for wearing in list_wearings(session, earliest_at=spans[0][0], latest_at=until_at, device_ids=[device_id]):
            days.update((wearing.worker_id, day) for span in spans for day in _days_worn(wearing, *span, zone))
    visit_store.claim_each(session, days, now=now)


def _days_worn(wearing: Wearing, from_at: datetime, until_at: datetime, zone: ZoneInfo) -> Iterator[date]:
    first = max(from_at, wearing.worn_from).astimezone(zone).date()
    last = min(until_at, wearing.worn_until or until_at).astimezone(zone).date()
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def claim_planned(session: Session, plan_id: PlanId, *, now: datetime) -> None:
    """Have the days be derived anew of whom a version of a plan was given to or taken from; not a day that is to come.

    They are of everybody who ever had a route by the version's scope: who has no stop any more is among them.

    Raises
    ------
    PlanNotFound
        When there is no such version.
    """
    scope = get_scope(session, plan_id)
    if scope.service_on > now.astimezone(get_tenant(session).zone or _UTC).date():
        return
    enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    for worker_id in list_given_workers(session, scope):
        visit_store.claim_day(session, worker_id, scope.service_on, now=now)


def derive_visits(
    database: Database,
    tenant_id: TenantId,
    files: PhotoFiles,
    *,
    cache_dir: Path,
    now: Clock,
    at_once: int = _DAYS_AT_ONCE,
) -> int:
    """Derive the visits of those of a company's days that wait the longest, and return of how many.

    So many at once that other companies need not wait for long; for the rest it asks the queue to be called again. A
    day that cannot be derived, by a defect, keeps no other from being: it is told in the log.

    Raises
    ------
    DatabaseUnavailable
        When the database is away: what is not done is taken up again.
    """
    with database.bound(tenant_id) as session:
        days = visit_store.list_claims(session, limit=at_once)
    if not days:
        return 0
    with _open_roads(database, tenant_id, cache_dir) as router:
        beside = _Beside(router=router)
        are_done = [_derive_apart(database, tenant_id, files, beside, of, now=now) for of in days]
    if len(days) == at_once:
        after = timedelta() if any(are_done) else _TRIED_AGAIN_AFTER
        with database.bound(tenant_id) as session:
            enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS, after=after)
    return len(days)


@dataclass(slots=True, kw_only=True)
class _Beside:
    """What days are held against: the roads, and the fences of sites, read once for the workers of a day."""

    router: RoadRouter
    fences: tuple[date, FenceIndex] | None = None

    def fences_during(self, session: Session, service_on: date, day: TimeSpan) -> FenceIndex:
        if self.fences is None or self.fences[0] != service_on:
            found = [fence for fence in list_fences_during(session, day) if fence.site_id is not None]
            self.fences = (service_on, FenceIndex(found))
        return self.fences[1]


@contextmanager
def _open_roads(database: Database, tenant_id: TenantId, cache_dir: Path) -> Iterator[RoadRouter]:
    """Give the roads that a company has chosen, estimates where there are none; broken ones hold no visit up."""
    with database.bound(tenant_id) as session:
        graph = _graph(session, cache_dir)
    with open_roads(graph) as roads:
        yield roads.router


def _graph(session: Session, cache_dir: Path) -> RoadGraph | None:
    try:
        return find_chosen_graph(session, cache_dir=cache_dir)
    except InvalidInput:
        _log.warning("The roads that a company has chosen cannot be read: its visits are held against none.")
        return None


def _derive_apart(
    database: Database,
    tenant_id: TenantId,
    files: PhotoFiles,
    beside: _Beside,
    of: visit_store.WorkerDate,
    *,
    now: Clock,
) -> bool:
    """Derive a day, and return whether nothing of it is left to do.

    Where photos cannot be read just now it is derived without what they show again, and waits to be so once more.
    """
    is_compared = _compare_photos(database, tenant_id, files, of, now=now)
    is_derived = False
    with _told(tenant_id, "A day is not derived"), database.bound(tenant_id) as session:
        if derive_day(session, beside, of, now=now()) and not is_compared:
            visit_store.claim_day(session, *of, now=now())
            enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS, after=_TRIED_AGAIN_AFTER)
        is_derived = True
    if not is_derived:
        with database.bound(tenant_id) as session:
            visit_store.postpone_claim(session, *of, now=now())
    return is_derived and is_compared


def _compare_photos(
    database: Database, tenant_id: TenantId, files: PhotoFiles, of: visit_store.WorkerDate, *, now: Clock
) -> bool:
    """Look at what the photos of a day show, each alone, so that none holds anything up; return whether all were read.

    One whose file is lost or damaged stays so: it counts as read.
    """
    new_ids, away_ids = list[PhotoId](), list[PhotoId]()
    with _told(tenant_id, "The photos of a day are not listed"), database.bound(tenant_id) as session:
        day = day_span(of[1], get_tenant(session).zone or _UTC)
        new_ids += list_unexamined(session, _stated_on(session, of[0], day))
    for photo_id in new_ids:
        with _told(tenant_id, f"Photo {photo_id} is not compared"), database.bound(tenant_id) as session:
            try:
                examine_photo(session, files, photo_id, now=now())
            except PhotoPlaceUnavailable:
                away_ids.append(photo_id)
                raise
    return not away_ids


@contextmanager
def _told(tenant_id: TenantId, what: str) -> Iterator[None]:
    """Tell a defect in the log, and go on: one day is not everybody's, one photo not the whole day.

    Raises
    ------
    DatabaseUnavailable
        When the database is away.
    """
    try:
        yield
    except DatabaseUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours, with one day or photo
        # What an error says may tell where somebody was: only where it came up is told.
        place = extract_tb(error.__traceback__)[-1]
        _log.error("%s, of company %s: %s at %s:%s.", what, tenant_id, type(error).__name__, *place[:2])


def wake_visits(database: Database) -> None:
    """Have derived what nobody asks for: days that could not be derived, or were claimed by a migration.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database is away.
    """

    def wake_up(session: Session) -> None:
        if visit_store.list_claims(session, limit=1):
            enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)

    do_for_each(database, wake_up)


def derive_day(session: Session, beside: _Beside, of: visit_store.WorkerDate, *, now: datetime) -> bool:
    """Derive the visits of a worker's day from all that is known of it, and write those that are other than before.

    Returns whether the day waited for it. How exact the fixes were at the fences is noted with them. A day of which
    fixes are no longer kept stays as it is believed: less is known of it than was.
    """
    number = visit_store.lock_claim(session, *of)
    if number is None:
        return False
    tenant = get_tenant(session)
    day = day_span(of[1], tenant.zone or _UTC)
    if is_expired(day, tenant.tracking, now):
        visit_store.end_claim(session, *of, number)
        return False
    worn = _worn(session, of[0], day, since=kept_from(tenant.tracking, now), now=now)
    planned = find_worker_day(session, *of)
    known = [one.visit for one in visit_store.list_known(session, *of)]
    evidence = _gather_day(session, beside, of, worn, planned)
    visits = keep_ids(build_visits(evidence), known, evidence.assignments)
    visit_store.replace_day(session, *of, visits, rules=RULES, now=now)
    replace_legs(session, *of, legs_of(worn, visits, planned, beside.router))
    tracks = [(one.track, one.flags) for one in worn]
    note_accuracies(session, *of, tracks, beside.fences_during(session, of[1], day))
    visit_store.end_claim(session, *of, number)
    return True


def _gather_day(
    session: Session,
    beside: _Beside,
    of: visit_store.WorkerDate,
    worn: Sequence[WornTrack],
    planned: WorkerDay | None,
) -> DayEvidence:
    """Return all that is known of a worker's day."""
    worker_id, service_on = of
    zone = get_tenant(session).zone or _UTC
    day = day_span(service_on, zone)
    index = beside.fences_during(session, service_on, day)
    check_ins = _stated_on(session, worker_id, day)
    tracks = tuple(DeviceTrack(track=one.track, flags=one.flags, stops=one.stops) for one in worn)
    decisions = visit_store.list_decisions(session, [of])
    return DayEvidence(
        worker_id=worker_id,
        service_on=service_on,
        tracks=tracks,
        seen=_seen(tracks, index, zone),
        fences=_fences_then(index.fences, check_ins),
        stops=() if planned is None else tuple(map(planned_stop_of, planned.ordered_visits)),
        check_ins=check_ins,
        photos=photo_evidence(session, check_ins),
        assignments=tuple(
            Assignment(
                visit_id=one.visit_id,
                from_us=to_microseconds(one.span.start_at),
                until_us=to_microseconds(one.span.end_at),
                site_id=one.site_id,
            )
            for one in decisions
            if one.kind is DecisionKind.ASSIGNED and one.site_id is not None
        ),
    )


def _stated_on(session: Session, worker_id: WorkerId, day: TimeSpan) -> tuple[CheckIn, ...]:
    """Return what was stated on a day; its clocks are put right by all of it."""
    return tuple(put_right_each(check_in_store.list_check_ins(session, worker_id, day)))


def _worn(
    session: Session, worker_id: WorkerId, day: TimeSpan, *, since: datetime, now: datetime
) -> tuple[WornTrack, ...]:
    """Return what the worker's devices told on a day, the one that told most first."""
    worked = list_worked(session, worker_id, day, now=now)
    worn = worn_spans(session, worker_id, day, since=since)
    found = [get_worn_track(session, device_id, spans, worked=worked) for device_id, spans in worn.items()]
    return tuple(sorted(found, key=lambda one: (-one.fix_count, one.device_id)))


def _seen(tracks: Sequence[DeviceTrack], index: FenceIndex, zone: ZoneInfo) -> tuple[Seen, ...]:
    if not tracks:
        return ()
    sightings = [sightings_of(one.track, one.flags, one.stops, _PARAMS) for one in tracks]
    presences = detect_presences(index, Sightings.joined(sightings), zone=zone)
    return tuple(
        Seen(presence=one, fence=fence, site_id=fence.site_id, device=one.device)
        for one in presences
        if (fence := index.fences[one.fence]).site_id is not None
    )


def _fences_then(fences: Sequence[Geofence], check_ins: Sequence[CheckIn]) -> Mapping[SiteId, Geofence]:
    """Return the fence of each site that was checked in at, as it was when the first statement was made."""
    first = {one.site_id: one.stated_at for one in sorted(check_ins, key=lambda one: one.stated_at, reverse=True)}
    return {
        fence.site_id: fence for fence in fences if fence.site_id in first and _was_valid(fence, first[fence.site_id])
    }


def _was_valid(fence: Geofence, moment: datetime) -> bool:
    began = fence.valid_from is None or fence.valid_from <= moment
    return began and (fence.valid_until is None or moment < fence.valid_until)
