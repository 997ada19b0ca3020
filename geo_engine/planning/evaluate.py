"""How any plan is judged: its times, its cost by term, and every rule it breaks.

Nothing here knows how a plan was found; a plan made by hand is judged like a solver's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.costs import RouteCost, route_cost
from geo_engine.planning.limits import driving_violations, legs_m, limit_violations
from geo_engine.planning.model import PlannedBreak, PlannedVisit, Route, Violation, ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.relations import relation_violations, settle
from geo_engine.planning.timetable import (
    Timetable,
    actions_s,
    find_timetable,
    force_timetable,
    open_at,
)

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
    cost_fixed, cost_travel, cost_traffic, cost_assignment, cost_overtime, cost_waiting, cost_late, cost_balance
        The terms of the cost: those of the routes (see `RouteCost`).
    cost_unassigned
        The last term: penalties.
    """

    routes: tuple[Route, ...]
    unassigned_ids: tuple[JobId, ...]
    violations: tuple[Violation, ...]
    cost_fixed: int
    cost_travel: int
    cost_traffic: int
    cost_assignment: int
    cost_overtime: int
    cost_waiting: int
    cost_late: int
    cost_balance: int
    cost_unassigned: int

    @property
    def cost(self) -> int:
        """All terms together: what the solver minimises."""
        return sum(route.cost for route in self.routes) + self.cost_unassigned

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
    tables = {index: _timetable(problem, index, order) for index, order in sorted(known.items())}
    if problem.bonds:
        tables = settle(problem, known, tables)
    judged = [_judge_route(problem, index, known[index], timetable) for index, timetable in tables.items()]
    placed = {job_index for order in known.values() for job_index in order}
    left_out = [index for index in range(len(problem.jobs)) if index not in placed]
    required = [
        Violation(kind=ViolationKind.REQUIRED, job_id=problem.jobs[index].id)
        for index in left_out
        if problem.jobs[index].required
    ]
    return Evaluation(
        routes=tuple(one.route for one in judged),
        unassigned_ids=tuple(problem.jobs[index].id for index in left_out),
        violations=(
            *strays,
            *(broken for one in judged for broken in one.violations),
            *relation_violations(problem, known, tables),
            *_idle_locks(problem, known),
            *required,
        ),
        cost_fixed=sum(one.cost.fixed for one in judged),
        cost_travel=sum(one.cost.travel for one in judged),
        cost_traffic=sum(one.cost.traffic for one in judged),
        cost_assignment=sum(one.cost.assignment for one in judged),
        cost_overtime=sum(one.cost.overtime for one in judged),
        cost_waiting=sum(one.cost.waiting for one in judged),
        cost_late=sum(one.cost.late for one in judged),
        cost_balance=sum(one.cost.balance for one in judged),
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


def _idle_locks(problem: Problem, known: Mapping[int, Sequence[int]]) -> Iterable[Violation]:
    """Give the shifts that stay at home although their route has to begin with something."""
    for index, prefix in enumerate(problem.prefixes):
        if prefix and index not in known:
            worker_id, job_id = problem.shifts[index].worker_id, problem.jobs[prefix[0]].id
            yield Violation(kind=ViolationKind.LOCKED, worker_id=worker_id, job_id=job_id, excess=len(prefix))


def route_violations(problem: Problem, shift_index: int, order: Sequence[int]) -> list[Violation]:
    """List the rules one route breaks, those of time first; `order` holds at least one job index."""
    return _judge_route(problem, shift_index, order, _timetable(problem, shift_index, order)).violations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    route: Route
    cost: RouteCost
    violations: list[Violation]


def _timetable(problem: Problem, shift_index: int, order: Sequence[int]) -> Timetable:
    return (
        find_timetable(problem, shift_index, order)
        or find_timetable(problem, shift_index, order, overtime_s=_ANY_OVERTIME_S)
        or force_timetable(problem, shift_index, order)
    )


def _judge_route(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable) -> _Judged:
    cost = route_cost(problem, shift_index, order, timetable)
    worker_id = problem.shifts[shift_index].worker_id
    found = [*_time_violations(problem, shift_index, order, timetable), *limit_violations(problem, shift_index, order)]
    return _Judged(
        route=_route(problem, shift_index, order, timetable, cost.total),
        cost=cost,
        violations=[replace(violation, worker_id=worker_id) for violation in found],
    )


def _route(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable, cost: int) -> Route:
    shift, visits_s = problem.shifts[shift_index], actions_s(problem, shift_index, order)
    travel_m = legs_m(problem, shift_index, order)
    visits = tuple(
        PlannedVisit(
            job_id=problem.jobs[job_index].id,
            position=problem.jobs[job_index].position,
            arrival_at=problem.moment(timetable.arrivals_s[stop]),
            start_at=problem.moment(timetable.starts_s[stop]),
            end_at=problem.moment(timetable.starts_s[stop] + visits_s[stop]),
            travel_s=timetable.travel_s[stop],
            travel_m=travel_m[stop],
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
        travel_s=sum(timetable.travel_s),
        travel_m=sum(travel_m),
        cost=cost,
    )


def _time_violations(
    problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable
) -> Iterable[Violation]:
    for start_s, job_index in zip(timetable.starts_s, order, strict=True):
        if open_at(problem.windows[job_index], start_s) is None:
            late_s = start_s - problem.windows[job_index][-1][1]
            yield Violation(kind=ViolationKind.WINDOW, job_id=problem.jobs[job_index].id, excess=late_s)
    for late_s in timetable.late_breaks_s:
        yield Violation(kind=ViolationKind.BREAK, excess=late_s)
    over_s = timetable.end_s - problem.latest_ends_s[shift_index]
    if over_s > 0:
        yield Violation(kind=ViolationKind.SHIFT, excess=over_s)
    yield from driving_violations(problem, shift_index, timetable)
