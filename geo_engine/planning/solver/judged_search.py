"""Ruin and recreate by `evaluate` alone: slow, but it knows every rule; for few jobs that the kernel cannot state."""

import random
import time
from collections.abc import Callable, Iterator

from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.task import Incumbent, IndexOrders

_MOST_REMOVED = 4
_SHUFFLED_SHARE = 0.5


def improve_judged(
    problem: Problem,
    start: IndexOrders,
    *,
    seed: int,
    iterations: int | None,
    deadline_s: float | None,
    should_stop: Callable[[], bool],
) -> Iterator[Incumbent]:
    """Yield every plan better than all before, from orders that break no rule on.

    Parameters
    ----------
    iterations, deadline_s
        When it ends: after so many, or at a reading of ``time.monotonic()``.

    Notes
    -----
    An iteration takes a few jobs off their routes and puts each where it costs least; a plan as good is gone on from.
    """
    generator = random.Random(seed)  # noqa: S311 - no secret
    orders, cost = {shift: list(order) for shift, order in start.items()}, _judged(problem, start).cost
    best, done = cost, 0
    while not should_stop() and (done < iterations if iterations is not None else time.monotonic() < (deadline_s or 0)):
        done += 1
        found = _put_back(problem, _taken_apart(problem, orders, generator), generator)
        judged = _judged(problem, found)
        if judged.cost <= cost and all(one.kind is ViolationKind.REQUIRED for one in judged.violations):
            orders, cost = found, judged.cost
            if cost < best:
                best = cost
                yield Incumbent(cost=cost, orders=orders)


def _taken_apart(problem: Problem, orders: IndexOrders, generator: random.Random) -> IndexOrders:
    loose = [job for shift, order in orders.items() for job in order[len(problem.prefixes[shift]) :]]
    removed = set(generator.sample(loose, generator.randint(min(1, len(loose)), min(_MOST_REMOVED, len(loose)))))
    return {shift: [job for job in order if job not in removed] for shift, order in orders.items()}


def _put_back(problem: Problem, orders: IndexOrders, generator: random.Random) -> IndexOrders:
    """Put what is on no route where it costs least: the dearest to leave out first, or in an order drawn at random."""
    jobs = list(range(len(problem.jobs)))
    if generator.random() < _SHUFFLED_SHARE:
        generator.shuffle(jobs)
        for job in jobs:
            if not any(job in order for order in orders.values()):
                orders = complete(problem, orders, [job]).orders
    return complete(problem, orders, jobs).orders


def _judged(problem: Problem, orders: IndexOrders) -> Evaluation:
    return evaluate(problem, named(problem, orders))
