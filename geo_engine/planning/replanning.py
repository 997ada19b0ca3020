"""Use cases of a day that is under way: lock a stop, ask for the rest to be planned anew, fit in what is urgent."""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.customers import Site
from geo_engine.db.session import Session
from geo_engine.errors import Conflict
from geo_engine.ids import JobId, PlanId, PlanRequestId, WorkerId
from geo_engine.planning.day import DayRequest, job_id_of
from geo_engine.planning.edits import StopNotFound, add_next, require_newest
from geo_engine.planning.replan.from_now import Reach
from geo_engine.planning.replan.progress import DayProgress, Lock, StopProgress
from geo_engine.planning.replan.rest_day import (
    RestDay,
    before_whom,
    insert_in_day,
    rest_of_day,
    suggest_in_day,
    why_nowhere,
)
from geo_engine.planning.replan.urgent import Suggestion
from geo_engine.planning.requests import store as request_store
from geo_engine.planning.requests.gathering import gather_day
from geo_engine.planning.service import PLAN_DAY_TASK
from geo_engine.planning.solver.solve import Budget
from geo_engine.planning.versions import publication_store, store
from geo_engine.planning.versions.lock_store import list_locks, put_lock
from geo_engine.planning.versions.model import PlanVersion, ReplanWish
from geo_engine.queue import enqueue
from geo_engine.roads import RoadChoice, RoadRouter
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.words import Message

type Bound = Callable[[], AbstractContextManager[Session]]
type StopsOf = Callable[[Session, PlanVersion], Mapping[JobId, StopProgress]]
type RouterOf = Callable[[RoadChoice], RoadRouter]


class StopBegun(Conflict):
    """The visit was made, or somebody makes it or drives to it: where it is planned is no longer changed."""

    def __init__(self, site: Site) -> None:
        super().__init__(Message("“{name}” is already made or under way: it stays.", {"name": site.name or site.id}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Where a visit would fit, and before which visit of the worker's that is; None is last."""

    suggestion: Suggestion
    before_id: JobId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """Where a visit would fit, the best place first; nowhere for a reason, which is None otherwise."""

    places: tuple[Fit, ...]
    reason: Message | None


def lock_stop(
    session: Session, plan_id: PlanId, job_id: JobId, kinds: Collection[Lock], *, by: Access, now: datetime
) -> PlanVersion:
    """Have a stop of the day stay as it is when the day is replanned, in what is named; nothing named unlocks it.

    Raises
    ------
    PlanNotFound, StopNotFound
        When there is no such plan, or it places no such visit.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    by.require(Act.PLAN_DAY, Subject(team_id=plan.scope.team_id))
    placed = {visit.job_id for route in plan.day_plan.plan.routes for visit in route.planned_visits}
    if job_id not in placed:
        raise StopNotFound(job_id)

    put_lock(session, plan.scope.service_on, job_id, kinds, by=by.member_id, now=now)
    told = ", ".join(sorted(kinds))
    record_act(session, "lock_stop", ("plan", str(plan_id)), by=by.member_id, now=now, job_id=job_id, kinds=told)
    return plan


def list_stop_locks(session: Session, plan: PlanVersion, *, by: Access) -> Mapping[JobId, frozenset[Lock]]:
    """Return what is locked on a plan's day.

    Raises
    ------
    NotAllowed
        When the actor may not.
    """
    by.require(Act.SEE_PLANS, Subject(team_id=plan.scope.team_id))
    return list_locks(session, plan.scope.service_on)


def request_replan(
    session: Session,
    plan_id: PlanId,
    *,
    stops: Mapping[JobId, StopProgress],
    reach: Reach,
    budget: Budget,
    by: Access,
    now: datetime,
) -> PlanRequestId:
    """Ask that a day be planned anew from now on; a worker of the queue does it once this transaction is committed.

    Parameters
    ----------
    plan_id
        The newest version, which is followed.
    stops
        How far its visits are.

    Raises
    ------
    PlanNotFound
        When there is no such plan.
    PlanChanged
        When it is not the newest version any more.
    PlanBeingMade
        When a plan of the day is being made.
    NotAllowed
        When the actor may not.
    """
    plan = store.get_plan(session, plan_id)
    require_newest(session, plan, by)
    wish = ReplanWish(plan_id=plan_id, reach=reach, progress=_progress(session, plan, stops, now))

    request_id = request_store.add_request(
        session,
        scope=plan.scope,
        budget=budget,
        base_version=plan.version,
        replan=wish,
        uses_learned=plan.day_plan.learned is not None,
        by=by.member_id,
        now=now,
    )
    enqueue(session, PLAN_DAY_TASK, request_id=request_id)
    record_act(session, "request_replan", ("plan_request", str(request_id)), by=by.member_id, now=now, reach=reach)
    return request_id


def find_fits(
    bound: Bound, plan_id: PlanId, job_id: JobId, *, stops_of: StopsOf, router_of: RouterOf, by: Access, now: datetime
) -> Fits:
    """Return where a visit that is due would fit best into what is left of a plan's day, or why nowhere.

    Parameters
    ----------
    bound
        Gives a transaction; none is held while roads are asked.
    stops_of
        What tells how far the visits of a plan are.

    Raises
    ------
    PlanNotFound, StopNotFound
        When there is no such plan, or no such visit to be made.
    StopBegun
        When it was made or driven to already.
    NotAllowed
        When the actor may not.
    """
    with bound() as session:
        plan = store.get_plan(session, plan_id)
        by.require(Act.PLAN_DAY, Subject(team_id=plan.scope.team_id))
        request, progress = _gather(session, plan, job_id, stops_of, now)
    day = rest_of_day(request, router_of(plan.roads), before=plan.day_plan, progress=progress)
    places = tuple(_fit(day, one) for one in suggest_in_day(day, job_id))
    return Fits(places=places, reason=None if places else why_nowhere(day, job_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in what is left of a worker's day.

    Parameters
    ----------
    before_id
        The visit that is behind it; None is the last place.
    """

    worker_id: WorkerId
    before_id: JobId | None


def insert_visit(
    bound: Bound,
    plan_id: PlanId,
    job_id: JobId,
    place: Place,
    *,
    stops_of: StopsOf,
    router_of: RouterOf,
    by: Access,
    now: datetime,
) -> PlanVersion:
    """Put a visit into what is left of a worker's day, and record that as the next version; no other changes hands.

    Raises
    ------
    PlanNotFound, StopNotFound
        When there is no such plan, visit to be made, or worker.
    StopBegun
        When the visit was made or driven to already; nothing is changed.
    PlanChanged
        When the plan is not the newest version any more; nothing is changed.
    PlanBeingMade
        When a plan of the day is being made; nothing is changed.
    NotAllowed
        When the actor may not.
    """
    ways = _Ways(bound=bound, stops_of=stops_of, router_of=router_of, by=by, now=now)
    return _put(ways, plan_id, job_id, place.worker_id, lambda _: place.before_id, act="insert_visit")


def move_from_now(
    bound: Bound,
    plan_id: PlanId,
    job_id: JobId,
    *,
    worker_id: WorkerId,
    number: int | None,
    stops_of: StopsOf,
    router_of: RouterOf,
    by: Access,
    now: datetime,
) -> PlanVersion:
    """Give a visit of a day that is under way to a worker, as `edits.move_visit`; what is done or begun stays.

    Parameters
    ----------
    number
        The visit's place in the worker's order of the whole day, from 1; None takes the one where it fits best.

    Raises
    ------
    PlanNotFound, StopNotFound, StopBegun, PlanChanged, PlanBeingMade, NotAllowed
        As `insert_visit`.
    """
    ways = _Ways(bound=bound, stops_of=stops_of, router_of=router_of, by=by, now=now)
    return _put(
        ways,
        plan_id,
        job_id,
        worker_id,
        lambda day: before_whom(day, job_id, worker_id=worker_id, number=number),
        act="move_visit",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ways:
    """Who acts when, and what is asked on the way."""

    bound: Bound
    stops_of: StopsOf
    router_of: RouterOf
    by: Access
    now: datetime


def _put(
    ways: _Ways,
    plan_id: PlanId,
    job_id: JobId,
    worker_id: WorkerId,
    before: Callable[[RestDay], JobId | None],
    *,
    act: str,
) -> PlanVersion:
    with ways.bound() as session:
        plan = store.get_plan(session, plan_id)
        require_newest(session, plan, ways.by)
        request, progress = _gather(session, plan, job_id, ways.stops_of, ways.now)
    router = ways.router_of(plan.roads)
    day = rest_of_day(request, router, before=plan.day_plan, progress=progress)
    if worker_id not in {shift.worker_id for shift in day.problem.shifts}:
        raise StopNotFound(job_id, worker_id)
    day_plan = insert_in_day(day, router, job_id, worker_id=worker_id, before_id=before(day))

    with ways.bound() as session:
        require_newest(session, plan, ways.by)
        made = add_next(session, replace(plan, day_plan=day_plan), newest=plan.version, by=ways.by, now=ways.now)
        facts = {"job_id": job_id, "worker_id": worker_id}
        record_act(session, act, ("plan", str(made.id)), by=ways.by.member_id, now=ways.now, **facts)
    return made


def _gather(
    session: Session, plan: PlanVersion, job_id: JobId, stops_of: StopsOf, now: datetime
) -> tuple[DayRequest, DayProgress]:
    """Return the day as it is now and where it stands.

    Raises
    ------
    StopNotFound
        When the visit is not due.
    StopBegun
        When it was made or driven to already.
    """
    request, _ = gather_day(session, plan.scope, Budget(), uses_learned=plan.day_plan.learned is not None)
    progress = _progress(session, plan, stops_of(session, plan), now)
    if job_id in progress.stops:
        raise StopBegun(plan.day_plan.sites[job_id])
    if job_id not in {job_id_of(site) for site in request.sites}:
        raise StopNotFound(job_id)
    return request, progress


def _progress(session: Session, plan: PlanVersion, stops: Mapping[JobId, StopProgress], now: datetime) -> DayProgress:
    """Return where a day stands; promised is what the workers were given, or else what the plan says."""
    published_id = publication_store.find_published_id(session, plan.scope)
    told = plan if published_id in {None, plan.id} else store.get_plan(session, published_id)
    return DayProgress(
        now=now,
        stops=stops,
        locks=list_locks(session, plan.scope.service_on),
        promises={
            visit.job_id: visit.start_at for route in told.day_plan.plan.routes for visit in route.planned_visits
        },
    )


def _fit(day: RestDay, one: Suggestion) -> Fit:
    left = [job_id for job_id in day.rest.orders.get(one.worker_id, ()) if job_id != one.job_id]
    return Fit(suggestion=one, before_id=left[one.position] if one.position < len(left) else None)
