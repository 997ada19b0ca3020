"""How visits follow what arrives: whose day changed waits, and is derived whole from all that is known of it by now."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from traceback import extract_tb
from zoneinfo import ZoneInfo

from geo_engine.db.session import Database, DatabaseUnavailable, Session
from geo_engine.errors import InvalidInput
from geo_engine.geofences.accuracies import note_accuracies
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.store import list_fences_during
from geo_engine.ids import PhotoId, TenantId
from geo_engine.photos.files import PhotoFiles, PhotoPlaceUnavailable
from geo_engine.planning.versions.store import find_worker_day
from geo_engine.queue import Lane, enqueue_once
from geo_engine.roads import RoadRouter
from geo_engine.roads.graph import RoadGraph
from geo_engine.roads.opening import open_roads
from geo_engine.roads.service import find_chosen_graph
from geo_engine.tenancy.store import get_tenant
from geo_engine.timespan import TimeSpan
from geo_engine.tracks.keeping import do_for_each
from geo_engine.tracks.worker_days import day_span, is_expired, kept_from
from geo_engine.visits import visit_store
from geo_engine.visits.building import build_day
from geo_engine.visits.check_ins import DERIVE_VISITS_TASK
from geo_engine.visits.claiming import claim_beside
from geo_engine.visits.day import Assignment, Visit
from geo_engine.visits.gathering import fixes_within, gather_day, list_stated, read_worn
from geo_engine.visits.identity import keep_ids
from geo_engine.visits.kept import KeptVisit
from geo_engine.visits.leg_store import replace_legs
from geo_engine.visits.legs import legs_of
from geo_engine.visits.service_days import Days, beside, get_service_days
from geo_engine.visits.showing import examine_photo, list_unexamined
from geo_engine.visits.stays import LONGEST_OVER
from geo_engine.visits.turning import is_of

RULES = "3"
"""Which rules what is derived followed; a day that is derived anew by others has other rows."""

type Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)
_DAYS_AT_ONCE = 50
_TRIED_AGAIN_AFTER = timedelta(minutes=10)
_UTC = ZoneInfo("UTC")


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
        against = _Beside(router=router)
        are_done = [_derive_apart(database, tenant_id, files, against, of, now=now) for of in days]
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

    def fences_around(self, session: Session, service_on: date, zone: ZoneInfo) -> FenceIndex:
        if self.fences is None or self.fences[0] != service_on:
            first, _, last = (day_span(day, zone) for day in beside(service_on))
            # Of a shift that goes past midnight the last stay may end on the day after the next.
            around = TimeSpan(start_at=first.start_at, end_at=last.end_at + LONGEST_OVER)
            found = [fence for fence in list_fences_during(session, around) if fence.site_id is not None]
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
    against: _Beside,
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
        if derive_day(session, against, of, now=now()) and not is_compared:
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
        days = get_service_days(session, *of, get_tenant(session).zone or _UTC)
        new_ids += list_unexamined(session, list_stated(session, of[0], days)[0])
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


def derive_day(session: Session, against: _Beside, of: visit_store.WorkerDate, *, now: datetime) -> bool:
    """Derive the visits of a worker's day from all that is known of it, and write those that are other than before.

    Returns whether the day waited for it. How exact the fixes were at the fences is noted with them. A day of which
    fixes are no longer kept stays as it is believed: less is known of it than was. Where what it shares with the days
    beside it is believed otherwise by them, they are to be derived as well.
    """
    number = visit_store.lock_claim(session, *of)
    if number is None:
        return False
    tenant = get_tenant(session)
    zone = tenant.zone or _UTC
    days = get_service_days(session, *of, zone)
    if is_expired(days[1], tenant.tracking, now):
        visit_store.end_claim(session, *of, number)
        return False
    worn = read_worn(session, of[0], days[1], since=kept_from(tenant.tracking, now), now=now)
    planned, index = find_worker_day(session, *of), against.fences_around(session, of[1], zone)
    evidence = gather_day(session, of, days, worn=worn, planned=planned, index=index)
    derived = build_day(evidence)
    known = visit_store.list_known(session, of[0], beside(of[1]))
    visits = _under_their_ids(derived.visits, known, of, days, evidence.assignments)
    believed = [one.visit for one in known if one.superseded_at is None]
    visit_store.replace_day(session, *of, visits, rules=RULES, now=now)
    replace_legs(session, *of, legs_of(worn, visits, planned, against.router, during=days[1]))
    note_accuracies(session, *of, [fixes_within(one, days[1]) for one in worn], index)
    claim_beside(session, days, evidence, replace(derived, visits=visits), believed, now=now)
    visit_store.end_claim(session, *of, number)
    return True


def _under_their_ids(
    visits: Sequence[Visit],
    known: Sequence[KeptVisit],
    of: visit_store.WorkerDate,
    days: Days,
    assignments: Sequence[Assignment],
) -> tuple[Visit, ...]:
    """Return the visits of a day under the ids they have had, also those that were of a day beside it so far.

    What is still believed of the day before stays with it unless it began on none: what is derived first must not
    decide whose a visit is.
    """
    service_on = of[1]
    return keep_ids(
        visits,
        [one.visit for one in known if one.visit.service_on == service_on],
        assignments,
        beside=[
            one.visit
            for one in known
            if one.visit.service_on > service_on
            or (one.visit.service_on < service_on and (one.superseded_at is not None or not is_of(one.visit, days[0])))
        ],
        taken_ids=[one.visit.id for one in known],
    )
