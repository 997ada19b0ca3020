"""“Why not” keeps its word: what it offers places the job, by the least that suffices."""

import random
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.offers import broken_promises, offers_of
from support.problems import random_problem

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.explain.offers import Lever
from geo_engine.planning.explain.relaxation import relaxed
from geo_engine.planning.explain.why_not import find_why_nots
from geo_engine.planning.insertion import complete, indexed, inserted, is_feasible, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem

_BY_THE_MINUTE = frozenset(Lever) - {Lever.MAX_VISITS, Lever.CAPACITY, Lever.SKILL, Lever.WORKER}


def _full(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    """Return a plan that breaks no rule, of most of the jobs."""
    return complete(problem, {}, rng.sample(range(len(problem.jobs)), 8)).orders


def _by_hand(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    """Return a plan that keeps no rule but by chance."""
    orders: dict[int, list[int]] = {}
    for job in rng.sample(range(len(problem.jobs)), 7):
        orders.setdefault(rng.randrange(len(problem.shifts)), []).append(job)
    return orders


def _left(problem: Problem, orders: dict[int, list[int]]) -> list[int]:
    placed = {job for order in orders.values() for job in order}
    return [job for job in range(len(problem.jobs)) if job not in placed]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), is_by_hand=st.booleans())
def test_every_offer_taken_places_the_job_and_breaks_nothing_new(seed: int, *, is_by_hand: bool) -> None:
    """On the whole problem, with its rules relaxed, `evaluate` finds the job placed at the cost that was told."""
    problem = random_problem(seed, job_count=10, shift_count=3)
    orders = (_by_hand if is_by_hand else _full)(problem, random.Random(seed))

    why_nots = find_why_nots(problem, orders, _left(problem, orders))

    assert why_nots
    assert set(why_nots) == set(evaluate(problem, named(problem, orders)).unassigned_ids)
    assert broken_promises(problem, named(problem, orders), offers_of(why_nots)) == []


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_minute_less_would_not_do(seed: int) -> None:
    """Where one rule gives way by minutes, a minute less of it leaves the route impossible."""
    problem = random_problem(seed, job_count=10, shift_count=3)
    orders = _full(problem, random.Random(seed))
    why_nots = find_why_nots(problem, orders, _left(problem, orders))
    one_rule = [
        offer
        for offer in offers_of(why_nots)
        if len(offer.relaxations) == 1 and offer.relaxations[0].lever in _BY_THE_MINUTE
    ]

    for offer in one_rule:
        (relaxation,) = offer.relaxations
        less = relaxed(problem, offer.worker_id, [replace(relaxation, amount=relaxation.amount - 60)])
        order = indexed(problem, {offer.worker_id: offer.order(named(problem, orders).get(offer.worker_id, []))})
        assert not any(is_feasible(less, shift, taken) for shift, taken in order.items())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_worker_on_a_road_is_offered_something_or_named_as_cut_off(seed: int) -> None:
    """Nobody is missing from the table; who has no offer has no way there or on."""
    problem = random_problem(seed, job_count=8, shift_count=3)
    orders = complete(problem, {}, range(6)).orders
    why_nots = find_why_nots(problem, orders, _left(problem, orders))

    for why_not in why_nots.values():
        assert {place.worker_id for place in why_not.places} == {shift.worker_id for shift in problem.shifts}
        assert why_not.unseen_count == 0
        assert all(
            place.offers or place.broken[0].kind is ViolationKind.NO_PATH or len(place.broken) > 1
            for place in why_not.places
        )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_fits_is_told_where_it_costs_least_on_the_route(seed: int) -> None:
    """A place that breaks nothing is the cheapest such on that route, and asks for nothing."""
    problem = random_problem(seed, job_count=8, shift_count=3)
    orders = _by_hand_feasible(problem, random.Random(seed))
    left = _left(problem, orders)
    assume(left)
    why_nots = find_why_nots(problem, orders, left)

    for job in left:
        for place in why_nots[problem.jobs[job].id].places:
            shift = [one.worker_id for one in problem.shifts].index(place.worker_id)
            order = orders.get(shift, [])
            fitting = [at for at in range(len(order) + 1) if is_feasible(problem, shift, inserted(order, job, at))]
            if not place.broken:
                assert place.position in fitting
                assert place.offers[0].is_free


def _by_hand_feasible(problem: Problem, rng: random.Random) -> dict[int, list[int]]:
    return complete(problem, {}, rng.sample(range(len(problem.jobs)), 3)).orders
