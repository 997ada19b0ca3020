"""The routing model: every constraint of a problem stated in OR-Tools' terms.

Times are seconds since the problem's origin; a node's cumul is the moment the visit begins there.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from geo_engine.planning.problem import Problem
from geo_engine.planning.solver_nodes import (
    RoutingModel,
    arc_costs,
    horizon_s,
    nothing_at_depots,
    number_nodes,
    travel_m,
    travel_s,
)

_NOBODY = -1


def build_model(problem: Problem) -> RoutingModel:
    """Return the full routing model of a problem with at least one job and one shift.

    Notes
    -----
    Matrices and vectors are registered natively, as lists of int: with Python callbacks a break makes
    the search unusably slow.
    """
    model = number_nodes(problem)
    _state_costs(model)
    _state_times(model)
    _state_breaks(model)
    _state_limits(model)
    _state_jobs(model)
    return model


def _state_costs(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    registered: dict[tuple[int, bytes], int] = {}
    for vehicle, (key, costs) in enumerate(arc_costs(problem)):
        if key not in registered:
            registered[key] = routing.RegisterTransitMatrix(costs().tolist())
        routing.SetArcCostEvaluatorOfVehicle(registered[key], vehicle)
        routing.SetFixedCostOfVehicle(problem.fixed_costs[vehicle], vehicle)


def _state_times(model: RoutingModel) -> None:
    problem, routing = model.problem, model.routing
    ends_by_s = horizon_s(problem)
    visits_s = np.array(_visits_s(problem))[:, None]
    transits = model.matrices_by_vehicle([legs_s + visits_s for legs_s in travel_s(problem)])
    routing.AddDimensionWithVehicleTransits(transits, ends_by_s, ends_by_s, False, "time")  # noqa: FBT003
    time = routing.GetDimensionOrDie("time")
    for vehicle, (start_s, end_s) in enumerate(problem.spans):
        time.CumulVar(routing.Start(vehicle)).SetRange(start_s, end_s)
        time.CumulVar(routing.End(vehicle)).SetRange(start_s, end_s)
    for job_index, windows in enumerate(problem.windows):
        usable = _usable(windows, ends_by_s)
        if usable:
            begins = model.begins_at(job_index)
            begins.SetRange(usable[0][0], usable[-1][1])
            for (_, closes_s), (opens_s, _) in itertools.pairwise(usable):
                begins.RemoveInterval(closes_s + 1, opens_s - 1)
    for job_index in _jobs_with_saved_setups(problem):
        _state_setup(model, job_index)


def _usable(windows: Sequence[tuple[int, int]], horizon_s: int) -> list[tuple[int, int]]:
    clipped = [(max(0, earliest_s), min(horizon_s, latest_s)) for earliest_s, latest_s in windows]
    return [(earliest_s, latest_s) for earliest_s, latest_s in clipped if earliest_s <= latest_s]


def _visits_s(problem: Problem) -> list[int]:
    """Return how long each node's visit takes, with the set-up of those that always need theirs."""
    saved = _jobs_with_saved_setups(problem)
    visits_s = [job.service_s + (0 if index in saved else job.setup_s) for index, job in enumerate(problem.jobs)]
    return visits_s + nothing_at_depots(problem)


def _jobs_with_saved_setups(problem: Problem) -> frozenset[int]:
    """Return the jobs whose set-up is void after a stop at the same place.

    None where there are breaks: one could come between set-up and service then, for only what a visit always takes
    is safe from it. The model sets up in vain there, so that what it finds can be done all the same.
    """
    if not problem.has_setups or any(problem.breaks):
        return frozenset()
    starts = {problem.sites[place] for place in problem.start_places}
    counts = np.bincount(problem.sites[: len(problem.jobs)])
    return frozenset(
        index
        for index, job in enumerate(problem.jobs)
        if job.setup_s and (counts[problem.sites[index]] > 1 or problem.sites[index] in starts)
    )


def _state_setup(model: RoutingModel, job_index: int) -> None:
    """Hold the visit for its set-up, after service as the model has it, unless the stop before is at the same place."""
    problem, routing, solver = model.problem, model.routing, model.routing.solver()
    site, index = problem.sites[job_index], model.manager.NodeToIndex(job_index)
    here = [model.manager.NodeToIndex(other) for other in range(len(problem.jobs)) if problem.sites[other] == site]
    here += [
        routing.Start(vehicle) for vehicle, place in enumerate(problem.start_places) if problem.sites[place] == site
    ]
    follows = solver.Sum([solver.IsEqualCstVar(routing.NextVar(one), index) for one in here if one != index])
    setup_s = problem.jobs[job_index].setup_s
    solver.Add(routing.GetDimensionOrDie("time").SlackVar(index) + follows * setup_s >= setup_s)


def _state_breaks(model: RoutingModel) -> None:
    """State the breaks: OR-Tools takes them before a route, after it, or between two visits."""
    problem, routing = model.problem, model.routing
    time, visits_s = routing.GetDimensionOrDie("time"), _visits_s(problem)
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
            time.SetBreakIntervalsOfVehicle(intervals, vehicle, visits_s)


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
        amounts = [_at(job.amounts, dimension, 0) for job in problem.jobs]
        loads = [_at(shift.capacity, dimension, sum(amounts)) for shift in shifts]
        _limit(model, [model.vector(amounts)] * len(loads), loads, f"load {dimension}")


def _at(numbers: Sequence[int], dimension: int, missing: int) -> int:
    return numbers[dimension] if dimension < len(numbers) else missing


def _limit(model: RoutingModel, evaluators: list[int], limits: list[int], name: str) -> None:
    model.routing.AddDimensionWithVehicleTransitAndCapacity(evaluators, 0, limits, True, name)  # noqa: FBT003


def _state_jobs(model: RoutingModel) -> None:
    """Let every job be left out for its penalty, and bar the shifts that may not do it."""
    problem, ends_by_s = model.problem, horizon_s(model.problem)
    for job_index, allowed in enumerate(problem.allowed):
        index = model.manager.NodeToIndex(job_index)
        model.routing.AddDisjunction([index], problem.penalties[job_index])
        if not _usable(problem.windows[job_index], ends_by_s):
            model.routing.VehicleVar(index).SetValues([_NOBODY])
        elif len(allowed) < len(problem.shifts):
            model.routing.VehicleVar(index).SetValues([_NOBODY, *sorted(allowed)])
