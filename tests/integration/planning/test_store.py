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
from geo_engine.db.session import RowConflict, Session
from geo_engine.geometry import Position
from geo_engine.ids import JobId, SiteId, TeamId, WorkerId
from geo_engine.planning import Route, Unassigned, UnassignedReason
from geo_engine.planning.day import DayPlan, plan_day
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.versions import publication_store, store
from geo_engine.roads import STRAIGHT_ROADS
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR, Team
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.service import save_team
from geo_engine.timespan import ClockWindow
from geo_engine.words import Language, Message
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers
from geo_engine.workforce.store import list_workers

RECORDED = {"scope": SCOPE, "graph_key": STRAIGHT_ROADS, "request_id": None, "made_by": None, "now": NOW}
TEAM = TeamId("team")
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
        plan_id = store.add_plan(session, made, version=1, **RECORDED)
        assert plan_id is not None
    with shared.app.bound(tenant_id) as session:
        back = store.get_plan(session, plan_id).day_plan

    assert _comparable(back) == _comparable(made)


def test_a_plan_keeps_nobodys_name(shared: OwnDatabase) -> None:
    """What a reason says of a worker is kept by id: a corrected name shows in old plans, and none is left in them."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")
    here, late = Position(116.4, 39.9), ClockWindow(earliest_s=8 * 3600, latest_s=9 * 3600)
    worker = Worker(id=WorkerId("W1"), name="王芳", start=here, end=here, shift=late)
    secret = {"address": "幸福路 1 号", "phone": "139 0000 1111", "notes": "狗叫 Rex"}
    site = Site(id=SiteId("S1"), name="李女士家", position=here, service_s=3600, **secret)
    far = replace(site, id=SiteId("S2"), position=Position(116.9, 39.9), service_s=1800)
    with shared.app.bound(tenant_id) as session:
        _imported(session, [site, far], [worker])
        made = plan_day(gather_day(session, SCOPE, QUICK)[0], StraightRouter())
        plan_id = store.add_plan(session, made, version=1, **RECORDED)
    assert plan_id is not None
    assert any("王芳" in str(left.detail.facts.get("worker", "")) for left in made.plan.unassigned)

    with shared.app.bound(tenant_id) as session:
        import_workers(session, [replace(worker, name="王方")], source=RowSource(file="w"), by=OPERATOR, now=NOW)
        kept = [
            session.execute(text(f"select string_agg({table}::text, ' ') from {table}")).scalar_one()  # noqa: S608 - ours
            for table in ("plan", "route", "planned_visit", "unassigned", "plan_request", "audit_event", "outbox_event")
        ]
        back = store.get_plan(session, plan_id).day_plan

    assert not [rows for rows in kept if rows and any(name in rows for name in ("王芳", "李女士家", *secret.values()))]
    assert {(one.address, one.phone, one.notes) for one in back.sites.values()} == {tuple(secret.values())}
    assert any("王方" in left.detail.render(Language.EN) for left in back.plan.unassigned)


def test_a_site_may_stand_in_a_plan_for_two_jobs(shared: OwnDatabase) -> None:
    """A plan holds each job once and a site as often as there are jobs at it, on a route and left out."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")
    here = Position(116.4, 39.9)
    hours = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    sites = [Site(id=SiteId(f"S{number}"), name=f"site {number}", position=here) for number in range(4)]
    with shared.app.bound(tenant_id) as session:
        _imported(session, sites, [Worker(id=WorkerId("W1"), name="W1", start=here, end=here, shift=hours)])
        made = plan_day(gather_day(session, SCOPE, QUICK)[0], StraightRouter())
    ids = [visit.job_id for visit in made.plan.routes[0].planned_visits]
    one_site = replace(made, sites=dict.fromkeys(ids, made.sites[ids[0]]))
    routes = tuple(replace(route, planned_visits=route.planned_visits[:3]) for route in made.plan.routes)
    left = tuple(
        Unassigned(job_id=job_id, reason=UnassignedReason.NO_ROOM, detail=Message("1 visit")) for job_id in ids[3:]
    )
    split = replace(one_site, plan=replace(made.plan, routes=routes, unassigned=left))
    twice = replace(one_site, plan=replace(made.plan, routes=_with_first_job_twice(made.plan.routes)))

    with shared.app.bound(tenant_id) as session:
        plan_id = store.add_plan(session, split, version=1, **RECORDED)
        assert plan_id is not None
        publication_store.add_publication(session, plan_id, by=None, now=NOW)
        day = store.find_worker_day(session, WorkerId("W1"), SERVICE_ON)
    with pytest.raises(RowConflict) as refused, shared.app.bound(tenant_id) as session:
        store.add_plan(session, twice, version=2, **RECORDED)

    assert day is not None
    assert [(stop.visit.job_id, stop.site.id) for stop in day.ordered_visits] == [(one, ids[0]) for one in ids[:3]]
    assert refused.value.constraint == "uq_planned_visit_tenant_id_plan_id_job_id"


def _with_first_job_twice(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    (route,) = routes
    first, second, *others = route.planned_visits
    return (replace(route, planned_visits=(first, replace(second, job_id=first.job_id), *others)),)


def test_plans_overlap_by_a_worker_or_by_a_job(shared: OwnDatabase) -> None:
    """Of two scopes' plans either a route's worker or a placed job in both is enough, and what is left out is none."""
    tenant_id = add_bare_company(shared.app, f"c{next(_numbers)}")
    here = Position(116.4, 39.9)
    hours = ClockWindow(earliest_s=8 * 3600, latest_s=17 * 3600)
    sites = [Site(id=SiteId(f"S{number}"), name=f"site {number}", position=here) for number in range(2)]
    workers = [Worker(id=WorkerId(f"W{number}"), name="W", start=here, end=here, shift=hours) for number in range(2)]
    with shared.app.bound(tenant_id) as session:
        save_team(session, Team(id=TEAM, name="team"), by=OPERATOR, now=NOW)
        _imported(session, sites, workers)
        made = plan_day(gather_day(session, SCOPE, QUICK)[0], StraightRouter())
    visits = {at.job_id: at for route in made.plan.routes for at in route.planned_visits}

    def given(worker: int, job: int) -> DayPlan:
        placed = replace(
            made.plan.routes[0],
            worker_id=workers[worker].id,
            planned_visits=(visits[JobId(sites[job].id)],),
        )
        left = Unassigned(job_id=JobId(sites[1 - job].id), reason=UnassignedReason.NO_ROOM, detail=Message("1 visit"))
        return replace(made, plan=replace(made.plan, routes=(placed,), unassigned=(left,)))

    with shared.app.bound(tenant_id) as session:
        published = store.add_plan(session, given(0, 0), version=1, **RECORDED)
        assert published is not None
        publication_store.add_publication(session, published, by=None, now=NOW)
        team = replace(SCOPE, team_id=TEAM)
        found = {}
        for version, (worker, job) in enumerate(itertools.product(range(2), repeat=2), start=1):
            plan_id = store.add_plan(session, given(worker, job), version=version, **RECORDED | {"scope": team})
            assert plan_id is not None
            found[worker, job] = publication_store.find_overlapping(session, plan_id, team)

        assert found == {(0, 0): SCOPE, (0, 1): SCOPE, (1, 0): SCOPE, (1, 1): None}
        assert publication_store.find_overlapping(session, published, SCOPE) is None


def _comparable(day_plan: DayPlan) -> DayPlan:
    """Return the plan with its sentences as they are read: a fact may come back as another type of the same words."""
    unassigned = tuple((left.job_id, left.reason, _read(left.detail)) for left in day_plan.plan.unassigned)
    notes = {worker_id: _read(note) for worker_id, note in day_plan.worker_notes.items()}
    plan = replace(day_plan.plan, unassigned=unassigned)  # type: ignore[arg-type]
    return replace(day_plan, plan=plan, worker_notes=notes)  # type: ignore[arg-type]


def _read(sentence: Message) -> list[str]:
    return [sentence.render(language) for language in Language]
