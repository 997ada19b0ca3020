"""A day too large for one search: how it is cut, and that what its territories find is a plan of the whole."""

import random
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.problems import random_problem
from support.rich_problems import rich_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.narrowing import with_job
from geo_engine.planning.problem import Problem
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.planning.search.scope import kernel_states
from geo_engine.planning.search.territories import cut, improve_by_territory

Orders = dict[int, list[int]]


def _rich_day(seed: int) -> Problem:
    """Return the first day from a seed on that the kernel states; some state what it does not."""
    days = (rich_problem(one, job_count=16, shift_count=5) for one in range(1_000 * seed, 1_000 * seed + 100))
    return next(day for day in days if kernel_states(day))


def _begun(problem: Problem) -> Orders:
    return {shift: list(prefix) for shift, prefix in enumerate(problem.prefixes) if prefix}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**5), count=st.integers(1, 4))
def test_every_route_and_every_job_is_of_one_territory(seed: int, count: int) -> None:
    """Routes stay whole, who is bound to another stays with them, and no two territories share anything."""
    problem = _rich_day(seed)
    _, orders = improve(build_arrays(problem), _begun(problem), seed=seed, effort=Effort(iterations=20))
    left_out = random.Random(seed).sample(sorted(orders), len(orders) // 2)
    orders = {shift: order for shift, order in orders.items() if shift not in left_out or problem.prefixes[shift]}

    territories = cut(problem, orders, count, Random(seed))

    assert len(territories) == max(1, min(count, len(orders)))
    assert sorted(shift for one in territories for shift in one.shifts) == list(range(len(problem.shifts)))
    assert sorted(job for one in territories for job in one.jobs) == list(range(len(problem.jobs)))
    territory_of = {job: number for number, one in enumerate(territories) for job in one.jobs}
    for number, one in enumerate(territories):
        assert all(territory_of[job] == number for shift in one.shifts for job in orders.get(shift, ()))
    assert all(territory_of[bond.first] == territory_of[bond.second] for bond in problem.bonds)


@pytest.mark.parametrize("seed", range(8))
def test_a_job_on_no_route_is_where_somebody_may_do_it(seed: int) -> None:
    """However near others work who may not: it could not be put on a route there, round after round."""
    problem = random_problem(seed, job_count=60, shift_count=8)
    _, orders = improve(build_arrays(problem), {}, seed=seed, effort=Effort(iterations=20))
    for shift in orders:
        absent = orders[shift].pop() if len(orders[shift]) > 1 else None
        if absent is not None:
            job = replace(problem.jobs[absent], worker_ids=frozenset({problem.shifts[shift].worker_id}))
            problem = with_job(problem, absent, job)

    territories = cut(problem, orders, 4, Random(seed))

    placed = {job for order in orders.values() for job in order}
    for one in territories:
        for job in set(one.jobs) - placed:
            assert not problem.allowed[job] or problem.allowed[job] & set(one.shifts)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**5))
def test_what_territories_find_is_judged_as_they_say(seed: int) -> None:
    """Every plan told of breaks no rule, costs what is said, and less than those before; none less than the answer."""
    problem = _rich_day(seed)
    told: list[tuple[int, Orders]] = []

    answer = improve_by_territory(
        problem,
        _begun(problem),
        seed=seed,
        effort=Effort(iterations=200, thread_count=2),
        on_better=lambda cost, orders: told.append((cost, orders)),
    )

    for claimed, orders in [*told, answer]:
        judged = evaluate(problem, named(problem, orders))
        assert judged.cost == claimed
        assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}
    costs = [cost for cost, _ in told]
    assert costs == sorted(set(costs), reverse=True)
    assert answer[0] == costs[-1]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_seed_and_iterations_give_the_same_plan(seed: int) -> None:
    """Whichever of the territories is done first."""
    problem = random_problem(seed, job_count=60, shift_count=8)
    effort = Effort(iterations=2_000, thread_count=2)

    one, other = (improve_by_territory(problem, {}, seed=seed, effort=effort) for _ in range(2))

    assert one == other


@pytest.mark.parametrize("seed", range(3))
def test_territories_find_more_than_the_whole_search_they_begin_with(seed: int) -> None:
    """What one fifth of the effort finds in the whole, the territories make better."""
    problem = random_problem(seed, job_count=60, shift_count=8)

    whole, _ = improve(build_arrays(problem), {}, seed=seed, effort=Effort(iterations=400, to_share=0.2))
    together, _ = improve_by_territory(problem, {}, seed=seed, effort=Effort(iterations=2_000))

    assert together < whole


def test_an_effort_too_small_to_be_shared_is_no_error() -> None:
    """Four iterations are less than one for each of 16 rounds: the first plan is the answer."""
    problem = random_problem(1, job_count=60, shift_count=8)

    cost, orders = improve_by_territory(problem, {}, seed=1, effort=Effort(iterations=4))

    assert cost == evaluate(problem, named(problem, orders)).cost
