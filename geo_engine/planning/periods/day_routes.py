"""The routes of each day of a period: timed by `evaluate`, and shortened by the solver where it can."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from geo_engine.customers import Site
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import job_of, shift_of
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import complete, indexed, named
from geo_engine.planning.periods.model import PeriodRequest
from geo_engine.planning.problem import NO_PATH, Problem, build_problem
from geo_engine.planning.solver import Budget, solve
from geo_engine.roads import TravelMatrix

type Orders = Mapping[int, Sequence[int]]

_WORTH_SOLVING = 4  # visits: fewer than these are in the best order already


def day_problem(
    whole: Problem, service_on: date, request: PeriodRequest, sites: Sequence[Site], orders: Orders
) -> Problem:
    """Return the problem of one day on which every visit is its worker's.

    Parameters
    ----------
    whole
        A problem with all `sites` as jobs and all workers, in their order: what travel is taken from.
    orders
        Indices of sites by that of their worker.
    """
    workers, zone = request.workers, request.zone
    shifts_begin_s = min(worker.shift.earliest_s for worker in workers)
    used = [index for index, order in orders.items() if order]
    chosen = [(site, worker) for worker in used for site in orders[worker]]
    jobs = [
        replace(job_of(sites[site], service_on, zone, shifts_begin_s), worker_ids=frozenset({workers[worker].id}))
        for site, worker in chosen
    ]
    shifts = [shift_of(workers[worker], service_on, zone) for worker in used]
    own_sites = [site for site, _ in chosen]
    modes = {whole.shifts[worker].mode: worker for worker in used}
    return build_problem(jobs, shifts, {mode: _part(whole, worker, own_sites, used) for mode, worker in modes.items()})


def _part(whole: Problem, mover: int, sites: Sequence[int], workers: Sequence[int]) -> TravelMatrix:
    """Return a worker's travel between some of the places, in the order `places_of` has them."""
    depots: dict[object, int] = {}
    for worker in workers:
        shift, end_place = whole.shifts[worker], whole.end_places[worker]
        depots.setdefault(shift.start, whole.start_places[worker])
        if shift.end is not None and end_place is not None:
            depots.setdefault(shift.end, end_place)
    places = [*sites, *depots.values()]
    durations_s = whole.travel_s(mover)[np.ix_(places, places)].astype(np.float64)
    durations_s[durations_s == NO_PATH] = np.nan
    distances_m = whole.travel_m(mover)[np.ix_(places, places)].astype(np.float64)
    return TravelMatrix(durations_s=durations_s, distances_m=distances_m, is_estimate=False)


def route_day(problem: Problem, orders: Mapping[WorkerId, Sequence[JobId]], *, limit_s: float) -> Evaluation:
    """Return the day's routes: those of the orders, or the solver's where they cost less and leave out no more.

    Raises
    ------
    Unavailable
        When the solver's processes cannot be started.
    """
    given = evaluate(problem, orders)
    if limit_s <= 0 or max((len(route.planned_visits) for route in given.routes), default=0) < _WORTH_SOLVING:
        return given
    solution = solve(problem, Budget(time_limit_s=limit_s))
    completed = complete(problem, indexed(problem, solution.orders), range(len(problem.jobs)))
    solved = evaluate(problem, named(problem, completed.orders))
    is_better = (len(solved.violations), solved.cost) < (len(given.violations), given.cost)
    return solved if is_better else given
