"""How a request to plan is worked off: two short transactions around a solve that holds none.

A worker may die at any moment, and so may the database. What is recorded is recorded by the attempt that
holds the request then, so a request ends once, however often it is taken up.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from geo_engine.audit.service import record_act
from geo_engine.db.session import Database, DatabaseTooSlow, DatabaseUnavailable, Session
from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.ids import JobId, PlanRequestId, TenantId
from geo_engine.planning import request_store, store
from geo_engine.planning.day import DayPlan, DayRequest, plan_day
from geo_engine.planning.gathering import gather_day
from geo_engine.planning.rest_day import replan_day, rest_of_day
from geo_engine.planning.solver import Progress
from geo_engine.planning.versions import PlanChanged, PlanRequest, RequestState
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.roads.opening import GraphMissing, chosen_graph, open_roads
from geo_engine.words import Message

_MOST_ATTEMPTS = 5
_TOLD_EVERY_S = 1.0
_TRY_AGAIN_S = 1.0
_KEEP_TRYING_S = 900.0

type Clock = Callable[[], datetime]
type FindDriven = Callable[[Session, DayRequest], Mapping[JobId, float]]
"""Tells by job how far people went to its site last month; what happened is known above planning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request that this process has taken up, and for which time."""

    database: Database
    tenant_id: TenantId
    request_id: PlanRequestId
    number: int
    now: Clock


def take_up(database: Database, tenant_id: TenantId, request_id: PlanRequestId, *, now: Clock) -> Attempt | None:
    """Take a request up; None when it has ended, also when it was interrupted too often just now.

    Raises
    ------
    DatabaseUnavailable
        When the database cannot be reached.
    """
    with database.bound(tenant_id) as session:
        number = request_store.begin_attempt(session, request_id)
        if number is None:
            return None
        if number > _MOST_ATTEMPTS:
            told = Message("Planning was interrupted {count} times and is given up.", {"count": _MOST_ATTEMPTS})
            request_store.end_request(
                session, request_id, number, RequestState.FAILED, failure=Unavailable(told), now=now()
            )
            return None
    return Attempt(database=database, tenant_id=tenant_id, request_id=request_id, number=number, now=now)


def solve_attempt(attempt: Attempt, *, cache_dir: Path, find_driven: FindDriven | None = None) -> None:
    """Plan what the attempt's request asks for and record the plan, or why there is none.

    Parameters
    ----------
    find_driven
        With None nothing is known of last month.

    Raises
    ------
    DatabaseUnavailable, GraphMissing
        When the database stays away, or the roads are not on this machine; the request is still open and may be
        taken up again, by a machine that has them. The last attempt records that they are missing.
    DatabaseTooSlow
        When not even a failure could be written in time; the request is still open as well.
    """
    try:
        request, day, choice, before = insist(lambda: _gather(attempt, find_driven))
        teller = _Teller(attempt)
        with open_roads(chosen_graph(choice, cache_dir=cache_dir)) as roads:
            day_plan = _planned(request, day, before, roads.router, teller)
        insist(lambda: _record(attempt, request, day_plan, choice))
    except DatabaseUnavailable:
        raise
    except GeoEngineError as error:
        if isinstance(error, GraphMissing) and attempt.number < _MOST_ATTEMPTS:
            raise
        fail_attempt(attempt, error)


def fail_attempt(attempt: Attempt, failure: GeoEngineError) -> None:
    """Record that the attempt's request led to no plan, and why; nothing when it has ended.

    Raises
    ------
    DatabaseUnavailable, DatabaseTooSlow
        When the database stays away, or is too slow.
    """

    def record() -> None:
        with attempt.database.bound(attempt.tenant_id) as session:
            request_store.end_request(
                session, attempt.request_id, attempt.number, RequestState.FAILED, failure=failure, now=attempt.now()
            )

    insist(record)


class _Teller:
    """What a solve tells the database about itself, and hears back; a database that is away misses it."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._told_at_s = 0.0
        self._shall_stop = False

    def tell(self, progress: Progress) -> None:
        """Write the progress, at most once a second."""
        now_s = time.monotonic()
        if now_s - self._told_at_s < _TOLD_EVERY_S:
            return
        self._told_at_s = now_s
        attempt = self._attempt
        try:
            with attempt.database.bound(attempt.tenant_id) as session:
                self._shall_stop = request_store.save_progress(session, attempt.request_id, attempt.number, progress)
        except (DatabaseUnavailable, DatabaseTooSlow):
            return

    def shall_stop(self) -> bool:
        """Whether somebody asked to stop, or the request is another attempt's by now."""
        return self._shall_stop


def _planned(
    request: PlanRequest, day: DayRequest, before: DayPlan | None, router: RoadRouter, teller: _Teller
) -> DayPlan:
    wish = request.replan
    if wish is None or before is None:
        return plan_day(day, router, on_progress=teller.tell, should_stop=teller.shall_stop)
    rest = rest_of_day(day, router, before=before, progress=wish.progress)
    return replan_day(rest, router, reach=wish.reach, on_progress=teller.tell, should_stop=teller.shall_stop)


def _gather(
    attempt: Attempt, find_driven: FindDriven | None
) -> tuple[PlanRequest, DayRequest, RoadChoice, DayPlan | None]:
    with attempt.database.bound(attempt.tenant_id) as session:
        request = request_store.get_request(session, attempt.request_id)
        if store.get_newest_version(session, request.scope) != request.base_version:
            raise PlanChanged(request.scope)  # before hours are spent on what could not be recorded
        followed = None if request.replan is None else store.get_plan(session, request.replan.plan_id)
        day, choice = gather_day(session, request.scope, request.budget, uses_learned=request.uses_learned)
        day = replace(day, driven_m={} if find_driven is None else find_driven(session, day))
        if followed is None:
            return request, day, choice, None
        return request, day, followed.roads, followed.day_plan


def _record(attempt: Attempt, request: PlanRequest, day_plan: DayPlan, choice: RoadChoice) -> None:
    """Record the plan unless the attempt lost its request; the next version, or none."""
    now = attempt.now()
    with attempt.database.bound(attempt.tenant_id) as session:
        if not request_store.end_request(session, attempt.request_id, attempt.number, RequestState.PLANNED, now=now):
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


def insist[T](act: Callable[[], T]) -> T:
    """Read or record even if the database is away for a while: attempts are counted, and a solve is too dear to lose.

    What was committed though its confirmation was lost is done once more; the attempt has ended then, so the
    second time does nothing. What the database does not finish in time is not tried again: it would take as long.
    """
    give_up_at_s = time.monotonic() + _KEEP_TRYING_S
    while True:
        try:
            return act()
        except DatabaseUnavailable:
            if time.monotonic() > give_up_at_s:
                raise
            time.sleep(_TRY_AGAIN_S)
