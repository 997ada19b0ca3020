"""How any plan is judged: its times, its cost by term, and every rule it breaks.

Nothing here knows how a plan was found; a plan made by hand is judged like a solver's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import PlannedBreak, PlannedVisit, Route, Violation, ViolationKind
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.timetable import Timetable, find_timetable, force_timetable, leg_travel_s, open_at

_ANY_OVERTIME_S = 7 * 86_400

Orders = Mapping[WorkerId, Sequence[JobId]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a plan amounts to.

    Parameters
    ----------
    routes
        One per worker with at least one known job, in the order of the shifts.
    unassigned_ids
        Jobs on no route, in the order of the problem.
    cost_fixed, cost_travel, cost_unassigned
        The terms of the cost: using shifts, legs (time and distance), penalties.
    """

    routes: tuple[Route, ...]
    unassigned_ids: tuple[JobId, ...]
    violations: tuple[Violation, ...]
    cost_fixed: int
    cost_travel: int
    cost_unassigned: int

    @property
    def cost(self) -> int:
        """All terms together: what the solver minimises."""
        return self.cost_fixed + self.cost_travel + self.cost_unassigned

    @property
    def travel_s(self) -> int:
        """Seconds driven on all routes."""
        return sum(route.travel_s for route in self.routes)

    @property
    def travel_m(self) -> int:
        """Metres driven on all routes."""
        return sum(route.travel_m for route in self.routes)


def evaluate(problem: Problem, orders: Orders) -> Evaluation:
    """Return times, cost and violations of doing `orders`.

    Parameters
    ----------
    orders
        Job ids per worker in the order they are visited. Unknown workers and jobs, and a job's second
        and later appearances, are violations and otherwise passed over.

    Notes
    -----
    O(visits × breaks²).
    """
    known, strays = _known_orders(problem, orders)
    judged = [_judge_route(problem, index, order) for index, order in sorted(known.items())]
    placed = {job_index for order in known.values() for job_index in order}
    left_out = [index for index in range(len(problem.jobs)) if index not in placed]
    required = [
        Violation(kind=ViolationKind.REQUIRED, job_id=problem.jobs[index].id)
        for index in left_out
        if problem.jobs[index].required
    ]
    return Evaluation(
        routes=tuple(route for route, _ in judged),
        unassigned_ids=tuple(problem.jobs[index].id for index in left_out),
        violations=(*strays, *(violation for _, found in judged for violation in found), *required),
        cost_fixed=sum(problem.fixed_costs[index] for index in known),
        cost_travel=sum(travel_cost(problem, index, order) for index, order in known.items()),
        cost_unassigned=sum(problem.penalties[index] for index in left_out),
    )


def _known_orders(problem: Problem, orders: Orders) -> tuple[dict[int, list[int]], list[Violation]]:
    shift_index = {shift.worker_id: index for index, shift in enumerate(problem.shifts)}
    job_index = {job.id: index for index, job in enumerate(problem.jobs)}
    known: dict[int, list[int]] = {}
    strays: list[Violation] = []
    seen: Counter[JobId] = Counter()
    for worker_id, order in orders.items():
        if worker_id not in shift_index:
            strays.append(Violation(kind=ViolationKind.UNKNOWN, worker_id=worker_id))
            continue
        for job_id in order:
            seen[job_id] += 1
            if job_id not in job_index:
                strays.append(Violation(kind=ViolationKind.UNKNOWN, worker_id=worker_id, job_id=job_id))
            elif seen[job_id] > 1:
                strays.append(Violation(kind=ViolationKind.DUPLICATE, worker_id=worker_id, job_id=job_id))
            else:
                known.setdefault(shift_index[worker_id], []).append(job_index[job_id])
    return known, strays


def route_violations(problem: Problem, shift_index: int, order: Sequence[int]) -> list[Violation]:
    """List the rules one route breaks, those of time first; `order` holds at least one job index."""
    return _judge_route(problem, shift_index, order)[1]


def _judge_route(problem: Problem, shift_index: int, order: Sequence[int]) -> tuple[Route, list[Violation]]:
    timetable = (
        find_timetable(problem, shift_index, order)
        or find_timetable(problem, shift_index, order, overtime_s=_ANY_OVERTIME_S)
        or force_timetable(problem, shift_index, order)
    )
    route = _route(problem, shift_index, order, timetable)
    worker_id = problem.shifts[shift_index].worker_id
    found = [*_time_violations(problem, shift_index, order, timetable), *_limit_violations(problem, shift_index, order)]
    return route, [replace(violation, worker_id=worker_id) for violation in found]


def _route(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable) -> Route:
    shift = problem.shifts[shift_index]
    legs = _legs(problem, shift_index, order)
    visits = tuple(
        PlannedVisit(
            job_id=problem.jobs[job_index].id,
            position=problem.jobs[job_index].position,
            arrival_at=problem.moment(timetable.arrivals_s[stop]),
            start_at=problem.moment(timetable.starts_s[stop]),
            end_at=problem.moment(timetable.starts_s[stop] + problem.jobs[job_index].service_s),
            travel_s=legs[stop][0],
            travel_m=legs[stop][1],
        )
        for stop, job_index in enumerate(order)
    )
    return Route(
        worker_id=shift.worker_id,
        start=shift.start,
        end=shift.end,
        start_at=problem.moment(timetable.start_s),
        end_at=problem.moment(timetable.end_s),
        breaks=tuple(
            PlannedBreak(start_at=problem.moment(begins_s), end_at=problem.moment(ends_s))
            for begins_s, ends_s in timetable.breaks_s
        ),
        planned_visits=visits,
        travel_s=sum(travel_s for travel_s, _ in legs),
        travel_m=sum(travel_m for _, travel_m in legs),
        cost=problem.fixed_costs[shift_index] + travel_cost(problem, shift_index, order),
    )


def _places(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    end = problem.end_places[shift_index]
    return [problem.start_places[shift_index], *order, *([] if end is None else [end])]


def _legs(problem: Problem, shift_index: int, order: Sequence[int]) -> list[tuple[int, int]]:
    """List seconds and metres of each leg; a leg without a path counts nothing here and is a violation."""
    durations_s, distances_m = problem.travel_s(shift_index), problem.travel_m(shift_index)
    pairs = pairwise(_places(problem, shift_index, order))
    return [(max(0, int(durations_s[a, b])), max(0, int(distances_m[a, b]))) for a, b in pairs]


def travel_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int:
    """Return what the legs of a route cost, start and end included."""
    costs = problem.leg_costs[shift_index]
    return sum(int(costs[a, b]) for a, b in pairwise(_places(problem, shift_index, order)))


def _time_violations(
    problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable
) -> Iterable[Violation]:
    for start_s, job_index in zip(timetable.starts_s, order, strict=True):
        if open_at(problem.windows[job_index], start_s) is None:
            late_s = start_s - problem.windows[job_index][-1][1]
            yield Violation(kind=ViolationKind.WINDOW, job_id=problem.jobs[job_index].id, excess=late_s)
    for late_s in timetable.late_breaks_s:
        yield Violation(kind=ViolationKind.BREAK, excess=late_s)
    over_s = timetable.end_s - problem.spans[shift_index][1]
    if over_s > 0:
        yield Violation(kind=ViolationKind.SHIFT, excess=over_s)


def _limit_violations(problem: Problem, shift_index: int, order: Sequence[int]) -> Iterable[Violation]:
    shift = problem.shifts[shift_index]
    for job_index in order:
        yield from _suitability_violations(problem, shift_index, job_index)
    if shift.max_visits is not None and len(order) > shift.max_visits:
        yield Violation(kind=ViolationKind.MAX_VISITS, excess=len(order) - shift.max_visits)
    legs_s = leg_travel_s(problem, shift_index, order)
    for leg, job_index in zip(legs_s, [*order, order[-1]], strict=True):
        if leg == NO_PATH:
            yield Violation(kind=ViolationKind.NO_PATH, job_id=problem.jobs[job_index].id)
    driving_s = sum(max(0, leg_s) for leg_s in legs_s)
    if shift.max_driving_s is not None and driving_s > shift.max_driving_s:
        yield Violation(kind=ViolationKind.MAX_DRIVING, excess=driving_s - shift.max_driving_s)
    for excess in overloads(problem, shift_index, order):
        yield Violation(kind=ViolationKind.CAPACITY, excess=excess)


def keeps_limits(problem: Problem, shift_index: int, order: Sequence[int]) -> bool:
    """Return whether a route breaks no rule but, perhaps, those of time."""
    return next(iter(_limit_violations(problem, shift_index, order)), None) is None


def _suitability_violations(problem: Problem, shift_index: int, job_index: int) -> Iterable[Violation]:
    shift, job = problem.shifts[shift_index], problem.jobs[job_index]
    if not job.skills <= shift.skills:
        yield Violation(kind=ViolationKind.SKILL, job_id=job.id, excess=len(job.skills - shift.skills))
    barred = job.worker_ids and shift.worker_id not in job.worker_ids
    if barred or shift.worker_id in job.forbidden_worker_ids:
        yield Violation(kind=ViolationKind.WORKER, job_id=job.id)


def overloads(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """List by how much each overloaded dimension of capacity is exceeded; dimensions without a capacity are free."""
    loads: list[int] = []
    for dimension, capacity in enumerate(problem.shifts[shift_index].capacity):
        amounts = (problem.jobs[job_index].amounts for job_index in order)
        loads.append(sum(amount[dimension] for amount in amounts if dimension < len(amount)) - capacity)
    return [load for load in loads if load > 0]
