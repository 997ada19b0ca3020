"""The evaluator against a second opinion that shares nothing with it but the problem."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from support.problems import random_problem
from support.rich_problems import rich_problem
from support.simulator import route_cost, simulate

from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.rules import RelationKind

OF_TIME = {ViolationKind.WINDOW, ViolationKind.SHIFT, ViolationKind.BREAK}


def some_orders(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    """Return an order of some of the jobs: any at random, or for the most part such that can be kept."""
    is_careful = rng.random() < 0.7
    orders = {index: list(prefix) for index, prefix in enumerate(problem.prefixes) if prefix and is_careful}
    locked = {job for order in orders.values() for job in order}
    for job in rng.sample(range(len(problem.jobs)), rng.randrange(1, len(problem.jobs) + 1)):
        shift = rng.randrange(len(problem.shifts))
        grown = [
            *orders.get(shift, []),
            *(one for one in (problem.with_other_half(job) if is_careful else [job]) if one not in locked),
        ]
        if (
            job not in locked
            and len(set(grown)) == len(grown)
            and not (is_careful and route_cost(problem, shift, grown) is None)
        ):
            orders[shift] = grown
            locked.update(grown)
    return orders


def terms_of(judged: Evaluation) -> dict[str, int]:
    """Return the terms of a cost by name."""
    names = ("fixed", "travel", "traffic", "assignment", "overtime", "waiting", "late", "balance", "unassigned")
    return {name: getattr(judged, f"cost_{name}") for name in names}


def is_tied(problem: Problem) -> bool:
    """Return whether jobs wait for others beside breaks: it matters then which of equal timetables one takes."""
    return any(problem.breaks) and any(one.kind is RelationKind.AFTER for one in problem.rules.relations)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6), is_rich=st.booleans())
def test_any_plan_is_judged_as_by_a_second_opinion(seed: int, is_rich: bool) -> None:  # noqa: FBT001
    """Both find the same rules broken, and price what can be kept the same, term by term."""
    rng = random.Random(seed)
    problem = (rich_problem if is_rich else random_problem)(seed, job_count=5, shift_count=2)
    orders = some_orders(problem, rng)

    judged, second = evaluate(problem, named(problem, orders)), simulate(problem, orders)

    broken = {found.kind for found in judged.violations} - {ViolationKind.REQUIRED}
    if is_tied(problem):
        return
    is_kept = not broken & (OF_TIME | {ViolationKind.NO_PATH})
    by_times = {ViolationKind.AFTER, *([ViolationKind.MAX_DRIVING] if problem.speeds and not is_kept else [])}
    assert {str(kind) for kind in broken - OF_TIME - by_times} == second.broken - {"time", *map(str, by_times)}
    assert bool(broken & OF_TIME) == ("time" in second.broken) or ViolationKind.NO_PATH in broken
    if is_kept:
        assert (ViolationKind.AFTER in broken) == ("after" in second.broken)
        assert {name: cost for name, cost in terms_of(judged).items() if cost} == {
            name: cost for name, cost in second.terms.items() if cost
        }
