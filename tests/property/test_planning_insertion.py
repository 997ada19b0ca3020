"""Inserting what was left out against trying every place, and the baseline every plan is measured against."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from support.problems import random_problem
from support.rich_problems import rich_problem
from support.simulator import route_cost

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import Room, complete, indexed, inserted, is_feasible, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.solver.nearest_neighbour import nearest_neighbour


def some_orders(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    """Return feasible orders of some of the jobs, grown at random."""
    orders: dict[int, list[int]] = {}
    for job in rng.sample(range(len(problem.jobs)), rng.randrange(len(problem.jobs))):
        shift = rng.randrange(len(problem.shifts))
        grown = [*orders.get(shift, []), job]
        if is_feasible(problem, shift, grown):
            orders[shift] = grown
    return orders


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_job_goes_where_it_costs_least_of_all_places(seed: int) -> None:
    """The cost of the one insertion is the least over all places of all routes; without one nothing fits."""
    rng = random.Random(seed)
    problem = random_problem(seed, job_count=7, shift_count=3)
    orders = some_orders(problem, rng)
    job = rng.choice([n for n in range(7) if all(n not in order for order in orders.values())])
    before = {shift: route_cost(problem, shift, tuple(order)) or 0 for shift, order in orders.items()}
    costs = [
        cost - before.get(shift, 0)
        for shift in range(3)
        if shift in problem.allowed[job]
        for position in range(len(orders.get(shift, [])) + 1)
        if (cost := route_cost(problem, shift, tuple(inserted(orders.get(shift, []), job, position)))) is not None
    ]

    done = complete(problem, orders, [job])

    placed = any(job in order for order in done.orders.values())
    after = {shift: route_cost(problem, shift, tuple(order)) or 0 for shift, order in done.orders.items()}
    if not costs:
        assert done.orders == orders
        assert done.too_dear == {}
    elif min(costs) < problem.penalties[job]:
        assert placed
        assert sum(after.values()) - sum(before.values()) == min(costs)
    else:
        assert done.orders == orders
        assert done.too_dear[job].cost == min(costs)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_place_that_holds_is_ruled_out(seed: int) -> None:
    """Of days with everything in them: wherever a job fits by all rules, the room of the route has a place for it."""
    rng = random.Random(seed)
    problem = rich_problem(seed, job_count=7, shift_count=2)
    for shift, order in some_orders(problem, rng).items():
        room = Room(problem, shift, order)
        for job in set(range(7)) - set(order):
            holding = [at for at in range(len(order) + 1) if is_feasible(problem, shift, inserted(order, job, at))]
            assert set(holding) <= {place.position for place in room.places(job)}
            assert len(order) not in holding or list(room.may_be_last([job])) == [job]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_completing_a_plan_never_makes_it_dearer_and_breaks_nothing(seed: int) -> None:
    """From nothing or from anything feasible: cost falls or stays, and every rule is kept."""
    problem = random_problem(seed, job_count=10, shift_count=3)
    orders = some_orders(problem, random.Random(seed))

    done = complete(problem, orders, range(10))

    before, after = evaluate(problem, named(problem, orders)), evaluate(problem, named(problem, done.orders))
    assert after.cost <= before.cost
    assert {broken.kind for broken in after.violations} <= {ViolationKind.REQUIRED}
    assert indexed(problem, named(problem, done.orders)) == done.orders


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_nearest_neighbour_goes_to_the_nearest_that_breaks_no_rule(seed: int) -> None:
    """Each next visit is feasible, and nothing nearer that was left would have been."""
    problem = random_problem(seed, job_count=9, shift_count=2)

    orders = nearest_neighbour(problem, range(9))

    left = set(range(9))
    for shift in range(2):
        done: list[int] = []
        for job in orders[shift]:
            here = done[-1] if done else problem.start_places[shift]
            travel_s = problem.travel_s(shift)[here]
            nearer = [n for n in left if n != job and NO_PATH != travel_s[n] < travel_s[job]]
            assert is_feasible(problem, shift, [*done, job])
            assert not any(is_feasible(problem, shift, [*done, n]) for n in nearer)
            done.append(job)
            left.discard(job)
        assert not any(is_feasible(problem, shift, [*done, n]) for n in left)
