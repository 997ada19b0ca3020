"""How long fixes are kept: as the company says."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from support.cluster import connected
from support.companies import NOW, SERVICE_ON, Company
from support.databases import OwnDatabase
from support.tracked import HERE, OFF_SHIFT, ON_SHIFT, WORKER, Tracked, fix_at, give_device

from geo_engine.audit.store import list_events
from geo_engine.ids import TenantId, WorkerId
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import Attendance, TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.arrivals import Outcome
from geo_engine.tracks.erasing import erase_tracks
from geo_engine.tracks.files import NamedTrack
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.keeping import move_fixes, tidy
from geo_engine.tracks.looking import get_worker_day
from geo_engine.tracks.looks import PurposeMissing
from geo_engine.tracks.track_imports import import_tracks

OTHER = WorkerId("W2")
A_MINUTE = timedelta(minutes=1)
LATE_AT_NIGHT = ON_SHIFT + timedelta(hours=15, minutes=30)


@pytest.fixture
def tenant_id(company: Company) -> TenantId:
    """Give a company with something in every table."""
    return company.tenant_id


def _rule(own: OwnDatabase, tenant_id: TenantId, rule: TrackingRule) -> None:
    with own.app.bound(tenant_id) as session:
        set_tracking(session, rule, by=OPERATOR, now=NOW)


def _report(own: OwnDatabase, tracked: Tracked, *moments: datetime) -> None:
    Ingest(own.app).commit([tracked.arrival(*map(fix_at, moments), received_at=OFF_SHIFT)], now=OFF_SHIFT)


def _kept(own: OwnDatabase, tenant_id: TenantId) -> dict[int, int]:
    with own.app.bound(tenant_id) as session:
        return dict(session.execute(text("select retention_days, count(*) from fix group by 1")).all())


def test_another_class_takes_every_fix_along_once(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Also one that was sent again meanwhile; what has expired under the new class is gone."""
    before = _kept(own, tenant_id)
    _rule(own, tenant_id, TrackingRule(gate=TrackingGate.ALWAYS, retention_days=365))
    tracked = give_device(own.app, tenant_id, worn_from=NOW - timedelta(days=60))
    _report(own, tracked, ON_SHIFT, ON_SHIFT - timedelta(days=40))
    _rule(own, tenant_id, TrackingRule(gate=TrackingGate.ALWAYS, retention_days=30))
    _report(own, tracked, ON_SHIFT)

    moved = move_fixes(own.app, tenant_id, now=OFF_SHIFT)

    assert before == {90: 60}
    assert moved == 62
    assert _kept(own, tenant_id) == {30: 61}


def test_fixes_are_moved_some_at_a_time(own: OwnDatabase, tenant_id: TenantId) -> None:
    """So that what others' devices report is derived in between; the queue is asked for the rest until none is left."""
    _rule(own, tenant_id, TrackingRule(retention_days=30))
    asked: list[int] = []

    moved = []
    for _ in range(3):
        with connected(own.cluster, database=own.name) as server:
            server.execute("delete from procrastinate_jobs")
        moved.append(move_fixes(own.app, tenant_id, now=OFF_SHIFT, at_once=40))
        with connected(own.cluster, database=own.name) as server:
            found = server.execute("select count(*) from procrastinate_jobs where task_name = 'move_fixes'").fetchone()
        asked += found or ()

    assert moved == [40, 20, 0]
    assert asked == [1, 0, 0]
    assert _kept(own, tenant_id) == {30: 60}


def test_what_nobody_asks_for_goes_all_the_same(own: OwnDatabase, tenant_id: TenantId) -> None:
    """What is sealed and what was rejected go by their age, though nothing of the company arrives any more."""
    _rule(own, tenant_id, TrackingRule(attendance=Attendance.PHONE))
    tracked, now = give_device(own.app, tenant_id, OTHER, worn_from=NOW), datetime.now(UTC)
    for age in (timedelta(hours=49), timedelta(hours=1)):
        Ingest(own.app).commit([tracked.arrival(fix_at(now - age), received_at=now - age)], now=now - age)
    with own.app.bound(tenant_id) as session:
        session.execute(text("update rejected_post set received_at = now() - interval '61 minutes'"))

    tidy(own.app)

    with own.app.bound(tenant_id) as session:
        assert session.scalars(text("select count(*) from rejected_post")).one() == 0
    erasure = erase_tracks(own.app, tenant_id, OTHER, by=OPERATOR, now=NOW)
    assert erasure.deleted["sealed_fix"] == 1


def test_a_file_becomes_fixes_of_who_wore_the_device(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Gated like a phone's unless it is said otherwise; afterwards nothing can be posted as that device."""
    track = Track.of([Fix(device=None, tracked_at=moment, position=HERE) for moment in (ON_SHIFT, LATE_AT_NIGHT)])
    named = NamedTrack(device=None, name="morning", track=track)

    gated = import_tracks(own.app, tenant_id, [(WORKER, named)], is_gated=True, by=OPERATOR, now=LATE_AT_NIGHT)
    whole = import_tracks(own.app, tenant_id, [(OTHER, named)], is_gated=False, by=OPERATOR, now=LATE_AT_NIGHT)

    assert gated.outcomes == {Outcome.KEPT: 1, Outcome.SEALED: 1}
    assert whole.outcomes == {Outcome.KEPT: 2}
    with own.app.bound(tenant_id) as session:
        day = get_worker_day(session, OTHER, SERVICE_ON, purpose="p", by=OPERATOR, now=NOW)
    assert [one.device_id for one in day.worn] == list(whole.device_ids)


def test_whoever_looks_says_what_for(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Without a purpose nothing is shown; with one it is on record."""
    with own.app.bound(tenant_id) as session:
        with pytest.raises(PurposeMissing):
            get_worker_day(session, WORKER, SERVICE_ON, purpose=" ", by=OPERATOR, now=NOW)
        get_worker_day(session, WORKER, SERVICE_ON, purpose="a complaint", by=OPERATOR, now=NOW)
        (told,) = [event for event in list_events(session) if event.act == "look_at_track"]

    assert told.facts == {"service_on": SERVICE_ON.isoformat(), "purpose": "a complaint"}
