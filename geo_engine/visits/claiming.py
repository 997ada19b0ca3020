"""Whose visits of which days are to be derived anew, as tracks, fences and plans change."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from geo_engine.db.session import Session
from geo_engine.geofences.store import find_comers
from geo_engine.ids import DeviceId, PlanId, SiteId
from geo_engine.planning.versions.publication_store import list_given_workers
from geo_engine.planning.versions.store import get_scope
from geo_engine.queue import Lane, enqueue_once
from geo_engine.tenancy.store import get_tenant
from geo_engine.tracks.worker_days import kept_from
from geo_engine.visits import visit_store
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.day import DayEvidence, DerivedDay, Visit
from geo_engine.visits.service_days import Days, beside, list_days_of
from geo_engine.visits.turning import are_hours_others, is_before_other
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

    They are of everybody who ever had a route by the version's scope: who has no stop any more is among them. Where the
    hours are others as well, the days beside it follow once it is derived, see `claim_beside`.

    Raises
    ------
    PlanNotFound
        When there is no such version.
    """
    scope, zone = get_scope(session, plan_id), get_tenant(session).zone or _UTC
    if scope.service_on > now.astimezone(zone).date():
        return
    enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)
    given = list_given_workers(session, scope)
    visit_store.claim_each(session, ((worker_id, scope.service_on) for worker_id in given), now=now)


def claim_beside(
    session: Session,
    days: Days,
    evidence: DayEvidence,
    derived: DerivedDay,
    believed: Sequence[Visit],
    *,
    now: datetime,
) -> None:
    """Have the days beside a day be derived anew where they are not believed as it knows them.

    That is the day before where what they share is otherwise, and either where a worker's hours have changed. For
    anything else a day never has the one behind it be derived, so this ends.

    Parameters
    ----------
    days
        The day before, the day, and the one behind.
    evidence, derived
        What is known of the day, and what came of it.
    believed
        The visits of the three days as they were believed before; some may be of another of them now.
    """
    worker_id, (before_on, own_on, behind_on) = evidence.worker_id, beside(evidence.service_on)
    ids = {one.id for one in derived.visits}
    of_day = {on: [one for one in believed if one.service_on == on] for on in (before_on, own_on, behind_on)}
    gone = [one for one in of_day[own_on] if one.id not in ids]
    anew = {
        on
        for on, span in ((before_on, days[0]), (behind_on, days[2]))
        if are_hours_others(days[1], gone, of_day[on], span)
    }
    if is_before_other(days[1], evidence, derived, of_day[before_on]):
        anew.add(before_on)
    if anew:
        visit_store.claim_each(session, ((worker_id, on) for on in anew), now=now)
        enqueue_once(session, DERIVE_VISITS_TASK, lane=Lane.TRACKS)


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
