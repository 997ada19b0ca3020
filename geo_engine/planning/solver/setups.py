"""Set-up times in the routing model: part of every visit, or of its slack where the stop before may spare it."""

import numpy as np
from ortools.constraint_solver import pywrapcp

from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.nodes import RoutingModel, nothing_at_depots


def visits_s(problem: Problem) -> list[int]:
    """Return how long each node's visit takes, with the set-up of those that always need theirs."""
    spared = _sometimes_spared(problem)
    by_job = [job.service_s + (0 if index in spared else job.setup_s) for index, job in enumerate(problem.jobs)]
    return by_job + nothing_at_depots(problem)


def state_setups(model: RoutingModel) -> None:
    """Hold the visits for their set-up, after service as the model has it, that the stop before may spare."""
    time = model.routing.GetDimensionOrDie("time")
    for job_index in _sometimes_spared(model.problem):
        slack = time.SlackVar(model.manager.NodeToIndex(job_index))
        model.routing.solver().Add(slack >= setup_s(model, job_index))


def setup_s(model: RoutingModel, job_index: int) -> pywrapcp.IntExpr | int:
    """Return how long a visit's set-up takes: nothing after a stop at the same place where the model knows of it."""
    problem, routing, solver = model.problem, model.routing, model.routing.solver()
    whole_s = problem.jobs[job_index].setup_s
    if job_index not in _sometimes_spared(problem):
        return whole_s
    site, index = problem.sites[job_index], model.manager.NodeToIndex(job_index)
    here = [other for other in range(len(problem.jobs)) if problem.sites[other] == site and other != job_index]
    stops = [model.manager.NodeToIndex(other) for other in here]
    stops += [routing.Start(at) for at, place in enumerate(problem.start_places) if problem.sites[place] == site]
    follows = solver.Sum([solver.IsEqualCstVar(routing.NextVar(stop), index) for stop in stops])
    return follows * -whole_s + whole_s


def _sometimes_spared(problem: Problem) -> frozenset[int]:
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
