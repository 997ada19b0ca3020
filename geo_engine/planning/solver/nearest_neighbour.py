"""What a plan is measured against: every worker always drives to the nearest visit still possible."""

from collections.abc import Iterable, Sequence

from geo_engine.planning.insertion import Room, is_feasible
from geo_engine.planning.problem import NO_PATH, Problem


def nearest_neighbour(problem: Problem, job_indices: Iterable[int]) -> dict[int, list[int]]:
    """Return the orders of one worker after the other going to the nearest of the jobs that breaks no rule.

    Notes
    -----
    A shipment is brought where it goes as soon as it is fetched. Who waits for whom in other routes is not minded.
    O(shifts × jobs² × visits of a route) at worst: at each stop the jobs left are tried from the nearest on.
    """
    left = set(job_indices).difference(*problem.prefixes)
    orders: dict[int, list[int]] = {}
    for shift_index in range(len(problem.shifts)):
        order = list(problem.prefixes[shift_index])
        while (job_index := _nearest(problem, shift_index, order, left)) is not None:
            order = _grown(problem, order, job_index)
            left.difference_update(order)
        orders[shift_index] = order
    return orders


def _nearest(problem: Problem, shift_index: int, order: Sequence[int], left: set[int]) -> int | None:
    here = order[-1] if order else problem.start_places[shift_index]
    travel_s = problem.travel_s(shift_index)[here]
    firsts = [index for index in left if problem.pickup_of.get(index) not in left]
    able = [index for index in firsts if shift_index in problem.allowed[index] and travel_s[index] != NO_PATH]
    near_first = sorted(able, key=lambda index: (travel_s[index], index))
    for job_index in Room(problem, shift_index, order).may_be_last(near_first):
        if is_feasible(problem, shift_index, _grown(problem, order, job_index)):
            return job_index
    return None


def _grown(problem: Problem, order: Sequence[int], job_index: int) -> list[int]:
    return [*order, *(one for one in problem.with_other_half(job_index) if one not in order)]
