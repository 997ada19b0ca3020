"""The search by judgement: every plan it tells of is one, and of few jobs it finds the best there is."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from support.brute_force import best_cost
from support.rich_problems import rich_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.solver.judged_search import improve_judged
from geo_engine.planning.solver.task import Incumbent


def _improved(problem: Problem, iterations: int) -> tuple[int, list[Incumbent]]:
    """Return what a greedy plan costs and every better one."""
    start = complete(problem, dict(enumerate(problem.prefixes)), range(len(problem.jobs))).orders
    found = improve_judged(problem, start, seed=1, iterations=iterations, deadline_s=None, should_stop=lambda: False)
    return evaluate(problem, named(problem, start)).cost, list(found)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**5))
def test_every_plan_told_of_breaks_no_rule_and_costs_less_than_those_before(seed: int) -> None:
    """Whatever a day states."""
    problem = rich_problem(seed, job_count=7, shift_count=3)
    began, found = _improved(problem, 30)

    costs = [one.cost for one in found]
    assert costs == sorted(set(costs), reverse=True)
    assert all(cost < began for cost in costs)
    for one in found:
        judged = evaluate(problem, named(problem, one.orders))
        assert judged.cost == one.cost
        assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}


def test_of_few_jobs_that_wait_for_each_other_it_finds_the_best_plan() -> None:
    """Twenty days with jobs that come after others: the best of nearly all."""
    days = (rich_problem(seed, job_count=5, shift_count=2) for seed in itertools.count(5_000))
    waiting = (day for day in days if any(bond.kind is RelationKind.AFTER for bond in day.bonds))
    gaps = []
    for problem in itertools.islice(waiting, 20):
        began, found = _improved(problem, 150)
        gaps.append(min([began, *(one.cost for one in found)]) - best_cost(problem))

    assert min(gaps) >= 0
    assert sum(gap == 0 for gap in gaps) >= 18
