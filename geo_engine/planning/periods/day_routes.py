"""The routes of each day of a period: timed by `evaluate`, and shortened by the solver where it can."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from geo_engine.customers import Site
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import DayRequest
from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import complete, indexed, named
from geo_engine.planning.periods.model import PeriodRequest
from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.solve import Budget, solve

type Orders = Mapping[int, Sequence[int]]

_WORTH_SOLVING = 4  # visits: fewer than these are in the best order already


def day_request(request: PeriodRequest, service_on: date, sites: Sequence[Site]) -> DayRequest:
    """Return a day of a period on which some sites are visited, as it is planned by itself."""
    return DayRequest(
        service_on=service_on,
        zone=request.zone,
        sites=tuple(sites),
        workers=request.workers,
        snap_limit_m=request.snap_limit_m,
        learned=request.learned,
        speeds=request.speeds,
    )


def given_to(request: PeriodRequest, sites: Sequence[Site], orders: Orders) -> list[Site]:
    """Return the sites of some orders, each for its worker alone.

    Parameters
    ----------
    orders
        Indices of `sites` by that of their worker.
    """
    return [
        replace(sites[site], worker_ids=frozenset({request.workers[worker].id}))
        for worker, order in orders.items()
        for site in order
    ]


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
