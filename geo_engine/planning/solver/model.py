"""The routing model: every constraint of a problem stated in OR-Tools' terms.

Times are seconds since the problem's origin; a node's cumul is the moment the visit begins there.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.nodes import (
    RoutingModel,
    cost_scale,
    horizon_s,
    number_nodes,
    travel_m,
    travel_s,
)
from geo_engine.planning.solver.prices import state_costs, state_time_prices
from geo_engine.planning.solver.relations import state_prefixes, state_relations
from geo_engine.planning.solver.setups import state_setups, visits_s

_NOBODY = -1


def build_model(problem: Problem) -> RoutingModel:
    """Return the full routing model of a problem with at least one job and one shift.

    Notes
    -----
    Matrices and vectors are registered natively, as lists of int: with Python callbacks a break makes
    the search unusably slow.
    """
    model = number_nodes(problem)
    state_costs(model)
    _state_times(model)
    _state_breaks(model)
    _state_releases(model)
    state_time_prices(model)
    _state_limits(model)
    _state_jobs(model)
    state_relations(model)
    state_prefixes(model)
    return model


def _state_times(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    ends_by_s = horizon_s(problem)
    behind_s = np.array(visits_s(problem))[:, None]
    transits = model.matrices_by_vehicle([legs_s + behind_s for legs_s in travel_s(problem)])
    routing.AddDimensionWithVehicleTransits(transits, ends_by_s, ends_by_s, False, "time")  # noqa: FBT003
    time = routing.GetDimensionOrDie("time")
    for vehicle, (start_s, end_s) in enumerate(problem.spans):
        time.CumulVar(routing.Start(vehicle)).SetRange(start_s, end_s)
        time.CumulVar(routing.End(vehicle)).SetRange(start_s, problem.latest_ends_s[vehicle])
    for job_index, windows in enumerate(problem.windows):
        usable = _usable(windows, ends_by_s)
        if usable:
            begins = model.begins_at(job_index)
            begins.SetRange(usable[0][0], usable[-1][1])
            for (_, closes_s), (opens_s, _) in itertools.pairwise(usable):
                begins.RemoveInterval(closes_s + 1, opens_s - 1)
    state_setups(model)


def _usable(windows: Sequence[tuple[int, int]], horizon_s: int) -> list[tuple[int, int]]:
    clipped = [(max(0, earliest_s), min(horizon_s, latest_s)) for earliest_s, latest_s in windows]
    return [(earliest_s, latest_s) for earliest_s, latest_s in clipped if earliest_s <= latest_s]


def _state_breaks(model: RoutingModel) -> None:
    """State the breaks: OR-Tools takes them before a route, after it, or between two visits."""
    problem, routing = model.problem, model.routing
    time, by_node_s = routing.GetDimensionOrDie("time"), visits_s(problem)
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
            time.SetBreakIntervalsOfVehicle(intervals, vehicle, by_node_s)


def _state_releases(model: RoutingModel) -> None:
    """Let who does a job leave no earlier than it is released."""
    problem, routing, solver = model.problem, model.routing, model.routing.solver()
    time = routing.GetDimensionOrDie("time")
    for job_index, release_s in enumerate(problem.releases_s):
        vehicle_var = routing.VehicleVar(model.manager.NodeToIndex(job_index))
        for vehicle in problem.allowed[job_index]:
            if release_s > problem.spans[vehicle][0]:
                does_it = solver.IsEqualCstVar(vehicle_var, vehicle)
                solver.Add(time.CumulVar(routing.Start(vehicle)) >= does_it * release_s)


def _state_limits(model: RoutingModel) -> None:
    problem, shifts = model.problem, model.problem.shifts
    if any(shift.max_driving_s is not None for shift in shifts):
        longest_s = horizon_s(problem)
        driving = [longest_s if shift.max_driving_s is None else shift.max_driving_s for shift in shifts]
        _limit(model, model.matrices_by_vehicle(travel_s(problem)), driving, "driving")
    if any(shift.max_distance_m is not None for shift in shifts):
        legs_m = travel_m(problem)
        farthest_m = (len(problem.jobs) + 1) * max(int(one.max()) for one in legs_m)
        distances = [farthest_m if shift.max_distance_m is None else shift.max_distance_m for shift in shifts]
        _limit(model, model.matrices_by_vehicle(legs_m), distances, "distance")
    if any(shift.max_visits is not None for shift in shifts):
        visits = [len(problem.jobs) if shift.max_visits is None else shift.max_visits for shift in shifts]
        _limit(model, [model.vector([1] * len(problem.jobs))] * len(visits), visits, "visits")
    for dimension in range(max(len(shift.capacity) for shift in shifts)):
        _state_loads(model, dimension)


def _state_loads(model: RoutingModel, dimension: int) -> None:
    """Let nobody have more on board than fits: all that is brought at the start, and what is taken since."""
    problem, routing = model.problem, model.routing
    amounts = [_at(job.amounts, dimension, 0) for job in problem.jobs]
    brought = [0 if index in problem.delivery_of else amount for index, amount in enumerate(amounts)]
    taken = [_at(job.pickup_amounts, dimension, 0) for job in problem.jobs]
    for first, second in problem.delivery_of.items():
        taken[first] += amounts[first]
        taken[second] -= amounts[first]
    most = sum(amounts) + sum(abs(one) for one in taken)
    capacities = [_at(shift.capacity, dimension, most) for shift in problem.shifts]
    _limit(model, [model.vector(brought)] * len(capacities), capacities, f"brought {dimension}")
    if not any(taken):
        return
    changes = model.vector([plus - minus for plus, minus in zip(taken, brought, strict=True)])
    routing.AddDimensionWithVehicleCapacity(changes, 0, capacities, False, f"load {dimension}")  # noqa: FBT003
    load, gone = (routing.GetDimensionOrDie(f"{name} {dimension}") for name in ("load", "brought"))
    for vehicle in range(len(problem.shifts)):
        routing.solver().Add(load.CumulVar(routing.Start(vehicle)) == gone.CumulVar(routing.End(vehicle)))


def _at(numbers: Sequence[int], dimension: int, missing: int) -> int:
    return numbers[dimension] if dimension < len(numbers) else missing


def _limit(model: RoutingModel, evaluators: list[int], limits: list[int], name: str) -> None:
    model.routing.AddDimensionWithVehicleTransitAndCapacity(evaluators, 0, limits, True, name)  # noqa: FBT003


def _state_jobs(model: RoutingModel) -> None:
    """Let every job be left out for its penalty, and bar the shifts that may not do it."""
    problem, ends_by_s = model.problem, horizon_s(model.problem)
    for job_index, allowed in enumerate(problem.allowed):
        index = model.manager.NodeToIndex(job_index)
        model.routing.AddDisjunction([index], problem.penalties[job_index] * cost_scale(problem))
        if not _usable(problem.windows[job_index], ends_by_s):
            model.routing.VehicleVar(index).SetValues([_NOBODY])
        elif len(allowed) < len(problem.shifts):
            model.routing.VehicleVar(index).SetValues([_NOBODY, *sorted(allowed)])
