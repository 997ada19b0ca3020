"""Whose visits of which days are to be derived anew, as tracks, fences and plans change."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.geofences.presences import ended_us
from geo_engine.geofences.store import find_comers
from geo_engine.ids import DeviceId, PlanId, SiteId, WorkerId
from geo_engine.planning.publication_store import list_given_workers
from geo_engine.planning.store import get_scope
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import to_microseconds
from geo_engine.tracks.worker_days import day_span, kept_from
from geo_engine.visits import visit_store
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.day import Visit
from geo_engine.visits.model import ReasonKind
from geo_engine.visits.service_days import beside, get_service_days, list_days_of
from geo_engine.workforce.device_model import Wearing
from geo_engine.workforce.device_store import list_wearings

_UTC = ZoneInfo("UTC")
type _Span = tuple[datetime, datetime]


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


def claim_planned(session: Session, plan_id: PlanId, *, now: datetime) -> None:
    """Have the days be derived anew of whom a version of a plan was given to or taken from; not a day that is to come.

    They are of everybody who ever had a route by the version's scope: who has no stop any more is among them. Shifts
    come with a plan, so where one goes past midnight the day beside it has other hours as well.

    Raises
    ------
    PlanNotFound
        When there is no such version.
    """
    scope, zone = get_scope(session, plan_id), get_tenant(session).zone or _UTC
    if scope.service_on > now.astimezone(zone).date():
        return
    enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    for worker_id in list_given_workers(session, scope):
        days = ((worker_id, day) for day in _with_shifted(session, worker_id, scope.service_on, zone))
        visit_store.claim_each(session, days, now=now)


def _with_shifted(session: Session, worker_id: WorkerId, service_on: date, zone: ZoneInfo) -> Iterator[date]:
    """Yield a day, and the one before or behind it where they do not change at midnight."""
    _, own, _ = get_service_days(session, worker_id, service_on, zone)
    midnights, (day_before, _, day_behind) = day_span(service_on, zone), beside(service_on)
    yield service_on
    if own.start_at != midnights.start_at:
        yield day_before
    if own.end_at != midnights.end_at:
        yield day_behind


def claim_day_before(
    session: Session, of: visit_store.WorkerDate, day: TimeSpan, going_on: Sequence[Visit], *, now: datetime
) -> None:
    """Have the day before be derived anew where its stays that went on into a day are not as that day knows them.

    So it is when what came was all of the day, and when a stay turns out not to have gone on. A day never has the one
    behind it be derived for what it finds, so this ends.
    """
    worker_id, service_on = of
    before = (worker_id, beside(service_on)[0])
    believed = [one.visit for one in visit_store.list_worker_day(session, *before)]
    turned_us = to_microseconds(day.start_at)
    if sorted(_gists(going_on, turned_us)) != sorted(_gists(believed, turned_us)):
        visit_store.claim_day(session, *before, now=now)
        enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)


def claim_moved(
    session: Session,
    of: visit_store.WorkerDate,
    days: tuple[TimeSpan, TimeSpan, TimeSpan],
    believed: Iterable[Visit],
    visits: Iterable[Visit],
    *,
    now: datetime,
) -> None:
    """Have the days beside it be derived anew between which and a day visits move, as that changes at another hour.

    So it is once a worker has other usual hours: what the day does not believe any more is of one beside it, and what
    one beside it still believes is of the day. A day that was derived by these hours has neither, so this ends.

    Parameters
    ----------
    days, believed
        The day before, the day and the one behind, and what was believed of them before.
    visits
        What is believed of the day now.
    """
    worker_id, service_on = of
    spans = dict(zip(beside(service_on), days, strict=True))
    kept = {visit.id for visit in visits}
    moved = set[date]()
    for visit in believed:
        if visit.service_on == service_on and visit.id not in kept:
            moved |= {day for day, span in spans.items() if day != service_on and began_on(visit, span)}
        elif visit.service_on != service_on and visit.presence is not None:
            moved |= {visit.service_on} - {day for day, span in spans.items() if began_on(visit, span)}
    if moved:
        visit_store.claim_each(session, ((worker_id, day) for day in moved), now=now)
        enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)


def began_on(visit: Visit, day: TimeSpan) -> bool:
    """Return whether a visit began on a day, by its hours."""
    return to_microseconds(day.start_at) <= visit.began_us < to_microseconds(day.end_at)


def _gists(visits: Iterable[Visit], since_us: int) -> Iterator[tuple[int, bool, bool, list[str]]]:
    """Yield of visits that were not over at a moment what the time behind it tells of them.

    That is until when they lasted, whether they were over then, whether they show a photo that was shown before, and
    what was stated and shown of them.
    """
    for visit in visits:
        presence = visit.presence
        if presence is None or ended_us(presence) <= since_us:
            continue
        stated = [*(str(one.id) for one in visit.check_ins), *(str(photo.id) for photo in visit.photos)]
        yield ended_us(presence), presence.left is not None, _is_reused(visit), sorted(stated)


def _is_reused(visit: Visit) -> bool:
    is_judged = any(reason.kind is ReasonKind.PHOTO_REUSED for reason in visit.judgement.reasons)
    stated = {one.id for one in visit.check_ins}
    return is_judged or any(not stated.isdisjoint(photo.shown_before) for photo in visit.photos)


def _claim(session: Session, changed: Mapping[DeviceId, Sequence[_Span]], *, now: datetime) -> None:
    """Claim the days of whoever wore some devices between moments, those of a device in order of time."""
    enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    zone = get_tenant(session).zone or _UTC
    days = set[visit_store.WorkerDate]()
    for device_id, spans in changed.items():
        until_at = max(until_at for _, until_at in spans)
        for wearing in list_wearings(session, earliest_at=spans[0][0], latest_at=until_at, device_ids=[device_id]):
            worn = [part for span in spans for part in _worn_within(wearing, *span)]
            touched = list_days_of(session, wearing.worker_id, worn, zone, now=now)
            days.update((wearing.worker_id, service_on) for service_on in touched)
    visit_store.claim_each(session, days, now=now)


def _worn_within(wearing: Wearing, from_at: datetime, until_at: datetime) -> Iterator[_Span]:
    first_at, last_at = max(from_at, wearing.worn_from), min(until_at, wearing.worn_until or until_at)
    if first_at <= last_at:
        yield first_at, last_at
