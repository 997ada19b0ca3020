"""What the database keeps of sites, workers and plans."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import text
from support.companies import NOW, QUICK, SCOPE, SERVICE_ON, add_bare_company
from support.databases import Databases, OwnDatabase
from support.strategies import site_lists, worker_lists

from geo_engine.customers import Site
from geo_engine.customers.service import import_sites
from geo_engine.customers.store import list_sites, list_sites_due
from geo_engine.db.session import Session
from geo_engine.geometry import Position
from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning import store
from geo_engine.planning.day import DayPlan, plan_day
from geo_engine.planning.service import gather_day
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language, Message
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers
from geo_engine.workforce.store import list_workers

_numbers = itertools.count()
SLOW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[OwnDatabase]:
    """Give one database for all examples; each has a company of its own."""
    with databases.clone() as made:
        yield made


def _imported(session: Session, sites: list[Site], workers: list[Worker]) -> None:
    import_sites(session, sites, source=RowSource(file="s"), due_on=SERVICE_ON, by=OPERATOR, now=NOW)
    import_workers(session, workers, source=RowSource(file="w"), by=OPERATOR, now=NOW)


@SLOW
@given(sites=site_lists(), workers=worker_lists())
def test_sites_and_workers_come_back_as_they_were(
    shared: OwnDatabase, sites: list[Site], workers: list[Worker]
) -> None:
    """Every field of every site and worker is the same after the database, positions to the last bit, in id order."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")

    with shared.app.bound(tenant_id) as session:
        _imported(session, sites, workers)
    with shared.app.bound(tenant_id) as session:
        kept, due, staff = list_sites(session), list_sites_due(session, SERVICE_ON), list_workers(session)

    assert list(kept) == list(due) == sorted(sites, key=lambda site: site.id.encode())
    assert list(staff) == sorted(workers, key=lambda worker: worker.id.encode())


@SLOW
@given(sites=site_lists(), workers=worker_lists())
def test_a_plan_comes_back_as_it_was_recorded(shared: OwnDatabase, sites: list[Site], workers: list[Worker]) -> None:
    """Routes, times, breaks, reasons, notes and figures of any plan are equal after the database."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")
    with shared.app.bound(tenant_id) as session:
        _imported(session, sites, workers)
        day, _ = gather_day(session, SCOPE, QUICK)
    made = plan_day(day, StraightRouter())

    with shared.app.bound(tenant_id) as session:
        plan_id = store.add_plan(session, made, scope=SCOPE, version=1, request_id=None, made_by=None, now=NOW)
        assert plan_id is not None
    with shared.app.bound(tenant_id) as session:
        back = store.get_plan(session, plan_id).day_plan

    assert _comparable(back) == _comparable(made)


def test_a_plan_keeps_nobodys_name(shared: OwnDatabase) -> None:
    """What a reason says of a worker is kept by id: a corrected name shows in old plans, and none is left in them."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")
    here, late = Position(116.4, 39.9), ClockWindow(earliest_s=8 * 3600, latest_s=9 * 3600)
    worker = Worker(id=WorkerId("W1"), name="王芳", start=here, end=here, shift=late)
    site = Site(id=SiteId("S1"), name="李女士家", position=here, address="幸福路 1 号", service_s=3600)
    far = replace(site, id=SiteId("S2"), position=Position(116.9, 39.9), service_s=1800)
    with shared.app.bound(tenant_id) as session:
        _imported(session, [site, far], [worker])
        made = plan_day(gather_day(session, SCOPE, QUICK)[0], StraightRouter())
        plan_id = store.add_plan(session, made, scope=SCOPE, version=1, request_id=None, made_by=None, now=NOW)
    assert plan_id is not None
    assert any("王芳" in str(left.detail.facts.get("worker", "")) for left in made.plan.unassigned)

    with shared.app.bound(tenant_id) as session:
        import_workers(session, [replace(worker, name="王方")], source=RowSource(file="w"), by=OPERATOR, now=NOW)
        kept = [
            session.execute(text(f"select string_agg({table}::text, ' ') from {table}")).scalar_one()  # noqa: S608 - ours
            for table in ("plan", "route", "planned_visit", "unassigned", "plan_request", "audit_event", "outbox_event")
        ]
        back = store.get_plan(session, plan_id).day_plan

    assert not [rows for rows in kept if rows and any(name in rows for name in ("王芳", "李女士家", "幸福路"))]
    assert any("王方" in left.detail.render(Language.EN) for left in back.plan.unassigned)


def _comparable(day_plan: DayPlan) -> DayPlan:
    """Return the plan with its sentences as they are read: a fact may come back as another type of the same words."""
    unassigned = tuple((left.job_id, left.reason, _read(left.detail)) for left in day_plan.plan.unassigned)
    notes = {worker_id: _read(note) for worker_id, note in day_plan.worker_notes.items()}
    plan = replace(day_plan.plan, unassigned=unassigned)  # type: ignore[arg-type]
    return replace(day_plan, plan=plan, worker_notes=notes)  # type: ignore[arg-type]


def _read(sentence: Message) -> list[str]:
    return [sentence.render(language) for language in Language]
