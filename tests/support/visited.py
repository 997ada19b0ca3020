"""What a worker of a test's company states of a visit, and what comes of it."""

import uuid
from datetime import datetime, timedelta

from geo_engine.db.session import Database
from geo_engine.geometry import Position
from geo_engine.ids import CheckInId, PhotoId, SiteId, TenantId, WorkerId
from geo_engine.tenancy import OPERATOR, Access
from geo_engine.visits import CheckIn, CheckInKind
from geo_engine.visits.check_ins import state_check_in
from geo_engine.visits.deriving import derive_visits
from geo_engine.visits.kept import DecisionKind
from geo_engine.visits.model import CheckInPosition
from geo_engine.visits.reviewing import decide_visit
from geo_engine.visits.visit_store import claim_day, list_worker_day
from support.photographed import photo_files
from support.tracked import HERE, OFF_SHIFT, ON_SHIFT, WORKER


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
    derive_visits(database, tenant_id, photo_files(), now=lambda: OFF_SHIFT)
    with database.bound(tenant_id) as session:
        service_on = (ON_SHIFT + timedelta(hours=8)).date()
        kept, *_ = list_worker_day(session, worker_id, service_on)
        decide_visit(session, kept.visit.id, DecisionKind.ACCEPTED, by=OPERATOR, now=OFF_SHIFT, note="seen")
        claim_day(session, worker_id, service_on, now=OFF_SHIFT)
