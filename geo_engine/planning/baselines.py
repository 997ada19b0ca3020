"""What other ways of making a plan's visits would take: what its savings are told against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import Plan
from geo_engine.planning.nearest_neighbour import nearest_neighbour
from geo_engine.planning.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """Driving, or a difference of two.

    Parameters
    ----------
    by_mode_m
        The metres by travel mode; empty where that is not known, as of a difference and in older plans.
    """

    travel_m: int
    travel_s: int
    by_mode_m: Mapping[str, int] = field(default_factory=dict, compare=False)

    def beyond(self, plan: Plan) -> "Travel":
        """Return how much more this is than what a plan drives; negative when the plan drives more."""
        return Travel(travel_m=self.travel_m - plan.travel_m, travel_s=self.travel_s - plan.travel_s)


def travel_by_nearest(problem: Problem, orders: Mapping[int, Sequence[int]]) -> Travel | None:
    """Return what the visits of the orders take by nearest neighbour; None when there are none.

    Notes
    -----
    What nearest neighbour strands is fitted in where it still can be; a visit that strands even so is not driven.
    Only which visits there are matters, not in whose order or which. O(visits² × workers), with a timetable each.
    """
    placed = sorted(job_index for order in orders.values() for job_index in order)
    if not placed:
        return None
    return _travel(problem, complete(problem, nearest_neighbour(problem, placed), placed).orders)


def travel_by_list(problem: Problem, orders: Mapping[int, Sequence[int]]) -> Travel | None:
    """Return what it takes if each worker makes the same visits in the order they were given in; None without any.

    No window is minded: a list in hand is driven from its top to its end.
    """
    if not orders:
        return None
    return _travel(problem, {shift_index: sorted(order) for shift_index, order in orders.items()})


def _travel(problem: Problem, orders: Mapping[int, Sequence[int]]) -> Travel:
    judged = evaluate(problem, named(problem, orders))
    mode_of = {shift.worker_id: shift.mode for shift in problem.shifts}
    by_mode_m: dict[str, int] = {}
    for route in judged.routes:
        mode = mode_of[route.worker_id]
        by_mode_m[mode] = by_mode_m.get(mode, 0) + route.travel_m
    return Travel(travel_m=judged.travel_m, travel_s=judged.travel_s, by_mode_m=by_mode_m)
