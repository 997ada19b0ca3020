"""Use cases of plans: ask for one, watch it, publish it, withdraw it, read it."""

from datetime import date, datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session
from geo_engine.ids import PlanId, PlanRequestId, WorkerId
from geo_engine.outbox import OutboxEvent
from geo_engine.outbox.store import append_event as append_to_outbox
from geo_engine.planning.requests import store as request_store
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions import publication_store, store
from geo_engine.planning.versions.model import (
    NothingPublished,
    PlanChanged,
    PlanNotFound,
    PlanOverlaps,
    PlanRequest,
    PlanScope,
    PlanVersion,
    WorkerDay,
)
from geo_engine.queue import Lane, enqueue
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import get_tenant
from geo_engine.workforce import WorkerShift
from geo_engine.workforce.service import fix_shifts
from geo_engine.workforce.store import find_teams

PLAN_DAY_TASK = "plan_day"
FOLLOW_PLAN_TASK = "follow_plan"
"""The name of the queue's task that has what depends on the plan follow it, once a version is given or taken back."""


def request_plan(
    session: Session,
    scope: PlanScope,
    budget: Budget,
    *,
    uses_learned: bool | None = None,
    by: Access,
    now: datetime,
) -> PlanRequestId:
    """Ask for a plan; a worker of the queue makes it once this transaction is committed.

    Of several that are open for a scope the first to be recorded wins, and the others end with “somebody else changed
    the plan”.

    Parameters
    ----------
    uses_learned
        Whether it is planned with learned times; None as the company has it.

    Raises
    ------
    TeamNotFound
        When there is no such team.
    NothingToPlan, InvalidInput
        When the day has no due visit or no worker, or the company has chosen no roads.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.PLAN_DAY, Subject(team_id=scope.team_id))
    wanted = get_tenant(session).uses_learned if uses_learned is None else uses_learned
    gather_day(session, scope, budget, uses_learned=False)
    request_store.lock_scope(session, scope)

    base_version = store.get_newest_version(session, scope)
    request_id = request_store.add_request(
        session,
        scope=scope,
        budget=budget,
        base_version=base_version,
        uses_learned=wanted,
        by=by.member_id,
        now=now,
    )
    enqueue(session, PLAN_DAY_TASK, request_id=request_id)
    record_act(session, "request_plan", ("plan_request", str(request_id)), by=by.member_id, now=now)
    return request_id


def request_plan_once(
    session: Session,
    scope: PlanScope,
    budget: Budget,
    *,
    uses_learned: bool | None = None,
    by: Access,
    now: datetime,
) -> PlanRequestId:
    """Ask for a plan unless one is being made: then that is the one, whoever asked for it and with which budget.

    Raises
    ------
    TeamNotFound, NothingToPlan, InvalidInput, NotAllowed
        As `request_plan`.
    """
    by.require(Act.PLAN_DAY, Subject(team_id=scope.team_id))
    request_store.lock_scope(session, scope)
    being_made = request_store.find_open_request(session, scope)
    if being_made is not None:
        return being_made.id
    return request_plan(session, scope, budget, uses_learned=uses_learned, by=by, now=now)


def get_request(session: Session, request_id: PlanRequestId, *, by: Access) -> PlanRequest:
    """Return how far a request is, or how it ended.

    Raises
    ------
    PlanRequestNotFound
        When there is none.
    NotAllowed
        When the actor may not.
    """
    request = request_store.get_request(session, request_id)
    by.require(Act.SEE_PLANS, Subject(team_id=request.scope.team_id))
    return request


def stop_planning(session: Session, request_id: PlanRequestId, *, by: Access, now: datetime) -> None:
    """Ask that the best plan found so far is recorded at once; a request that has ended stays as it is.

    Raises
    ------
    PlanRequestNotFound
        When there is no such request.
    NotAllowed
        When the actor may not.
    """
    request = request_store.get_request(session, request_id)
    by.require(Act.PLAN_DAY, Subject(team_id=request.scope.team_id))

    if request_store.ATTEMPTS.ask_to_stop(session, request_id, now=now):
        record_act(session, "stop_planning", ("plan_request", str(request_id)), by=by.member_id, now=now)


def get_plan(session: Session, scope: PlanScope, version: int | None = None, *, by: Access) -> PlanVersion:
    """Return a version of a day's plan, the newest when None is asked for.

    Raises
    ------
    PlanNotFound
        When there is none.
    NotAllowed
        When the actor may not.
    """
    by.require(Act.SEE_PLANS, Subject(team_id=scope.team_id))
    plan_id = store.find_plan_id(session, scope, version)
    if plan_id is None:
        raise PlanNotFound(scope.service_on.isoformat() if version is None else f"{scope.service_on} v{version}")
    return store.get_plan(session, plan_id)


def get_plan_by_id(session: Session, plan_id: PlanId, *, by: Access) -> PlanVersion:
    """Return a version by its id.

    Raises
    ------
    PlanNotFound
        When there is none.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    by.require(Act.SEE_PLANS, Subject(team_id=plan.scope.team_id))
    return plan


def get_planned(session: Session, request_id: PlanRequestId, *, by: Access) -> PlanVersion:
    """Return the plan a request led to.

    Raises
    ------
    PlanRequestNotFound, PlanNotFound
        When there is no such request, or it led to no plan.
    NotAllowed
        When the actor may not.
    """
    request = get_request(session, request_id, by=by)
    if request.plan_id is None:
        raise PlanNotFound(request_id)
    return store.get_plan(session, request.plan_id)


def find_published_id(session: Session, scope: PlanScope, *, by: Access) -> PlanId | None:
    """Return which version the workers were given, or None.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.SEE_PLANS, Subject(team_id=scope.team_id))
    return publication_store.find_published_id(session, scope)


def publish_plan(
    session: Session, plan_id: PlanId, *, instead_of: PlanId | None, by: Access, now: datetime
) -> PlanVersion:
    """Give the workers a version; their hours of the day are fixed by it. What they have already is not given again.

    Whoever has a route and no hours set for the day gets those the plan was made with; hours that were set, before
    or after planning, stay as they are.

    Parameters
    ----------
    instead_of
        The version the actor saw published; None when there was none.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    PlanChanged
        When another version was published meanwhile; nothing is changed.
    PlanOverlaps
        When a route's worker or a placed job is already in the published plan of another scope of the day.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    by.require(Act.PUBLISH_PLAN, Subject(team_id=plan.scope.team_id))
    publication_store.lock_day(session, plan.scope.service_on)
    published_id = publication_store.find_published_id(session, plan.scope)
    if published_id != instead_of:
        raise PlanChanged(plan.scope)
    if published_id == plan_id:
        return plan
    other = publication_store.find_overlapping(session, plan_id, plan.scope)
    if other is not None:
        raise PlanOverlaps(other)

    if published_id is not None:
        publication_store.end_publication(session, published_id, by=by.member_id, now=now)
    publication_store.add_publication(session, plan_id, by=by.member_id, now=now)
    fix_shifts(session, _shifts(plan))
    enqueue(session, FOLLOW_PLAN_TASK, lane=Lane.TRACKS, plan_id=plan_id)
    append_to_outbox(session, _event("plan.published", plan), now=now)
    record_act(session, "publish_plan", ("plan", str(plan_id)), by=by.member_id, now=now)
    return store.get_plan(session, plan_id)


def withdraw_plan(session: Session, plan_id: PlanId, *, by: Access, now: datetime) -> PlanVersion:
    """Take the version that the workers have from them; their scope has none then, and their hours of the day stay.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    PlanChanged
        When the workers have another version by now, or none; nothing is changed.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    by.require(Act.PUBLISH_PLAN, Subject(team_id=plan.scope.team_id))
    publication_store.lock_day(session, plan.scope.service_on)
    if publication_store.find_published_id(session, plan.scope) != plan_id:
        raise PlanChanged(plan.scope)

    publication_store.end_publication(session, plan_id, by=by.member_id, now=now)
    enqueue(session, FOLLOW_PLAN_TASK, lane=Lane.TRACKS, plan_id=plan_id)
    append_to_outbox(session, _event("plan.withdrawn", plan), now=now)
    record_act(session, "withdraw_plan", ("plan", str(plan_id)), by=by.member_id, now=now)
    return store.get_plan(session, plan_id)


def list_published_workers(session: Session, service_on: date, *, by: Access) -> tuple[WorkerId, ...]:
    """Return those whom the actor may see of everyone who was given a route for a day.

    Raises
    ------
    NothingPublished
        When nobody was.
    """
    worker_ids = publication_store.list_published_workers(session, service_on)
    if not worker_ids:
        raise NothingPublished(service_on)
    teams = find_teams(session, worker_ids)
    return tuple(one for one in worker_ids if by.allows(Act.SEE_PLANS, Subject(worker_id=one, team_id=teams[one])))


def get_worker_day(session: Session, worker_id: WorkerId, service_on: date, *, by: Access) -> WorkerDay:
    """Return a worker's ordered stops of a day, as published.

    Raises
    ------
    NothingPublished
        When the worker was given no route for the day.
    NotAllowed
        When the actor may not.
    """
    team_id = find_teams(session, [worker_id]).get(worker_id)
    by.require(Act.SEE_PLANS, Subject(worker_id=worker_id, team_id=team_id))
    day = store.find_worker_day(session, worker_id, service_on)
    if day is None:
        raise NothingPublished(service_on)
    return day


def find_next_day(session: Session, worker_id: WorkerId, after: date, *, by: Access) -> date | None:
    """Return the next day after a date for which a worker was given a route, or None when there is none.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    team_id = find_teams(session, [worker_id]).get(worker_id)
    by.require(Act.SEE_PLANS, Subject(worker_id=worker_id, team_id=team_id))
    return publication_store.find_next_day(session, worker_id, after)


def _event(topic: str, plan: PlanVersion) -> OutboxEvent:
    scope = plan.scope
    payload = {"date": scope.service_on.isoformat(), "team_id": scope.team_id, "version": plan.version}
    return OutboxEvent(topic=topic, key=f"{scope.service_on}/{scope.team_id or ''}", payload=payload)


def _shifts(plan: PlanVersion) -> list[WorkerShift]:
    workers = plan.day_plan.workers
    return [
        WorkerShift(service_on=plan.scope.service_on, worker_id=route.worker_id, hours=workers[route.worker_id].shift)
        for route in plan.day_plan.plan.routes
    ]
