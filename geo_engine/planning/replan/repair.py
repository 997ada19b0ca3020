"""How a plan that no longer holds is made to hold by the least: what breaks is taken out and put where it fits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from geo_engine.planning.evaluate import Evaluation, evaluate, route_violations
from geo_engine.planning.explain.relaxation import strain
from geo_engine.planning.insertion import IndexOrders, complete, is_feasible, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.timetable import find_timetable

_NEIGHBOUR_COUNT = 2
_FARTHEST = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A plan made to hold again.

    Parameters
    ----------
    orders
        Job indices by shift index; no empty ones.
    touched
        The shifts whose routes did not hold, begin something later than was promised, or were given another job.
    """

    orders: dict[int, list[int]]
    touched: frozenset[int]


def repair(problem: Problem, orders: IndexOrders) -> Repair:
    """Return the orders with what breaks their rules taken out, and put back, like what was on none, where it fits.

    What a route has to begin with and what is required of its worker alone is never taken out: where it breaks a rule
    by itself the route stays as it is, and breaks it.

    Notes
    -----
    O(visits²) for each visit that is taken out.
    """
    held = {index: _holding(problem, index, order) for index, order in orders.items() if order}
    late = {index for index, order in held.items() if order and _is_late(problem, index, order)}
    completed = complete(problem, held, range(len(problem.jobs))).orders
    changed = {index for index in {*completed, *orders} if list(orders.get(index, ())) != completed.get(index, [])}
    return Repair(orders=completed, touched=frozenset(late | changed))


def neighbourhood(problem: Problem, orders: IndexOrders, touched: Collection[int]) -> frozenset[int]:
    """Return the shifts touched and those nearest to their jobs that may do some of them.

    Notes
    -----
    O(jobs × visits).
    """
    near = set(touched)
    for index in touched:
        jobs = orders.get(index, ()) or problem.prefixes[index]
        others = [other for other in range(len(problem.shifts)) if other not in touched]
        near_first = sorted((_apart_s(problem, other, jobs, orders.get(other, ())), other) for other in others)
        near.update(other for apart_s, other in near_first[:_NEIGHBOUR_COUNT] if apart_s < _FARTHEST)
    return frozenset(near)


def is_better(one: Evaluation, other: Evaluation) -> bool:
    """Return whether a plan is better: less that is locked or required left out, fewer rules broken, then cheaper."""
    return _rank(one) < _rank(other)


def judged(problem: Problem, orders: IndexOrders) -> Evaluation:
    """Return what orders by index amount to."""
    return evaluate(problem, named(problem, orders))


def _rank(plan: Evaluation) -> tuple[int, int, int]:
    missing = sum(one.kind is ViolationKind.REQUIRED for one in plan.violations)
    return missing, len(plan.violations) - missing, plan.cost


def _holding(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """Return the most of an order that breaks no rule; all of it where it cannot be helped."""
    kept = list(order)
    while kept and not is_feasible(problem, shift_index, kept):
        loose = [job for job in kept if not _is_bound(problem, shift_index, job)]
        if not loose:
            return list(order)  # what is locked breaks the rule: nothing else that is taken out would help
        kept.remove(min(loose, key=lambda job: (*_left_strain(problem, shift_index, kept, job), job)))
    return kept


def _is_bound(problem: Problem, shift_index: int, job: int) -> bool:
    if job in problem.prefixes[shift_index]:
        return True
    return problem.jobs[job].required and problem.allowed[job] == {shift_index}


def _left_strain(problem: Problem, shift_index: int, order: Sequence[int], without: int) -> tuple[float, int]:
    left = [job for job in order if job != without]
    broken = strain(route_violations(problem, shift_index, left)) if left else 0.0
    return broken, problem.penalties[without]


def _is_late(problem: Problem, shift_index: int, order: Sequence[int]) -> bool:
    found = find_timetable(problem, shift_index, order)
    if found is None:
        return True
    due_s = [problem.promises_s[job] for job in order]
    return any(due is not None and start_s > due for start_s, due in zip(found.starts_s, due_s, strict=True))


def _apart_s(problem: Problem, shift_index: int, jobs: Sequence[int], order: Sequence[int]) -> int:
    """Return how far a shift is from the nearest of the jobs it may do; no path and no such job are farthest."""
    travel_s = problem.travel_s(shift_index)
    places = [problem.start_places[shift_index], *order]
    legs = [int(travel_s[place, job]) for job in jobs if shift_index in problem.allowed[job] for place in places]
    return min((leg for leg in legs if leg != NO_PATH), default=_FARTHEST)
