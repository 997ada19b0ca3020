"""What other ways of making a plan's visits would take."""

import random

import pytest
from support.problems import random_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.solver.baselines import (
    Travel,
    beside_nearest,
    nearest_orders,
    travel_by_list,
    travel_by_nearest,
)

COUNT = 6


@pytest.mark.parametrize("seed", range(10))
def test_the_list_takes_what_its_own_order_takes(seed: int) -> None:
    """However a worker's visits are ordered, by the list they take what the order of the list drives."""
    problem = random_problem(seed, job_count=COUNT, shift_count=1)
    judged = evaluate(problem, named(problem, {0: list(range(COUNT))}))

    by_list = travel_by_list(problem, {0: list(reversed(range(COUNT)))})

    assert by_list == Travel(travel_m=judged.travel_m, travel_s=judged.travel_s)


@pytest.mark.parametrize("seed", range(10))
def test_nearest_neighbour_does_not_care_who_made_the_visits(seed: int) -> None:
    """Only which visits there are decides what it takes: dealt out anew and shuffled they take the same."""
    problem = random_problem(seed, job_count=COUNT, shift_count=2)
    jobs = list(range(COUNT))
    random.Random(seed).shuffle(jobs)

    takes = {travel_by_nearest(problem, {0: jobs[:at], 1: jobs[at:]}) for at in range(COUNT + 1)}

    assert len(takes) == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_is_never_dearer_than_nearest_neighbour(seed: int) -> None:
    """Orders drawn at random are given up where nearest neighbour costs less, and never for what breaks a rule."""
    problem = random_problem(seed, job_count=COUNT, shift_count=2)
    jobs = list(range(COUNT))
    random.Random(seed).shuffle(jobs)
    drawn = complete(problem, {}, jobs[:2])
    drawn = complete(problem, drawn.orders, jobs)

    kept, nearest = beside_nearest(problem, drawn)

    before, after = (evaluate(problem, named(problem, one.orders)) for one in (drawn, kept))
    by_nearest = evaluate(problem, named(problem, nearest_orders(problem, drawn.orders)))
    assert after.cost <= min(before.cost, by_nearest.cost)
    assert {broken.kind for broken in after.violations} <= {ViolationKind.REQUIRED}
    assert nearest == (travel_by_nearest(problem, drawn.orders) if drawn.orders else None)


def test_without_visits_there_is_nothing_to_compare_with() -> None:
    """No visit, no baseline."""
    problem = random_problem(1, job_count=COUNT, shift_count=2)

    assert (travel_by_list(problem, {}), travel_by_nearest(problem, {})) == (None, None)
