"""What other ways of making a plan's visits would take: what its savings are told against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import Completion, IndexOrders, complete, named
from geo_engine.planning.model import Plan, Route, ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.nearest_neighbour import nearest_neighbour

QUICKLY_COMPARED = 500
"""Up to so many visits nearest neighbour takes a third of a second; 3,000 take 6 s."""


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
    found = nearest_orders(problem, orders)
    return _travel(problem, found) if found else None


def quick_travel_by_nearest(problem: Problem, orders: IndexOrders) -> Travel | None:
    """Return the same where somebody waits for it; None also of so many visits that it would take long."""
    return travel_by_nearest(problem, orders) if sum(map(len, orders.values())) <= QUICKLY_COMPARED else None


def beside_nearest(problem: Problem, found: Completion) -> tuple[Completion, Travel | None]:
    """Return a plan and, as `travel_by_nearest`, what nearest neighbour takes; that one's plan where it costs less.

    A search that had too little time for so many visits may have got less far.
    """
    if not found.orders:
        return found, None
    nearest = nearest_orders(problem, found.orders)
    by_nearest, by_search = (evaluate(problem, named(problem, orders)) for orders in (nearest, found.orders))
    is_kept = all(broken.kind is ViolationKind.REQUIRED for broken in by_nearest.violations)
    if is_kept and by_nearest.cost < by_search.cost:
        found = complete(problem, nearest, range(len(problem.jobs)))
    return found, travel_of(problem, by_nearest.routes)


def nearest_orders(problem: Problem, orders: IndexOrders) -> IndexOrders:
    """Return the orders in which nearest neighbour makes the visits of others, as `travel_by_nearest` has it."""
    placed = sorted(job_index for order in orders.values() for job_index in order)
    return complete(problem, nearest_neighbour(problem, placed), placed).orders if placed else {}


def travel_by_list(problem: Problem, orders: Mapping[int, Sequence[int]]) -> Travel | None:
    """Return what it takes if each worker makes the same visits in the order they were given in; None without any.

    No window is minded: a list in hand is driven from its top to its end.
    """
    return _travel(problem, list_orders(orders)) if orders else None


def list_orders(orders: IndexOrders) -> IndexOrders:
    """Return the same visits of the same workers in the order in which they were given."""
    return {shift_index: sorted(order) for shift_index, order in orders.items()}


def travel_of(problem: Problem, routes: Iterable[Route]) -> Travel:
    """Return what routes of a problem's workers take together."""
    mode_of = {shift.worker_id: shift.mode for shift in problem.shifts}
    travel_m = travel_s = 0
    by_mode_m: dict[str, int] = {}
    for route in routes:
        mode = mode_of[route.worker_id]
        by_mode_m[mode] = by_mode_m.get(mode, 0) + route.travel_m
        travel_m, travel_s = travel_m + route.travel_m, travel_s + route.travel_s
    return Travel(travel_m=travel_m, travel_s=travel_s, by_mode_m=by_mode_m)


def _travel(problem: Problem, orders: IndexOrders) -> Travel:
    return travel_of(problem, evaluate(problem, named(problem, orders)).routes)
