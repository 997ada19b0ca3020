"""What one route costs, term by term."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise

from geo_engine.planning.prices import balance_price, hours_price, late_price
from geo_engine.planning.problem import Problem
from geo_engine.planning.timetable import Timetable, actions_s, leg_travel_s


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCost:
    """The terms of a route's cost.

    Parameters
    ----------
    fixed
        Using the shift at all.
    travel
        Legs at full speed: time and distance, and set-up where it is priced.
    traffic
        Seconds that the hours of the day add to the legs; negative where they spare more than they add.
    assignment
        Who does what: preferences, surcharges, moves, hours of service, visits far from the worker's area.
    overtime, waiting
        Seconds after the shift, as far as any are allowed, and seconds of nothing between leaving and the end.
    late
        Beginning later than was promised.
    balance
        A day longer than it should be.
    """

    fixed: int
    travel: int
    traffic: int
    assignment: int
    overtime: int
    waiting: int
    late: int
    balance: int

    @property
    def total(self) -> int:
        """All terms together."""
        return sum(astuple(self))


def route_cost(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable) -> RouteCost:
    """Return what a route costs; `order` holds at least one job index."""
    shift, balance = problem.shifts[shift_index], problem.rules.balance
    over_s = min(shift.max_overtime_s, max(0, timetable.end_s - problem.spans[shift_index][1]))
    return RouteCost(
        fixed=problem.fixed_costs[shift_index],
        travel=travel_cost(problem, shift_index, order),
        traffic=_traffic_cost(problem, shift_index, order, timetable),
        assignment=_assignment_cost(problem, shift_index, order),
        overtime=hours_price(over_s, shift.cost_per_overtime_hour),
        waiting=_waiting_cost(problem, shift_index, order, timetable),
        late=_late_cost(problem, order, timetable),
        balance=0 if balance is None else balance_price(timetable.end_s - timetable.start_s, balance),
    )


def travel_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int:
    """Return what the legs of a route cost at full speed, start and end included."""
    costs = problem.leg_costs[shift_index]
    return sum(int(costs[a, b]) for a, b in pairwise(problem.stops(shift_index, order)))


def _traffic_cost(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable) -> int:
    if problem.speeds_of(shift_index) is None:
        return 0
    usual_s = sum(max(0, leg_s) for leg_s in leg_travel_s(problem, shift_index, order))
    return hours_price(sum(timetable.travel_s) - usual_s, problem.shifts[shift_index].cost_per_hour)


def _assignment_cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int:
    costs = problem.assignment_costs
    return 0 if costs is None else int(costs[list(order), shift_index].sum())


def _waiting_cost(problem: Problem, shift_index: int, order: Sequence[int], timetable: Timetable) -> int:
    per_hour = problem.shifts[shift_index].cost_per_waiting_hour
    if not per_hour:
        return 0
    busy_s = sum(timetable.travel_s) + sum(actions_s(problem, shift_index, order))
    busy_s += sum(ends_s - begins_s for begins_s, ends_s in timetable.breaks_s)
    return hours_price(max(0, timetable.end_s - timetable.start_s - busy_s), per_hour)


def _late_cost(problem: Problem, order: Sequence[int], timetable: Timetable) -> int:
    if not problem.rules.late_cost_per_minute:
        return 0
    dues_s = [problem.promises_s[job_index] for job_index in order]
    return sum(
        late_price(start_s - due_s, problem.rules)
        for start_s, due_s in zip(timetable.starts_s, dues_s, strict=True)
        if due_s is not None
    )
