"""What one route costs, term by term."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise

from geo_engine.planning.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCost:
    """The terms of a route's cost.

    Parameters
    ----------
    fixed
        Using the shift at all.
    travel
        Legs: time and distance, and set-up where it is priced.
    assignment
        Who does what: preferences, surcharges, moves, hours of service.
    """

    fixed: int
    travel: int
    assignment: int

    @property
    def total(self) -> int:
        """All terms together."""
        return sum(astuple(self))


def route_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> RouteCost:
    """Return what a route costs; `order` holds at least one job index."""
    return RouteCost(
        fixed=problem.fixed_costs[shift_index],
        travel=travel_cost(problem, shift_index, order),
        assignment=_assignment_cost(problem, shift_index, order),
    )


def travel_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int:
    """Return what the legs of a route cost, start and end included."""
    costs = problem.leg_costs[shift_index]
    return sum(int(costs[a, b]) for a, b in pairwise(problem.stops(shift_index, order)))


def _assignment_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int:
    costs = problem.assignment_costs
    return 0 if costs is None else int(costs[list(order), shift_index].sum())
