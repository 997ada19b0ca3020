"""Days on which jobs wait for others: every plan told of is one, few jobs are planned best, many are all planned."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.brute_force import best_cost
from support.problems import Line, job_at, shift_at
from support.rich_problems import rich_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.rules import PlanRules, Relation, RelationKind
from geo_engine.planning.search.kernel import Effort
from geo_engine.planning.search.scope import kernel_plans
from geo_engine.planning.solver.handovers import improve_day

Orders = dict[int, list[int]]


def _waiting_days(seed: int, job_count: int, shift_count: int) -> Iterator[Problem]:
    days = (rich_problem(one, job_count=job_count, shift_count=shift_count) for one in itertools.count(seed))
    return (day for day in days if _waits(day) and kernel_plans(day))


def _waits(problem: Problem) -> bool:
    return any(bond.kind is RelationKind.AFTER for bond in problem.bonds)


def _bound(line: Line, pairs: Sequence[tuple[int, int]], gap_s: int = 0) -> Problem:
    """Return the problem of a line in which the second job of each pair waits for the first."""
    relations = tuple(
        Relation(kind=RelationKind.AFTER, first_id=line.jobs[one].id, second_id=line.jobs[other].id, gap_s=gap_s)
        for one, other in pairs
    )
    return replace(line.problem(), rules=PlanRules(relations=relations))


def _placed(orders: Orders) -> set[int]:
    return {job for order in orders.values() for job in order}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**5))
def test_every_plan_told_of_breaks_no_rule_and_costs_what_is_said(seed: int) -> None:
    """Whatever a day states beside jobs that wait; each costs less than those before, the last is the answer."""
    problem = next(_waiting_days(seed, 8, 3))
    told: list[tuple[int, Orders]] = []

    answer = improve_day(
        problem,
        {},
        seed=seed,
        effort=Effort(iterations=4_000),
        on_better=lambda cost, orders: told.append((cost, orders)),
    )

    costs = [cost for cost, _ in told]
    assert costs == sorted(set(costs), reverse=True)
    for cost, orders in [*told, answer]:
        judged = evaluate(problem, named(problem, orders))
        assert judged.cost == cost
        assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}
    assert answer[0] == min([answer[0], *costs])


def test_of_few_jobs_it_finds_the_best_plan() -> None:
    """Thirty days with everything in them and jobs that wait: the best of nearly all."""
    gaps = []
    for problem in itertools.islice(_waiting_days(20_000, 5, 2), 30):
        cost, _ = improve_day(problem, {}, seed=1, effort=Effort(iterations=20_000))
        gaps.append(cost - best_cost(problem))

    assert min(gaps) >= 0
    assert sum(gap == 0 for gap in gaps) >= 29


@pytest.mark.parametrize("job_count", [40, 80])
def test_on_a_day_full_of_jobs_that_wait_all_are_planned(job_count: int) -> None:
    """Every second job waits for one at the other end of the line, and half an hour more; there is time for all."""
    jobs = tuple(job_at(f"j{number}", number % 40, service_min=10) for number in range(job_count))
    shifts = tuple(shift_at((480, 1200), worker=f"w{number}") for number in range(job_count // 8))
    pairs = [(number, job_count - 1 - number) for number in range(job_count // 2)]
    problem = _bound(Line(jobs=jobs, shifts=shifts), pairs, gap_s=1800)

    _, orders = improve_day(problem, {}, seed=1, effort=Effort(iterations=6_400))

    assert _placed(orders) == set(range(job_count))


def test_what_begins_too_late_is_begun_sooner_for_what_waits() -> None:
    """From a plan that does the first after the other's window on, with everything else full, both are done in time."""
    jobs = (job_at("first", 5, service_min=30), job_at("second", 10, (540, 600), service_min=30))
    problem = _bound(Line(jobs=jobs, shifts=(shift_at((480, 1020)), shift_at((660, 1020), worker="v"))), [(0, 1)])

    _, orders = improve_day(problem, {1: [0]}, seed=1, effort=Effort(iterations=4_000))

    assert orders == {0: [0, 1]}


def test_jobs_that_wait_for_each_other_in_a_circle_are_left_out() -> None:
    """And the others are done all the same."""
    jobs = (job_at("a", 5), job_at("b", 10), job_at("c", 15))
    problem = _bound(Line(jobs=jobs, shifts=(shift_at(),)), [(0, 1), (1, 0)], gap_s=60)

    _, orders = improve_day(problem, {}, seed=1, effort=Effort(iterations=2_000))

    assert _placed(orders) == {2}


def test_the_same_seed_and_number_of_iterations_give_the_same_plan() -> None:
    """Also where every other round begins with nothing."""
    problem = next(_waiting_days(30_000, 12, 3))

    found = [improve_day(problem, {}, seed=5, effort=Effort(iterations=4_000)) for _ in range(2)]

    assert found[0] == found[1]
