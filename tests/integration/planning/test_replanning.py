"""A published day is replanned from a moment on: what is done or locked stays, and the rest is the next version."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from support.companies import NOW, QUICK, SERVICE_ON, Company, work_off

from geo_engine.db.session import Session
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning import service as planning
from geo_engine.planning.changes.plan_diff import compare_plans
from geo_engine.planning.edits import StopNotFound
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import Lock, Standing, StopProgress
from geo_engine.planning.replanning import (
    Place,
    StopBegun,
    find_fits,
    insert_visit,
    list_stop_locks,
    lock_stop,
    move_from_now,
    request_replan,
)
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import PlanBeingMade, PlanChanged, PlanVersion
from geo_engine.roads.straight import StraightRouter
from geo_engine.tenancy import OPERATOR


def _published(company: Company) -> PlanVersion:
    with company.database.bound(company.tenant_id) as session:
        return store.get_plan(session, company.plan_id)


def _half_done(plan: PlanVersion) -> Mapping[JobId, StopProgress]:
    """Return the first visit of every route as done, the second as under way for half an hour longer than planned."""
    found: dict[JobId, StopProgress] = {}
    for route in plan.day_plan.plan.routes:
        first, *more = route.planned_visits
        found[first.job_id] = StopProgress(standing=Standing.DONE, began_at=first.start_at, ended_at=first.end_at)
        for second in more[:1]:
            late_at = second.start_at + timedelta(minutes=30)
            found[second.job_id] = StopProgress(standing=Standing.UNDER_WAY, began_at=late_at)
    return found


def _bound(company: Company) -> Callable[[], AbstractContextManager[Session]]:
    return lambda: company.database.bound(company.tenant_id)


@pytest.mark.parametrize("reach", list(Reach))
def test_a_replan_becomes_the_next_version_and_keeps_what_is_done(company: Company, reach: Reach) -> None:
    """What is done or under way is as published to the letter, what is locked keeps its worker."""
    plan = _published(company)
    stops = _half_done(plan)
    now = max(stop.ended_at for stop in stops.values() if stop.ended_at is not None)
    with company.database.bound(company.tenant_id) as session:
        request_id = request_replan(session, plan.id, stops=stops, reach=reach, budget=QUICK, by=OPERATOR, now=now)
    work_off(company.database, company.tenant_id, request_id)

    with company.database.bound(company.tenant_id) as session:
        made = planning.get_planned(session, request_id, by=OPERATOR)
        locks = list_stop_locks(session, made, by=OPERATOR)
        assert planning.find_published_id(session, plan.scope, by=OPERATOR) == plan.id

    assert made.version == plan.version + 1
    was, became = (
        {(route.worker_id, repr(visit)) for route in routes for visit in route.planned_visits if visit.job_id in stops}
        for routes in (plan.day_plan.plan.routes, made.day_plan.plan.routes)
    )
    assert was == became
    changed = {one.job_id: one for one in compare_plans(plan.day_plan.plan.routes, made.day_plan.plan.routes)}
    assert locks
    assert not any(job_id in changed and changed[job_id].kind in {"moved", "dropped"} for job_id in locks)
    assert not changed.keys() & stops.keys()


def test_only_the_newest_version_is_replanned_and_once_at_a_time(company: Company) -> None:
    """While one is being made nobody asks for another, and later the version before is no longer the newest."""
    plan = _published(company)
    ask = {"stops": {}, "reach": Reach.LOCAL, "budget": QUICK, "by": OPERATOR, "now": NOW}
    with company.database.bound(company.tenant_id) as session:
        request_id = request_replan(session, plan.id, **ask)

    with company.database.bound(company.tenant_id) as session, pytest.raises(PlanBeingMade):
        request_replan(session, plan.id, **ask)
    work_off(company.database, company.tenant_id, request_id)
    with company.database.bound(company.tenant_id) as session, pytest.raises(PlanChanged):
        request_replan(session, plan.id, **ask)


def test_a_suggestion_is_taken_as_it_was_told(company: Company) -> None:
    """The visit is put where it was suggested; what is under way stays, and no other visit changes hands."""
    plan = _published(company)
    *_, last = (route for route in plan.day_plan.plan.routes if len(route.planned_visits) > 1)
    job_id = last.planned_visits[-1].job_id
    with company.database.bound(company.tenant_id) as session:
        lock_stop(session, plan.id, job_id, set(), by=OPERATOR, now=NOW)
    stops = {one: progress for one, progress in _half_done(plan).items() if one != job_id}
    router, now = StraightRouter(), min(route.start_at for route in plan.day_plan.plan.routes)

    def ways() -> dict[str, Any]:
        return {"stops_of": lambda *_: stops, "router_of": lambda _: router, "by": OPERATOR, "now": now}

    best, *_ = find_fits(_bound(company), plan.id, job_id, **ways()).places
    place = Place(worker_id=best.suggestion.worker_id, before_id=best.before_id)
    made = insert_visit(_bound(company), plan.id, job_id, place, **ways())

    placed = {visit.job_id: (route, visit) for route in made.day_plan.plan.routes for visit in route.planned_visits}
    assert placed[job_id][0].worker_id == best.suggestion.worker_id
    assert placed[job_id][1].start_at == best.suggestion.start_at
    changes = compare_plans(plan.day_plan.plan.routes, made.day_plan.plan.routes)
    assert {one.job_id for one in changes if one.kind == "moved"} <= {job_id}


def test_what_is_not_planned_is_not_locked_and_what_is_not_due_fits_nowhere(company: Company) -> None:
    """Each is told by name."""
    unknown = JobId("nowhere")
    with company.database.bound(company.tenant_id) as session, pytest.raises(StopNotFound):
        lock_stop(session, company.plan_id, unknown, {Lock.TIME}, by=OPERATOR, now=NOW)
    with pytest.raises(StopNotFound):
        insert_visit(
            _bound(company),
            company.plan_id,
            unknown,
            Place(worker_id=WorkerId("W1"), before_id=None),
            stops_of=lambda *_: {},
            router_of=lambda _: StraightRouter(),
            by=OPERATOR,
            now=NOW,
        )


@pytest.mark.parametrize("at", [0, 1])
def test_what_is_made_or_under_way_stays_and_is_told_by_name(company: Company, at: int) -> None:
    """Moving the first stop, which is done, or the second, which is under way, is refused and changes nothing."""
    plan = _published(company)
    route = plan.day_plan.plan.routes[0]
    job_id, stops = route.planned_visits[at].job_id, _half_done(plan)
    site = plan.day_plan.sites[job_id]

    with pytest.raises(StopBegun) as refused:
        move_from_now(
            _bound(company),
            plan.id,
            job_id,
            worker_id=route.worker_id,
            number=None,
            stops_of=lambda *_: stops,
            router_of=lambda _: StraightRouter(),
            by=OPERATOR,
            now=route.planned_visits[1].start_at + timedelta(minutes=35),
        )

    assert str(refused.value) == f"“{site.name or site.id}” is already made or under way: it stays."
    with company.database.bound(company.tenant_id) as session:
        assert store.get_newest_version(session, plan.scope) == plan.version


def test_a_lock_is_of_the_day_until_it_is_taken_off(company: Company) -> None:
    """It is replaced by the next and gone with none."""
    plan = _published(company)
    job_id = plan.day_plan.plan.routes[0].planned_visits[0].job_id

    def locked(*kinds: Lock) -> frozenset[Lock] | None:
        with company.database.bound(company.tenant_id) as session:
            lock_stop(session, plan.id, job_id, kinds, by=OPERATOR, now=NOW)
            return list_stop_locks(session, plan, by=OPERATOR).get(job_id)

    assert [locked(Lock.TIME), locked(Lock.ORDER, Lock.WORKER), locked()] == [
        {Lock.TIME},
        {Lock.ORDER, Lock.WORKER},
        None,
    ]
    assert plan.scope.service_on == SERVICE_ON


def test_what_is_moved_by_hand_on_a_day_under_way_goes_behind_what_is_done(company: Company) -> None:
    """Asked to be first, the last visit becomes the first of what is left; what is done or under way is as it was."""
    plan = _published(company)
    route = plan.day_plan.plan.routes[0]
    job_id, stops = route.planned_visits[-1].job_id, _half_done(plan)
    now = route.planned_visits[1].start_at + timedelta(minutes=35)

    made = move_from_now(
        _bound(company),
        plan.id,
        job_id,
        worker_id=route.worker_id,
        number=1,
        stops_of=lambda *_: stops,
        router_of=lambda _: StraightRouter(),
        by=OPERATOR,
        now=now,
    )

    (moved,) = (one for one in made.day_plan.plan.routes if one.worker_id == route.worker_id)
    assert repr(moved.planned_visits[:2]) == repr(route.planned_visits[:2])
    assert moved.planned_visits[2].job_id == job_id
    assert moved.planned_visits[2].start_at >= now
