"""Who is erased leaves no row behind, whatever others commit meanwhile, and takes nobody else's along."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from support.companies import NOW, SERVICE_ON, Company
from support.databases import OwnDatabase
from support.photographed import add_some_photo, photo_files
from support.program import run_program
from support.tracked import OFF_SHIFT, ON_SHIFT, WORKER, Tracked, a_morning, fix_at, give_device
from support.visited import visit_a_site
from support.waiting import wait_until_blocked

from geo_engine.audit.service import record_act
from geo_engine.audit.store import list_events
from geo_engine.db.session import Session
from geo_engine.ids import SiteId, TenantId, WorkerId
from geo_engine.photos.erasing import erase_photos
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.model import TrackingGate, TrackingRule
from geo_engine.tenancy.service import set_tracking
from geo_engine.timespan import TimeSpan
from geo_engine.tracks import Fix, Track
from geo_engine.tracks.arrivals import Outcome
from geo_engine.tracks.derived import derive
from geo_engine.tracks.derived_store import claim_devices, list_spans
from geo_engine.tracks.deriving import derive_device, derive_tracks
from geo_engine.tracks.erasing import erase_tracks
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.looking import get_worker_day
from geo_engine.tracks.looks import list_looks
from geo_engine.tracks.rows import FIX_COLUMNS
from geo_engine.visits.erasing import erase_visits
from geo_engine.visits.packs import build_pack
from geo_engine.visits.visit_store import list_worker_day
from geo_engine.workforce.devices import hand_over
from geo_engine.workforce.service import WorkerNotFound

OTHER = WorkerId("W2")
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
EVER = TimeSpan(start_at=NOW - timedelta(days=30), end_at=OFF_SHIFT + timedelta(days=30))
_ANOTHER = f"""
insert into fix (tenant_id, {", ".join(FIX_COLUMNS)})
select tenant_id, {", ".join(FIX_COLUMNS).replace("tracked_at", "tracked_at + interval '1 second'")}
from fix where device_id = :device
"""  # noqa: S608 - names of ours


@pytest.fixture
def tenant_id(own: OwnDatabase, company: Company) -> TenantId:
    """Give a company with something in every table, which tracks always."""
    with own.app.bound(company.tenant_id) as session:
        set_tracking(session, TrackingRule(gate=TrackingGate.ALWAYS), by=OPERATOR, now=NOW)
    return company.tenant_id


def _report(own: OwnDatabase, tracked: Tracked, *fixes: Fix) -> dict[Outcome, int]:
    return dict(Ingest(own.app).commit([tracked.arrival(*fixes, received_at=OFF_SHIFT)], now=OFF_SHIFT))


def _count(own: OwnDatabase, tenant_id: TenantId, table: str) -> int:
    with own.app.bound(tenant_id) as session:
        return session.scalars(text(f"select count(*) from {table}")).one()  # noqa: S608 - ours


def test_a_person_is_erased_and_nobody_else(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Every row of where the worker was is gone, sealed ones too; the next wearer of the phone keeps theirs."""
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    with own.app.bound(tenant_id) as session:
        hand_over(session, tracked.device_id, OTHER, by=OPERATOR, at=ON_SHIFT)
    _report(own, tracked, fix_at(ON_SHIFT - A_MINUTE), fix_at(ON_SHIFT + A_MINUTE))

    erasure = erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=NOW)

    assert erasure.deleted["fix"] == 61
    assert erasure.deleted["sealed_fix"] == 1
    assert erasure.deleted["device"] == 1
    assert set(erasure.left.values()) == {0}
    assert _count(own, tenant_id, "fix") == 1
    with own.app.bound(tenant_id) as session:
        left = get_worker_day(session, OTHER, SERVICE_ON, purpose="p", by=OPERATOR, now=NOW)
        (told,) = [event for event in list_events(session) if event.act == "erase_tracks"]
    assert [len(one.track) for one in left.worn] == [1]
    assert told.facts["fix"] == 61


def test_of_looks_at_the_erased_only_that_they_were_is_kept(own: OwnDatabase, tenant_id: TenantId) -> None:
    """What for, whom and which day is gone, and which devices were theirs; others' looks and the erasure stay."""
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    _report(own, tracked, fix_at(ON_SHIFT))
    with own.app.bound(tenant_id) as session:
        for worker_id in (WORKER, OTHER):
            get_worker_day(session, worker_id, SERVICE_ON, purpose="a complaint", by=OPERATOR, now=NOW)

    erasure = erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=NOW)

    with own.app.bound(tenant_id) as session:
        told = list_events(session, limit=1_000)
        assert list_looks(session, WORKER, by=OPERATOR) == ()
        assert [one.purpose for one in list_looks(session, OTHER, by=OPERATOR)] == ["a complaint"]
    assert [one.subject for one in told if one.act == "erase_tracks"] == [("worker", WORKER)]
    assert len([one for one in told if one.is_erased]) == erasure.deleted["audit_event"]
    assert {one.act for one in told if one.is_erased} >= {"look_at_track", "add_device"}


def test_nothing_in_the_trail_tells_of_the_erased(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Whatever was done: nor of their visits, statements and photos, but for what says that they were erased."""
    with own.app.bound(tenant_id) as session:
        photo = add_some_photo(session, WORKER)
    visit_a_site(own.app, tenant_id, SiteId("S001"), photo.id)
    with own.app.bound(tenant_id) as session:
        visits = list_worker_day(session, WORKER, SERVICE_ON)
        record_act(session, "move_visit", ("plan", "7"), by=None, now=NOW, job_id="j", worker_id=WORKER)
        (shown,) = [one.visit for one in visits if one.visit.photos]
        build_pack(session, photo_files(), shown.id, purpose="a complaint", by=OPERATOR, now=NOW)
    theirs = {WORKER, str(photo.id), *(str(one.visit.id) for one in visits)}
    theirs |= {str(check_in.id) for one in visits for check_in in one.visit.check_ins}

    erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=NOW)
    with own.app.bound(tenant_id) as session:
        erase_visits(session, WORKER, by=OPERATOR, now=NOW)
    erase_photos(own.app, photo_files(), tenant_id, WORKER, by=OPERATOR, now=NOW)

    with own.app.bound(tenant_id) as session:
        told = list_events(session, limit=1_000)
    readable = {one.act for one in told if {one.subject[1], *one.facts.values()} & theirs}
    assert readable == {"erase_tracks", "erase_visits", "erase_photos"}
    assert {one.act for one in told if one.is_erased} >= {
        *("check_in", "decide_visit", "export_visit", "add_photo", "read_original_photo", "move_visit", "set_shift"),
        *("clock_in", "link_member", "add_device", "look_at_track"),
    }


def test_nobody_is_not_erased(own: OwnDatabase, tenant_id: TenantId) -> None:
    """A name that is written wrong is told: an erasure that erased nobody would pass for one that is done."""
    with pytest.raises(WorkerNotFound):
        erase_tracks(own.app, tenant_id, WorkerId("NOPE"), by=OPERATOR, now=NOW)


def test_the_next_wearer_is_still_derived_and_seen(own: OwnDatabase, tenant_id: TenantId) -> None:
    """What waits of the next wearer's is derived as if the one before had never been, and where they are stays."""
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    with own.app.bound(tenant_id) as session:
        hand_over(session, tracked.device_id, OTHER, by=OPERATOR, at=ON_SHIFT)
    mornings = a_morning(ON_SHIFT - AN_HOUR - A_MINUTE), a_morning(ON_SHIFT + A_MINUTE)
    _report(own, tracked, *mornings[0])
    derive_tracks(own.app, tenant_id, now=lambda: OFF_SHIFT)
    _report(own, tracked, *mornings[1])

    erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=OFF_SHIFT)
    derive_tracks(own.app, tenant_id, now=lambda: OFF_SHIFT)

    whole = derive(Track.of(mornings[1]))
    with own.app.bound(tenant_id) as session:
        assert set(list_spans(session, tracked.device_id, EVER)) == {*whole.stops, *whole.trips, *whole.gaps}
        (seen_at,) = session.scalars(text("select tracked_at from device_live")).all()
    assert seen_at == mornings[1][-1].tracked_at


def test_a_live_position_of_the_erased_is_not_kept_for_the_next(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Of the next wearer there are unusable fixes only: what the device tells is nobody's place."""
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    with own.app.bound(tenant_id) as session:
        hand_over(session, tracked.device_id, OTHER, by=OPERATOR, at=ON_SHIFT)
    _report(own, tracked, fix_at(ON_SHIFT - A_MINUTE), fix_at(ON_SHIFT + A_MINUTE, accuracy_m=90_000.0))

    erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=OFF_SHIFT)

    with own.app.bound(tenant_id) as session:
        query = text("select tracked_at, st_x(geom), newest_at, underived_from from device_live")
        assert session.execute(query).all() == [(None, None, *(2 * [ON_SHIFT + A_MINUTE]))]


def _meanwhile[R](
    own: OwnDatabase,
    tenant_id: TenantId,
    first: Callable[[Session], object],
    then: Callable[[], object],
    *,
    erase: Callable[[], R],
) -> R:
    """Return how an erasure ends that waits for a transaction, which is committed once something else is done."""
    with ThreadPoolExecutor(1) as pool:
        with own.app.bound(tenant_id) as session:
            first(session)
            begun = pool.submit(erase)
            wait_until_blocked(own)
            then()
        return begun.result(timeout=20.0)


def test_what_is_posted_or_derived_meanwhile_does_not_stay(own: OwnDatabase, tenant_id: TenantId) -> None:
    """Whoever derives the device is waited for, and its key holds no more by then."""
    tracked, outcomes = give_device(own.app, tenant_id, worn_from=NOW), []
    _report(own, tracked, *a_morning(ON_SHIFT))
    with own.app.bound(tenant_id) as session:
        claim_devices(session, limit=10)

    erasure = _meanwhile(
        own,
        tenant_id,
        lambda session: derive_device(session, tracked.device_id, now=lambda: OFF_SHIFT),
        lambda: outcomes.append(_report(own, tracked, fix_at(ON_SHIFT + A_MINUTE))),
        erase=lambda: erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=OFF_SHIFT),
    )

    assert outcomes == [{Outcome.REVOKED: 1}]
    assert set(erasure.left.values()) == {0}
    assert [_count(own, tenant_id, table) for table in ("fix", "stop", "trip", "trajectory", "device_live")] == [0] * 5


def test_what_came_all_the_same_is_told_and_goes_the_next_time(
    own: OwnDatabase, tenant_id: TenantId, company: Company
) -> None:
    """Committed after its device was gone through: the proof sees it, and who wore the device when is still known."""
    tracked = give_device(own.app, tenant_id, worn_from=NOW)
    _report(own, tracked, fix_at(ON_SHIFT))

    def come(session: Session) -> None:
        values = {"device": tracked.device_id}
        session.execute(text("select from device where id = :device for key share"), values)
        session.execute(text(_ANOTHER), values)

    program = partial(
        run_program,
        *("tracks", "erase", company.code, "--worker", WORKER, "--yes"),
        environment={**os.environ, "DATABASE_URL": own.url()},
    )
    run = _meanwhile(own, tenant_id, come, lambda: None, erase=program)
    again = erase_tracks(own.app, tenant_id, WORKER, by=OPERATOR, now=OFF_SHIFT)

    assert run.code == 3
    left = json.loads(run.out)["left"]
    assert (left["fix"], left["visit"], left["check_in"], left["photo"]) == (1, 0, 0, 0)
    assert "erase again" in run.err
    assert again.deleted["fix"] == 1
    assert set(again.left.values()) == {0}
    assert _count(own, tenant_id, "fix") == 0
