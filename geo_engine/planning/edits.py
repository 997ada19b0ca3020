"""Use cases of changing a plan by hand, or of going back to an earlier one: each makes the next version."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.errors import NotFound
from geo_engine.ids import JobId, PlanId, WorkerId
from geo_engine.planning.day import DayPlan, DayRequest, build_day, judge_day
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.requests import store as request_store
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import PlanBeingMade, PlanChanged, PlanScope, PlanVersion
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.words import Message


class StopNotFound(NotFound):
    """The plan has no such visit, or no such worker; it is the visit where no worker is named."""

    def __init__(self, job_id: JobId, worker_id: WorkerId | None = None) -> None:
        if worker_id is None:
            super().__init__(Message("The plan knows no visit {job}.", {"job": job_id}))
            return
        facts = {"job": job_id, "worker": worker_id}
        super().__init__(Message("The plan knows no visit {job} or no worker {worker}.", facts))


def move_visit(
    bound: Callable[[], AbstractContextManager[Session]],
    plan_id: PlanId,
    job_id: JobId,
    *,
    worker_id: WorkerId,
    number: int | None,
    router_of: Callable[[RoadChoice], RoadRouter],
    by: Access,
    now: datetime,
) -> PlanVersion:
    """Give a visit, planned or left out, to a worker, and record that as the next version.

    Parameters
    ----------
    bound
        Gives a transaction; one reads the plan and another records the next version, none is held in between.
    number
        The visit's place in the worker's order, from 1; None takes the place that breaks least and drives least.
    router_of
        What answers travel on the roads that the plan was made on.

    Raises
    ------
    PlanNotFound, StopNotFound
        When there is no such plan, visit or worker.
    PlanChanged
        When the plan is not the newest version any more; nothing is changed.
    PlanBeingMade
        When a plan of the day is being made; nothing is changed.
    NotAllowed
        When the actor may not.
    """
    with bound() as session:
        plan = store.get_plan(session, plan_id)
        require_newest(session, plan, by)

    day_plan = with_moved(plan.day_plan, job_id, worker_id=worker_id, number=number, router=router_of(plan.roads))

    with bound() as session:
        require_newest(session, plan, by)
        made = add_next(session, replace(plan, day_plan=day_plan), newest=plan.version, by=by, now=now)
        facts = {"job_id": job_id, "worker_id": worker_id}
        record_act(session, "move_visit", ("plan", str(made.id)), by=by.member_id, now=now, **facts)
    return made


def restore_plan(session: Session, plan_id: PlanId, *, instead_of: PlanId, by: Access, now: datetime) -> PlanVersion:
    """Go back to an earlier version: the next one is equal to it. The newest is returned as it is.

    Parameters
    ----------
    instead_of
        The newest version the actor saw.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    PlanChanged
        When the newest version is another one by now; nothing is changed.
    PlanBeingMade
        When a plan of the day is being made; nothing is changed.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    by.require(Act.PLAN_DAY, Subject(team_id=plan.scope.team_id))
    _require_no_search(session, plan.scope)
    newest = store.get_newest_version(session, plan.scope)
    if store.find_plan_id(session, plan.scope, newest) != instead_of:
        raise PlanChanged(plan.scope)
    if plan_id == instead_of:
        return plan

    made = add_next(session, plan, newest=newest, restores=plan.version, by=by, now=now)
    record_act(
        session,
        "restore_plan",
        ("plan", str(made.id)),
        by=by.member_id,
        now=now,
        version=made.version,
        restores=plan.version,
    )
    return made


def require_newest(session: Session, plan: PlanVersion, by: Access) -> None:
    """Make sure that the actor may change the plan, and that nobody else has or is about to.

    Raises
    ------
    PlanChanged
        When it is not the newest version of its scope.
    PlanBeingMade
        When a plan of its scope is being made.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.PLAN_DAY, Subject(team_id=plan.scope.team_id))
    _require_no_search(session, plan.scope)
    if store.get_newest_version(session, plan.scope) != plan.version:
        raise PlanChanged(plan.scope)


def _require_no_search(session: Session, scope: PlanScope) -> None:
    """Make sure that no plan of a scope is being made, until the end of the transaction.

    Raises
    ------
    PlanBeingMade
        When one is.
    """
    request_store.lock_scope(session, scope)
    if request_store.find_open_request(session, scope) is not None:
        raise PlanBeingMade(scope)


def add_next(
    session: Session, plan: PlanVersion, *, newest: int, restores: int | None = None, by: Access, now: datetime
) -> PlanVersion:
    """Write a plan as the version after the newest that its author saw.

    Raises
    ------
    PlanChanged
        When somebody else wrote that one meanwhile.
    """
    version = newest + 1
    made = store.add_plan(
        session,
        plan.day_plan,
        scope=plan.scope,
        version=version,
        graph_key=plan.roads.key,
        request_id=None,
        made_by=by.member_id,
        now=now,
        restores=restores,
    )
    if made is None:
        raise PlanChanged(plan.scope)
    return replace(plan, id=made, version=version, made_at=now, published_at=None, superseded_at=None)


def with_moved(
    day_plan: DayPlan, job_id: JobId, *, worker_id: WorkerId, number: int | None, router: RoadRouter
) -> DayPlan:
    """Return the plan with a visit given to a worker; times, cost and what it breaks are worked out anew.

    Raises
    ------
    StopNotFound
        When the plan has no such visit or worker.
    """
    if job_id not in day_plan.sites or worker_id not in day_plan.workers:
        raise StopNotFound(job_id, worker_id)
    orders = {
        route.worker_id: [visit.job_id for visit in route.planned_visits if visit.job_id != job_id]
        for route in day_plan.plan.routes
    }
    others = orders.get(worker_id, [])
    request = DayRequest(
        service_on=day_plan.service_on,
        zone=day_plan.zone,
        sites=tuple(day_plan.sites.values()),
        workers=tuple(day_plan.workers.values()),
        learned=day_plan.learned,
        prices=day_plan.prices,
        driven_m=day_plan.driven_m,
        speeds=day_plan.speeds,
    )
    at = number - 1 if number is not None else _best_place(request, router, worker_id, others, job_id)
    orders[worker_id] = [*others[:at], job_id, *others[at:]]
    kept = {worker: order for worker, order in orders.items() if order}
    return judge_day(request, router, kept, before=day_plan)


def _best_place(
    request: DayRequest, router: RoadRouter, worker_id: WorkerId, others: Sequence[JobId], job_id: JobId
) -> int:
    """Return where among the others a visit breaks least, then drives least, then ends earliest."""
    wanted = set[str]({*others, job_id})
    alone = DayRequest(
        service_on=request.service_on,
        zone=request.zone,
        sites=tuple(site for site in request.sites if site.id in wanted),
        workers=tuple(worker for worker in request.workers if worker.id == worker_id),
        snap_limit_m=request.snap_limit_m,
        learned=request.learned,
        speeds=request.speeds,
    )
    problem, _ = build_day(alone, router)

    def badness(at: int) -> tuple[int, int, datetime]:
        judged = evaluate(problem, {worker_id: [*others[:at], job_id, *others[at:]]})
        return len(judged.violations), judged.cost_travel + judged.cost_traffic, judged.routes[0].end_at

    return min(range(len(others) + 1), key=badness)
