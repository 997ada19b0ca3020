"""Where one more job fits best: the cheapest place on any route that breaks no rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import keeps_limits, travel_cost
from geo_engine.planning.problem import Problem
from geo_engine.planning.timetable import find_timetable

IndexOrders = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """A job's place on a route: before the visit now at `position`; `cost` is what the plan's routes cost more."""

    shift_index: int
    position: int
    cost: int


def is_feasible(problem: Problem, shift_index: int, order: Sequence[int]) -> bool:
    """Return whether a shift can do `order` without breaking any rule."""
    return keeps_limits(problem, shift_index, order) and find_timetable(problem, shift_index, order) is not None


def find_insertion(problem: Problem, orders: IndexOrders, job_index: int) -> Insertion | None:
    """Return the cheapest insertion of a job that breaks no rule; None when there is none.

    Notes
    -----
    O(visits²) in the worst case; places are tried from the cheapest on, so usually the first fits.
    """
    tries = [
        Insertion(
            shift_index=shift_index,
            position=position,
            cost=_added_cost(problem, shift_index, order, job_index, position),
        )
        for shift_index in problem.allowed[job_index]
        for order in [orders.get(shift_index, ())]
        for position in range(len(order) + 1)
    ]
    for tried in sorted(tries, key=lambda tried: (tried.cost, tried.shift_index, tried.position)):
        if is_feasible(
            problem, tried.shift_index, inserted(orders.get(tried.shift_index, ()), job_index, tried.position)
        ):
            return tried
    return None


def inserted(order: Sequence[int], job_index: int, position: int) -> list[int]:
    """Return the order with the job before the visit now at `position`."""
    return [*order[:position], job_index, *order[position:]]


def _added_cost(problem: Problem, shift_index: int, order: Sequence[int], job_index: int, position: int) -> int:
    after = travel_cost(problem, shift_index, inserted(order, job_index, position))
    if not order:
        return after + problem.fixed_costs[shift_index]
    return after - travel_cost(problem, shift_index, order)


def place_left_out(problem: Problem, orders: Mapping[WorkerId, Sequence[JobId]]) -> dict[WorkerId, list[JobId]]:
    """Return the orders with every left-out job inserted that fits and costs less than its penalty.

    The dearest to leave out come first. A search stopped early may have overlooked an easy place.
    """
    shift_of = {shift.worker_id: index for index, shift in enumerate(problem.shifts)}
    job_of = {job.id: index for index, job in enumerate(problem.jobs)}
    indices = {shift_of[worker]: [job_of[job] for job in order] for worker, order in orders.items()}
    placed = {job_index for order in indices.values() for job_index in order}
    left_out = [index for index in range(len(problem.jobs)) if index not in placed]
    for job_index in sorted(left_out, key=lambda index: -problem.penalties[index]):
        found = find_insertion(problem, indices, job_index)
        if found is not None and found.cost < problem.penalties[job_index]:
            indices[found.shift_index] = inserted(indices.get(found.shift_index, ()), job_index, found.position)
    return named(problem, indices)


def named(problem: Problem, orders: IndexOrders) -> dict[WorkerId, list[JobId]]:
    """Return orders by ids, workers in the order of the shifts."""
    return {
        problem.shifts[shift_index].worker_id: [problem.jobs[job_index].id for job_index in order]
        for shift_index, order in sorted(orders.items())
        if order
    }
