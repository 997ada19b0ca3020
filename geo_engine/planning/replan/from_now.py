"""How what is left of a day is planned anew: what no longer holds and its neighbours, or on request all of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from geo_engine.planning.evaluate import Evaluation, Orders
from geo_engine.planning.insertion import IndexOrders, indexed, is_feasible
from geo_engine.planning.narrowing import part_of
from geo_engine.planning.problem import Problem
from geo_engine.planning.replan.repair import is_better, judged, neighbourhood, repair
from geo_engine.planning.replan.rest import Rest
from geo_engine.planning.solver.solve import Budget, OnProgress, ShouldStop, solve

type _Search = Callable[[Problem, dict[int, list[int]]], Orders]


class Reach(StrEnum):
    """How much may change: what no longer holds and its neighbours, or everything that is left."""

    LOCAL = "local"
    WHOLE_DAY = "whole_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """What is left of a day, planned: the orders by index, and what they amount to."""

    orders: dict[int, list[int]]
    evaluation: Evaluation


def plan_rest(
    rest: Rest,
    problem: Problem,
    budget: Budget,
    *,
    reach: Reach = Reach.LOCAL,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Replanned:
    """Return the best plan found for what is left, never worse than the plan before with only what broke put right.

    Parameters
    ----------
    problem
        Of the rest's jobs, shifts and rules.

    Raises
    ------
    Unavailable
        When the solver's processes cannot be used.

    Notes
    -----
    Where everything holds and nothing is to be added, a local reach searches nothing.
    """
    known = {shift.worker_id for shift in problem.shifts}
    before = indexed(problem, {worker_id: order for worker_id, order in rest.orders.items() if worker_id in known})
    repaired = repair(problem, before)
    shifts = range(len(problem.shifts))
    within = shifts if reach is Reach.WHOLE_DAY else neighbourhood(problem, repaired.orders, repaired.touched)
    best = Replanned(orders=repaired.orders, evaluation=judged(problem, repaired.orders))
    if not within or (reach is Reach.LOCAL and not repaired.touched):
        return best
    return _searched(
        problem,
        best,
        [index for index in within if _can_begin(problem, index, repaired.orders)],
        lambda part, start: solve(part, budget, start=start, on_progress=on_progress, should_stop=should_stop).orders,
    )


def _can_begin(problem: Problem, shift_index: int, orders: IndexOrders) -> bool:
    """Return whether a route keeps its rules: one that cannot stays as it is, for it is bound to be so."""
    order = orders.get(shift_index, ())
    return not order or is_feasible(problem, shift_index, order)


def _searched(problem: Problem, best: Replanned, within: Collection[int], search: _Search) -> Replanned:
    placed = {job for order in best.orders.values() for job in order}
    shifts = sorted(within)
    loose = [job for job in range(len(problem.jobs)) if job not in placed]
    jobs = sorted({*loose, *(job for index in shifts for job in best.orders.get(index, ()))})
    if not jobs or not shifts:
        return best
    part = part_of(problem, shifts, jobs)
    place = {job: number for number, job in enumerate(jobs)}
    start = {
        number: [place[job] for job in best.orders[index]]
        for number, index in enumerate(shifts)
        if best.orders.get(index)
    }
    found = indexed(part, search(part, start))
    orders = {index: order for index, order in best.orders.items() if index not in set(shifts)}
    orders |= {shifts[number]: [jobs[job] for job in order] for number, order in found.items() if order}
    other = Replanned(orders=orders, evaluation=judged(problem, orders))
    return other if is_better(other.evaluation, best.evaluation) else best
