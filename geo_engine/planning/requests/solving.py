"""How a request to plan is worked off: two short transactions around a solve that holds none (see `attempts`)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, Session
from geo_engine.ids import JobId, PlanRequestId, TenantId
from geo_engine.planning.day import DayPlan, DayRequest, plan_day
from geo_engine.planning.replan.rest_day import replan_day, rest_of_day
from geo_engine.planning.requests import store as request_store
from geo_engine.planning.requests.attempts import Attempt, Clock, Teller, begin_attempt, finish_attempt, insist
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.solver.solve import Progress
from geo_engine.planning.versions import store
from geo_engine.planning.versions.model import PlanChanged, PlanRequest, RequestState
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.roads.opening import chosen_graph, open_roads

type FindDriven = Callable[[Session, DayRequest], Mapping[JobId, float]]
"""Tells by job how far people went to its site last month; what happened is known above planning."""


def take_up(
    database: Database, tenant_id: TenantId, request_id: PlanRequestId, *, now: Clock
) -> Attempt[PlanRequestId] | None:
    """Take a request up; None when it has ended, also when it was interrupted too often just now.

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached.
    """
    return begin_attempt(request_store.ATTEMPTS, database, tenant_id, request_id, now=now)


def solve_attempt(attempt: Attempt[PlanRequestId], *, cache_dir: Path, find_driven: FindDriven | None = None) -> None:
    """Plan what the attempt's request asks for and record the plan, or why there is none.

    Parameters
    ----------
    find_driven
        With None nothing is known of last month.

    Raises
    ------
    DatabaseUnavailable, GraphMissing, DatabaseTooSlow
        As `finish_attempt`.
    """

    def work() -> None:
        request, day, choice, before = insist(lambda: _gather(attempt, find_driven))
        teller = Teller[PlanRequestId, Progress](attempt, asdict)
        with open_roads(chosen_graph(choice, cache_dir=cache_dir)) as roads:
            day_plan = _planned(request, day, before, roads.router, teller)
        insist(lambda: _record(attempt, request, day_plan, choice))

    finish_attempt(attempt, work)


def _planned(
    request: PlanRequest,
    day: DayRequest,
    before: DayPlan | None,
    router: RoadRouter,
    teller: Teller[PlanRequestId, Progress],
) -> DayPlan:
    wish = request.replan
    if wish is None or before is None:
        return plan_day(day, router, on_progress=teller.tell, should_stop=teller.shall_stop)
    rest = rest_of_day(day, router, before=before, progress=wish.progress)
    return replan_day(rest, router, reach=wish.reach, on_progress=teller.tell, should_stop=teller.shall_stop)


def _gather(
    attempt: Attempt[PlanRequestId], find_driven: FindDriven | None
) -> tuple[PlanRequest, DayRequest, RoadChoice, DayPlan | None]:
    with attempt.database.bound(attempt.tenant_id) as session:
        request = request_store.get_request(session, attempt.key)
        if store.get_newest_version(session, request.scope) != request.base_version:
            raise PlanChanged(request.scope)  # before hours are spent on what could not be recorded
        followed = None if request.replan is None else store.get_plan(session, request.replan.plan_id)
        day, choice = gather_day(session, request.scope, request.budget, uses_learned=request.uses_learned)
        day = replace(day, driven_m={} if find_driven is None else find_driven(session, day))
        if followed is None:
            return request, day, choice, None
        return request, day, followed.roads, followed.day_plan


def _record(attempt: Attempt[PlanRequestId], request: PlanRequest, day_plan: DayPlan, choice: RoadChoice) -> None:
    """Record the plan unless the attempt lost its request; the next version, or none."""
    now = attempt.now()
    with attempt.database.bound(attempt.tenant_id) as session:
        if not request_store.ATTEMPTS.end(session, attempt.key, attempt.number, RequestState.PLANNED, now=now):
            return
        plan_id = store.add_plan(
            session,
            day_plan,
            scope=request.scope,
            version=request.base_version + 1,
            graph_key=choice.key,
            request_id=request.id,
            made_by=request.requested_by,
            now=now,
        )
        if plan_id is None:
            raise PlanChanged(request.scope)
        record_act(
            session,
            "record_plan",
            ("plan", plan_id),
            by=request.requested_by,
            now=now,
            request_id=str(request.id),
            version=request.base_version + 1,
        )
