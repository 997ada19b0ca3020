"""A day that is under way, from now on: its sites and workers become the rest of a plan on real roads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from geo_engine.customers import Site
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import (
    ALL_ROOM,
    QUICK_ROOM,
    DayPlan,
    DayRequest,
    fitting_of,
    job_id_of,
    state_day,
    worker_notes,
)
from geo_engine.planning.evaluate import Evaluation
from geo_engine.planning.explain.making_room import RoomParams
from geo_engine.planning.explain.offers import WhyNot
from geo_engine.planning.explain.reasons import Begun, ExplainContext, explain
from geo_engine.planning.explain.why_not import find_why_nots
from geo_engine.planning.insertion import IndexOrders, indexed, inserted
from geo_engine.planning.model import Plan, Route, Unassigned, Violation
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.replan.from_now import Reach, plan_rest
from geo_engine.planning.replan.progress import DayProgress
from geo_engine.planning.replan.repair import judged
from geo_engine.planning.replan.rest import Rest, continued, overridden, rest_of
from geo_engine.planning.replan.rest_beside import of_whole_day, orders_of, told_with_holder, travel_otherwise
from geo_engine.planning.replan.urgent import Suggestion, best_position, suggest_places
from geo_engine.planning.solver.solve import OnProgress, ShouldStop
from geo_engine.planning.travel.learned import also_learned
from geo_engine.planning.travel.modes import FarPlaces, travel_by_mode
from geo_engine.roads import RoadRouter
from geo_engine.words import Message
from geo_engine.workforce import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class RestDay:
    """What is left of a day, on roads.

    Parameters
    ----------
    request
        Sites and workers as they are now, with those that the plan before has in what cannot be changed any more.
    far
        The places of the problem that are too far from any road.
    """

    request: DayRequest
    before: DayPlan
    progress: DayProgress
    rest: Rest
    problem: Problem
    far: FarPlaces

    @property
    def orders(self) -> dict[int, list[int]]:
        """What is left of the plan before, by index."""
        return indexed(self.problem, self.rest.orders)


def rest_of_day(request: DayRequest, router: RoadRouter, *, before: DayPlan, progress: DayProgress) -> RestDay:
    """Return what is left of a day from `progress.now` on.

    Raises
    ------
    InvalidInput
        When ids repeat, or a break is longer than its shift.
    Unavailable
        When the road network cannot be used.
    """
    request = _with_frozen(request, before, progress)
    jobs, shifts, rules = state_day(request)
    rest = rest_of(jobs, shifts, before.plan.routes, progress, rules=rules)
    places = places_of(rest.jobs, rest.shifts, rest.rules)
    matrices, far = travel_by_mode(places, (worker.mode for worker in request.workers), router, request.snap_limit_m)
    problem = build_problem(rest.jobs, rest.shifts, matrices, rest.rules)
    return RestDay(request=request, before=before, progress=progress, rest=rest, problem=problem, far=far)


def replan_day(
    day: RestDay,
    router: RoadRouter,
    *,
    reach: Reach,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> DayPlan:
    """Return the day's plan with the rest planned anew; what is done, under way or driven to is as it was.

    Raises
    ------
    Unavailable
        When the solver's processes cannot be used.
    """
    found = plan_rest(
        day.rest, day.problem, day.request.budget, reach=reach, on_progress=on_progress, should_stop=should_stop
    )
    return _day_plan(day, router, found.evaluation, room=ALL_ROOM)


def suggest_in_day(day: RestDay, job_id: JobId) -> tuple[Suggestion, ...]:
    """Return the best places for a visit in what is left of a day; the problem has its job."""
    job_index = _index_of(day.problem, job_id)
    return suggest_places(day.problem, _without(day.orders, job_index), job_index)


def why_nowhere(day: RestDay, job_id: JobId) -> Message:
    """Return why nobody may make a visit in what is left of a day, in the words that are told of what is left out."""
    return explain(_context(day, {}), _index_of(day.problem, job_id)).detail


def insert_in_day(
    day: RestDay, router: RoadRouter, job_id: JobId, *, worker_id: WorkerId, before_id: JobId | None
) -> DayPlan:
    """Return the day's plan with a visit put before another of what is left of a worker's route; None puts it last.

    Also where that one is no longer to come: then it is put first.
    """
    job_index = _index_of(day.problem, job_id)
    shift_index = _shift_of(day, worker_id)
    orders = _without(day.orders, job_index)
    order = orders.get(shift_index, [])
    ids = [day.problem.jobs[index].id for index in order]
    at = len(order) if before_id is None else ids.index(before_id) if before_id in ids else 0
    taken = {**orders, shift_index: inserted(order, job_index, at)}
    return _day_plan(day, router, judged(day.problem, taken), room=QUICK_ROOM)


def before_whom(day: RestDay, job_id: JobId, *, worker_id: WorkerId, number: int | None) -> JobId | None:
    """Return which visit of a worker's is behind a place in the order of the whole day, from 1; None is the last place.

    Without a number it is the place where the visit fits best.
    """
    job_index, shift_index = _index_of(day.problem, job_id), _shift_of(day, worker_id)
    orders = _without(day.orders, job_index)
    left = [day.problem.jobs[index].id for index in orders.get(shift_index, [])]
    if number is None:
        at = best_position(day.problem, orders, shift_index, job_index)
    else:
        at = max(0, number - 1 - len(day.rest.frozen[worker_id].visits))
    return left[at] if at < len(left) else None


def _shift_of(day: RestDay, worker_id: WorkerId) -> int:
    return next(index for index, one in enumerate(day.problem.shifts) if one.worker_id == worker_id)


def _index_of(problem: Problem, job_id: JobId) -> int:
    return next(index for index, job in enumerate(problem.jobs) if job.id == job_id)


def _without(orders: IndexOrders, job_index: int) -> dict[int, list[int]]:
    left = {index: [job for job in order if job != job_index] for index, order in orders.items()}
    return {index: order for index, order in left.items() if order}


def _with_frozen(request: DayRequest, before: DayPlan, progress: DayProgress) -> DayRequest:
    """Add the sites and workers that are no longer of the day but stand in what cannot be changed any more."""
    has = {route.worker_id: _frozen_ids(route, progress) for route in before.plan.routes}
    due, working = {job_id_of(site) for site in request.sites}, {worker.id for worker in request.workers}
    sites = [before.sites[job_id] for ids in has.values() for job_id in ids if job_id not in due]
    gone = [_only_with(before.workers[one], len(ids)) for one, ids in has.items() if ids and one not in working]
    return replace(request, sites=(*request.sites, *sites), workers=(*request.workers, *gone))


def _frozen_ids(route: Route, progress: DayProgress) -> list[JobId]:
    return [visit.job_id for visit in route.planned_visits if visit.job_id in progress.stops]


def _only_with(worker: Worker, visit_count: int) -> Worker:
    return replace(worker, max_visits=visit_count)


def _day_plan(day: RestDay, router: RoadRouter, found: Evaluation, *, room: RoomParams) -> DayPlan:
    request, problem = day.request, day.problem
    left = [_index_of(problem, job_id) for job_id in found.unassigned_ids]
    why_nots = find_why_nots(problem, orders_of(problem, found), left, params=room)
    nearest, by_list = travel_otherwise(day.rest, problem, found, is_quick=room is QUICK_ROOM)
    routes = continued(day.rest, problem, found)
    return DayPlan(
        service_on=request.service_on,
        zone=request.zone,
        plan=Plan(
            routes=routes,
            unassigned=_unassigned(day, left, why_nots),
            violations=(*_broken_before(day), *found.violations, *overridden(day.rest, found)),
            cost=sum(route.cost for route in routes) + found.cost_unassigned,
            travel_s=sum(route.travel_s for route in routes),
            travel_m=sum(route.travel_m for route in routes),
        ),
        sites=_by_job(request.sites),
        workers={worker.id: worker for worker in request.workers},
        worker_notes=worker_notes(request, problem, day.far),
        road_source=router.source,
        is_estimate=router.is_estimate,
        nearest=nearest,
        by_list=by_list,
        first_plan_s=None,
        why_nots={job_id: of_whole_day(one, day.rest, day.progress.now) for job_id, one in why_nots.items()},
        learned=also_learned(request.learned, day.before.learned, request.sites),
        prices=request.prices,
        driven_m=request.driven_m or day.before.driven_m,
        speeds=request.speeds,
    )


def _unassigned(day: RestDay, left: Sequence[int], why_nots: Mapping[JobId, WhyNot]) -> tuple[Unassigned, ...]:
    context = _context(day, why_nots)
    return tuple(told_with_holder(explain(context, index), day.rest, context.worker_names) for index in left)


def _context(day: RestDay, why_nots: Mapping[JobId, WhyNot]) -> ExplainContext:
    request, problem = day.request, day.problem
    return ExplainContext(
        problem=problem,
        fitting=fitting_of(problem, why_nots),
        worker_names={worker.id: worker.name for worker in request.workers},
        service_on=request.service_on,
        zone=request.zone,
        far_m=day.far.for_all,
        begun=Begun(now=day.progress.now, whole_shifts=day.rest.whole_shifts),
    )


def _by_job(sites: Sequence[Site]) -> Mapping[JobId, Site]:
    return {job_id_of(site): site for site in sites}


def _broken_before(day: RestDay) -> tuple[Violation, ...]:
    """Return what the plan before breaks with visits that cannot be changed any more."""
    return tuple(one for one in day.before.plan.violations if one.job_id in day.progress.stops)
