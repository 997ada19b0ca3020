"""The routing model: every constraint of a problem stated in OR-Tools' terms.

Times are seconds since the problem's origin; a node's cumul is the moment service begins there.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp

from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.solver_task import IndexOrders

_NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingModel:
    """A problem as OR-Tools sees it: node i is job i; the depots and one shared open end follow."""

    problem: Problem
    manager: pywrapcp.RoutingIndexManager
    routing: pywrapcp.RoutingModel

    def read_orders(self, next_of: Callable[[int], int]) -> IndexOrders:
        """Return the job indices of each used shift in order, from the successor of each routing index."""
        orders: IndexOrders = {}
        for vehicle in range(len(self.problem.shifts)):
            index = next_of(self.routing.Start(vehicle))
            while not self.routing.IsEnd(index):
                orders.setdefault(vehicle, []).append(self.manager.IndexToNode(index))
                index = next_of(index)
        return orders


def build_model(problem: Problem) -> RoutingModel:
    """Return the full routing model of a problem with at least one job and one shift.

    Notes
    -----
    Matrices and vectors are registered natively, as lists of int: with Python callbacks a break makes
    the search unusably slow.
    """
    open_end = problem.place_count
    ends = [open_end if end is None else end for end in problem.end_places]
    starts = list(problem.start_places)
    manager = pywrapcp.RoutingIndexManager(_node_count(problem), len(problem.shifts), starts, ends)
    model = RoutingModel(problem=problem, manager=manager, routing=pywrapcp.RoutingModel(manager))
    _state_costs(model)
    _state_times(model)
    _state_breaks(model)
    _state_limits(model)
    _state_jobs(model)
    return model


def _node_count(problem: Problem) -> int:
    """Count the places, and one more when an end is open: a node that ends no route would have to be visited."""
    return problem.place_count + (None in problem.end_places)


def _with_open_end(problem: Problem, matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add the open end, which is reached for nothing, and make the way of an unused shift free."""
    extended = np.zeros((_node_count(problem), _node_count(problem)), dtype=np.int64)
    extended[: len(matrix), : len(matrix)] = matrix
    jobs = len(problem.jobs)
    extended[jobs:, jobs:] = 0
    return extended


def _travel_s(problem: Problem) -> list[NDArray[np.int64]]:
    """Return travel between nodes by travel class; a leg without a path takes longer than any shift."""
    too_long_s = _horizon_s(problem) + 1
    return [
        _with_open_end(problem, np.where(durations_s == NO_PATH, too_long_s, durations_s))
        for durations_s in problem.durations_s
    ]


def _service_s(problem: Problem) -> list[int]:
    return [job.service_s for job in problem.jobs] + _nothing_at_depots(problem)


def _nothing_at_depots(problem: Problem) -> list[int]:
    return [0] * (_node_count(problem) - len(problem.jobs))


def _horizon_s(problem: Problem) -> int:
    return max(end_s for _, end_s in problem.spans)


def _state_costs(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    registered: dict[int, int] = {}
    for vehicle, costs in enumerate(problem.leg_costs):
        if id(costs) not in registered:
            registered[id(costs)] = routing.RegisterTransitMatrix(_with_open_end(problem, costs).tolist())
        routing.SetArcCostEvaluatorOfVehicle(registered[id(costs)], vehicle)
        routing.SetFixedCostOfVehicle(problem.fixed_costs[vehicle], vehicle)


def _state_times(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    horizon_s = _horizon_s(problem)
    service_s = np.array(_service_s(problem))[:, None]
    transits = _registered(model, [travel_s + service_s for travel_s in _travel_s(problem)])
    routing.AddDimensionWithVehicleTransits(transits, horizon_s, horizon_s, False, "time")  # noqa: FBT003
    time = routing.GetDimensionOrDie("time")
    for vehicle, (start_s, end_s) in enumerate(problem.spans):
        time.CumulVar(routing.Start(vehicle)).SetRange(start_s, end_s)
        time.CumulVar(routing.End(vehicle)).SetRange(start_s, end_s)
    for job_index, windows in enumerate(problem.windows):
        usable = _usable(windows, horizon_s)
        if usable:
            begins = time.CumulVar(model.manager.NodeToIndex(job_index))
            begins.SetRange(usable[0][0], usable[-1][1])
            for (_, closes_s), (opens_s, _) in itertools.pairwise(usable):
                begins.RemoveInterval(closes_s + 1, opens_s - 1)


def _registered(model: RoutingModel, matrices: Sequence[NDArray[np.int64]]) -> list[int]:
    """Register one matrix per travel class; return each vehicle's."""
    by_class = [model.routing.RegisterTransitMatrix(matrix.tolist()) for matrix in matrices]
    return [by_class[travel_class] for travel_class in model.problem.travel_class]


def _usable(windows: Sequence[tuple[int, int]], horizon_s: int) -> list[tuple[int, int]]:
    clipped = [(max(0, earliest_s), min(horizon_s, latest_s)) for earliest_s, latest_s in windows]
    return [(earliest_s, latest_s) for earliest_s, latest_s in clipped if earliest_s <= latest_s]


def _state_breaks(model: RoutingModel) -> None:
    """State the breaks: OR-Tools takes them before a route, after it, or between two services."""
    problem, routing = model.problem, model.routing
    time, service_s = routing.GetDimensionOrDie("time"), _service_s(problem)
    for vehicle, slots in enumerate(problem.breaks):
        intervals = [
            routing.solver().FixedDurationIntervalVar(
                slot.earliest_s,
                slot.latest_s,
                slot.duration_s,
                False,  # noqa: FBT003 (not optional)
                f"break {vehicle}.{number}",
            )
            for number, slot in enumerate(slots)
        ]
        if intervals:
            time.SetBreakIntervalsOfVehicle(intervals, vehicle, service_s)


def _state_limits(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    others = _nothing_at_depots(problem)
    if any(shift.max_driving_s is not None for shift in problem.shifts):
        transits = _registered(model, _travel_s(problem))
        driving = [
            _horizon_s(problem) if shift.max_driving_s is None else shift.max_driving_s for shift in problem.shifts
        ]
        _limit(model, transits, driving, "driving")
    if any(shift.max_visits is not None for shift in problem.shifts):
        vector = routing.RegisterUnaryTransitVector([1] * len(problem.jobs) + others)
        visits = [len(problem.jobs) if shift.max_visits is None else shift.max_visits for shift in problem.shifts]
        _limit(model, [vector] * len(visits), visits, "visits")
    for dimension in range(max(len(shift.capacity) for shift in problem.shifts)):
        amounts = [_at(job.amounts, dimension, 0) for job in problem.jobs]
        vector = routing.RegisterUnaryTransitVector(amounts + others)
        loads = [_at(shift.capacity, dimension, sum(amounts)) for shift in problem.shifts]
        _limit(model, [vector] * len(loads), loads, f"load {dimension}")


def _at(numbers: Sequence[int], dimension: int, missing: int) -> int:
    return numbers[dimension] if dimension < len(numbers) else missing


def _limit(model: RoutingModel, evaluators: list[int], limits: list[int], name: str) -> None:
    model.routing.AddDimensionWithVehicleTransitAndCapacity(evaluators, 0, limits, True, name)  # noqa: FBT003


def _state_jobs(model: RoutingModel) -> None:
    """Let every job be left out for its penalty, and bar the shifts that may not do it."""
    problem, horizon_s = model.problem, _horizon_s(model.problem)
    for job_index, allowed in enumerate(problem.allowed):
        index = model.manager.NodeToIndex(job_index)
        model.routing.AddDisjunction([index], problem.penalties[job_index])
        if not _usable(problem.windows[job_index], horizon_s):
            model.routing.VehicleVar(index).SetValues([_NOBODY])
        elif len(allowed) < len(problem.shifts):
            model.routing.VehicleVar(index).SetValues([_NOBODY, *sorted(allowed)])
