"""Where one more visit would fit into a day, whoever has to make it: the best places of all, and what becomes late."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.costs import route_cost, travel_cost
from geo_engine.planning.evaluate import Evaluation, evaluate, route_violations
from geo_engine.planning.explain.relaxation import strain, worsened
from geo_engine.planning.insertion import IndexOrders, Room, inserted, named
from geo_engine.planning.limits import driving_violations, limit_violations
from geo_engine.planning.model import PlannedVisit, Violation, ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.timetable import find_timetable

_PLACES_TRIED = 3
_SUGGESTION_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A visit that would begin later than was promised, or its window allows, by so many seconds more than before."""

    job_id: JobId
    later_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A place for one more visit.

    Parameters
    ----------
    position
        Before the visit now at this place of what is left of the worker's route; from 0.
    cost, travel_s, travel_m
        What the route takes more.
    lates
        Which visits on the route become late that were not, or later than they were.
    broken
        The rules that are broken and were not before, or not by as much; empty where it fits.
    """

    worker_id: WorkerId
    job_id: JobId
    position: int
    start_at: datetime
    cost: int
    travel_s: int
    travel_m: int
    lates: tuple[Late, ...]
    broken: tuple[Violation, ...]


def suggest_places(problem: Problem, orders: IndexOrders, job_index: int) -> tuple[Suggestion, ...]:
    """Return the best places for a job that is on no route: those that break nothing first, then what costs least.

    At most one a worker, five in all; each is as `evaluate` judges it on the whole plan. None to where no road leads.

    Notes
    -----
    Of each worker's places the three that strain the times least are judged on the route alone: O(workers × visits).
    """
    tried = [one for index in sorted(problem.allowed[job_index]) for one in _best_of(problem, orders, index, job_index)]
    whole = evaluate(problem, named(problem, orders))
    ranked = sorted(tried, key=lambda one: one[0])[:_SUGGESTION_COUNT]
    judged = [_judged(problem, orders, whole, place, job_index) for _, *place in ranked]
    reached = (one for one in judged if all(rule.kind is not ViolationKind.NO_PATH for rule in one.broken))
    return tuple(sorted(reached, key=lambda one: (strain(one.broken), one.cost, one.worker_id)))


def best_position(problem: Problem, orders: IndexOrders, shift_index: int, job_index: int) -> int:
    """Return where on a route a job strains it least, then costs least, whoever may do it."""
    return next(position for _, _, position in _best_of(problem, orders, shift_index, job_index))


type _Tried = tuple[tuple[float, int], int, int]


def _best_of(problem: Problem, orders: IndexOrders, shift_index: int, job_index: int) -> Iterator[_Tried]:
    """Give the best place on a route: how much it strains and costs, the shift, and the position."""
    order = list(orders.get(shift_index, ()))
    broken, cost = _on_its_own(problem, shift_index, order)
    found: list[_Tried] = []
    for place in Room(problem, shift_index, order).ranked(job_index)[:_PLACES_TRIED]:
        after = _on_its_own(problem, shift_index, inserted(order, job_index, place.position))
        found.append(((strain(worsened(broken, after[0])), after[1] - cost), shift_index, place.position))
    yield from sorted(found)[:1]


def _on_its_own(problem: Problem, shift_index: int, order: Sequence[int]) -> tuple[list[Violation], int]:
    """Return what a route breaks by itself, and its cost; without its times, where it has none, that of its legs."""
    if not order:
        return [], 0
    timetable = find_timetable(problem, shift_index, order)
    if timetable is None:
        return route_violations(problem, shift_index, order), travel_cost(problem, shift_index, order)
    broken = [
        *limit_violations(problem, shift_index, order),
        *driving_violations(problem, shift_index, timetable),
    ]
    return broken, route_cost(problem, shift_index, order, timetable).total


def _routes_cost(judged: Evaluation) -> int:
    return judged.cost - judged.cost_unassigned


def _judged(
    problem: Problem, orders: IndexOrders, before: Evaluation, place: Sequence[int], job_index: int
) -> Suggestion:
    shift_index, position = place
    order = inserted(orders.get(shift_index, ()), job_index, position)
    after = evaluate(problem, named(problem, {**orders, shift_index: order}))
    worker_id, job_id = problem.shifts[shift_index].worker_id, problem.jobs[job_index].id
    visits = _visits_of(after, worker_id)
    broken = [one for one in after.violations if one.kind is not ViolationKind.REQUIRED]
    return Suggestion(
        worker_id=worker_id,
        job_id=job_id,
        position=position,
        start_at=next(visit.start_at for visit in visits if visit.job_id == job_id),
        cost=_routes_cost(after) - _routes_cost(before),
        travel_s=after.travel_s - before.travel_s,
        travel_m=after.travel_m - before.travel_m,
        lates=tuple(_lates(problem, _visits_of(before, worker_id), visits)),
        broken=tuple(worsened(before.violations, broken)),
    )


def _visits_of(judged: Evaluation, worker_id: WorkerId) -> tuple[PlannedVisit, ...]:
    return next((route.planned_visits for route in judged.routes if route.worker_id == worker_id), ())


def _lates(problem: Problem, before: Sequence[PlannedVisit], after: Sequence[PlannedVisit]) -> Iterator[Late]:
    index_of = {problem.jobs[index].id: index for index in range(len(problem.jobs))}
    was_at = {visit.job_id: visit.start_at for visit in before}
    for visit in after:
        index = index_of[visit.job_id]
        due_s = [
            problem.windows[index][-1][1],
            *([] if problem.promises_s[index] is None else [problem.promises_s[index]]),
        ]
        due_at = problem.moment(min(one for one in due_s if one is not None))
        later_s = (visit.start_at - max(due_at, was_at.get(visit.job_id, due_at))).total_seconds()
        if later_s > 0:
            yield Late(job_id=visit.job_id, later_s=round(later_s))
