"""What a worker of a test's company states of a visit, and what comes of it."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.db.session import Database, Session
from geo_engine.geofences import accuracy_store
from geo_engine.geofences.accuracy_store import SeenAt
from geo_engine.geofences.detectability import AccuraciesSeen
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, GeofenceId, PhotoId, SiteId, TenantId, VisitId, WorkerId
from geo_engine.photos.files import PhotoFiles
from geo_engine.photos.service import add_photo
from geo_engine.planning.versions.store import list_ordered_visits
from geo_engine.tenancy import OPERATOR, Access
from geo_engine.tenancy.imports import RowSource
from geo_engine.visits import CheckIn, CheckInKind, PhotoEvidence
from geo_engine.visits.building import build_visits
from geo_engine.visits.check_in_store import add_check_in
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.day import DayEvidence
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.leg_store import replace_legs
from geo_engine.visits.legs import Leg
from geo_engine.visits.model import Bounds, CheckInPosition
from geo_engine.visits.reviewing import decide_visit
from geo_engine.visits.visit_store import claim_day, list_worker_day, replace_day
from support.photographed import as_jpeg, developed, photo_files, scene, sent_photo
from support.tracked import HERE, NO_ROADS, OFF_SHIFT, ON_SHIFT, WORKER

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # as that of companies, which are made of this


A_LEG = Leg(
    number=1,
    visit_id=None,
    planned_m=None,
    direct_m=None,
    driven_m=Bounds(least=900.0, likely=1_000.0, most=1_200.0),
    off_m=None,
)
"""A way of a kilometre after the last visit."""


def check_in_at(
    site_id: SiteId,
    told_at: datetime = ON_SHIFT + timedelta(minutes=2),
    *,
    worker_id: WorkerId = WORKER,
    kind: CheckInKind = CheckInKind.IN,
    position: Position | None = HERE,
    photo_ids: tuple[PhotoId, ...] = (),
) -> CheckIn:
    """Return what a worker states and sends at once."""
    positions = ()
    if position is not None:
        positions = (CheckInPosition(tracked_at=told_at, position=position, accuracy_m=12.0),)
    return CheckIn(
        id=CheckInId(uuid.uuid4()),
        kind=kind,
        worker_id=worker_id,
        site_id=site_id,
        told_at=told_at,
        sent_at=told_at,
        received_at=told_at + timedelta(seconds=1),
        positions=positions,
        photo_ids=photo_ids,
    )


def visit_a_site(
    database: Database,
    tenant_id: TenantId,
    site_id: SiteId,
    photo_id: PhotoId,
    *,
    worker_id: WorkerId = WORKER,
    by: Access = OPERATOR,
) -> None:
    """Have a worker check in at a site with a photo, somebody accept it, and the day wait: a row in every table."""
    check_in = check_in_at(site_id, worker_id=worker_id, photo_ids=(photo_id,))
    with database.bound(tenant_id) as session:
        state_check_in(session, check_in, by=by, now=OFF_SHIFT)
    derive_visits(database, tenant_id, photo_files(), cache_dir=NO_ROADS, now=lambda: OFF_SHIFT)
    with database.bound(tenant_id) as session:
        service_on = (ON_SHIFT + timedelta(hours=8)).date()
        kept, *_ = list_worker_day(session, worker_id, service_on)
        decide_visit(session, kept.visit.id, DecisionKind.ACCEPTED, by=OPERATOR, now=OFF_SHIFT, note="seen")
        replace_legs(session, worker_id, service_on, [A_LEG])
        claim_day(session, worker_id, service_on, now=OFF_SHIFT)
        seen = SeenAt(1, AccuraciesSeen.of(np.full(5, 12.0)))
        accuracy_store.replace_day(session, worker_id, service_on, {GeofenceId(f"site/{site_id}"): seen})


def keep_stated_visit(
    session: Session, worker_id: WorkerId, site_id: SiteId, *, service_on: date, photo_id: PhotoId | None = None
) -> VisitId:
    """Keep a visit of a worker that only a statement tells of, as deriving its day would."""
    photo_ids = () if photo_id is None else (photo_id,)
    check_in = check_in_at(site_id, worker_id=worker_id, photo_ids=photo_ids)
    add_check_in(session, check_in, by=None)
    photos = {one: PhotoEvidence(id=one) for one in photo_ids}
    day = DayEvidence(worker_id=worker_id, service_on=service_on, check_ins=(check_in,), photos=photos)
    (visit,) = build_visits(day)
    replace_day(session, worker_id, service_on, [visit], rules="1", now=OFF_SHIFT)
    return visit.id


THERE = Position(HERE.lon + 0.024, HERE.lat)
FAR_AWAY = Position(HERE.lon + 0.1, HERE.lat)
PLANNED = WorkerId("W2")
STAYED_AT, TWINS, NEVER_AT = SiteId("stayed"), (SiteId("twin-1"), SiteId("twin-2")), SiteId("far")


@dataclass(frozen=True, kw_only=True)
class ToldDay:
    """A day of a company on which much happened.

    Parameters
    ----------
    photo_id
        Shown at `STAYED_AT`.
    planned_site_id
        Where `PLANNED` came, two hours late.
    """

    service_on: date
    photo_id: PhotoId
    planned_site_id: SiteId


def tell_a_day(database: Database, tenant_id: TenantId, files: PhotoFiles | None = None) -> ToldDay:
    """Have all kinds of visits happen to a company of tests.

    `WORKER` stays at a site, with a photo, and where two are, and states to have been where the track was not.
    `PLANNED` comes late to a site of the plan, by statement alone, and nowhere else.
    """
    files = files or photo_files()
    service_on = (ON_SHIFT + timedelta(hours=8)).date()
    with database.bound(tenant_id) as session:
        _add_sites(session)
        planned = list_ordered_visits(session, service_on, [PLANNED])[PLANNED][0]
        sent = sent_photo(WORKER, developed(as_jpeg(scene(7))))
        photo = add_photo(session, files, sent, by=OPERATOR, now=OFF_SHIFT)
        for told in (
            check_in_at(STAYED_AT, photo_ids=(photo.id,)),
            check_in_at(NEVER_AT, ON_SHIFT + timedelta(minutes=20), position=FAR_AWAY),
            check_in_at(
                planned.site.id,
                planned.visit.arrival_at + timedelta(hours=2),
                worker_id=PLANNED,
                position=planned.site.position,
            ),
        ):
            state_check_in(session, told, by=OPERATOR, now=OFF_SHIFT)
    derive_visits(database, tenant_id, files, cache_dir=NO_ROADS, now=lambda: OFF_SHIFT)
    return ToldDay(service_on=service_on, photo_id=photo.id, planned_site_id=planned.site.id)


def _add_sites(session: Session) -> None:
    places = {STAYED_AT: HERE, **dict.fromkeys(TWINS, THERE), NEVER_AT: FAR_AWAY}
    sites = [Site(id=site_id, name=f"<b>{site_id}</b>", position=place) for site_id, place in places.items()]
    import_sites(session, sites, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW)
    refresh_site_fences(session, now=NOW)
