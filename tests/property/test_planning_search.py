"""The kernel against the evaluator: what it says fits has a timetable, what it says it costs is what it costs."""

import random
from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.problems import matrix_of, random_problem
from support.rich_problems import rich_problem

from geo_engine.ids import WorkerId
from geo_engine.planning.costs import route_cost
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import inserted, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.search.anneal import construct, list_absent, note_absent, settle
from geo_engine.planning.search.arrays import Arrays, build_arrays
from geo_engine.planning.search.kernel import Best, Effort, Search, improve, never
from geo_engine.planning.search.labels import fits_time, spare_s
from geo_engine.planning.search.leniency import Leniency
from geo_engine.planning.search.moves import go_back, insert
from geo_engine.planning.search.pairs import ANYTHING
from geo_engine.planning.search.recreate import recreate
from geo_engine.planning.search.ruin import ruin
from geo_engine.planning.search.scope import kernel_states
from geo_engine.planning.search.state import ABSENT, CURRENT, UNKNOWN_S, State, new_state
from geo_engine.planning.search.tails import swap_tails
from geo_engine.planning.search.walk import BROKEN, price_times
from geo_engine.planning.timetable import find_timetable, over_driving_s


def _fits(arrays: Arrays, state: State, job: int, position: int) -> bool:
    """Ask the kernel whether a job fits on the first route."""
    row, count = len(arrays.jobs), int(state.routes["count"][0])
    before = row if position == 0 else int(state.orders[0, position - 1])
    after = row if position == count else int(state.orders[0, position])
    start = int(arrays.shifts["start_place"][0]) if position == 0 else before
    end = int(arrays.shifts["end_place"][0]) if position == count else after
    to_s, on_s = int(arrays.travel_s[0, start, job]), int(arrays.travel_s[0, job, end])
    return bool(fits_time(arrays, state, 0, before, job, after, to_s, on_s))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_job_fits_exactly_where_a_timetable_is_found(seed: int) -> None:
    """Yes means there is a timetable; with one break at most no means that there is none, but by leaving late."""
    rng = random.Random(seed)
    problem = random_problem(seed, job_count=8, shift_count=1)
    arrays = build_arrays(problem)
    state = new_state(arrays, 1)
    order: list[int] = []

    for job in rng.sample(range(8), min(8, int(arrays.shifts["max_visits"][0]))):
        for position in range(len(order) + 1):
            grown = inserted(order, job, position)
            found = find_timetable(problem, 0, grown)
            says = _fits(arrays, state, job, position)
            assert not says or found is not None
            if found is not None and len(problem.breaks[0]) <= 1:
                is_late_start = any(found.start_s > slot.latest_s for slot in problem.breaks[0])
                assert says or is_late_start
        if fitting := [n for n in range(len(order) + 1) if _fits(arrays, state, job, n)]:
            position = rng.choice(fitting)
            insert(arrays, state, job, 0, position)
            order.insert(position, job)


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_job_that_lasts_longer_than_a_route_can_spare_fits_nowhere_on_it(seed: int) -> None:
    """Where no way is shorter by a detour, what a route can spare is an upper bound."""
    rng = random.Random(seed)
    strange = random_problem(seed, job_count=8, shift_count=1)
    places = np.array([(rng.randrange(40), rng.randrange(40)) for _ in places_of(strange.jobs, strange.shifts)])
    minutes = np.abs(places[:, None] - places[None]).sum(axis=2).astype(float)
    problem = build_problem(strange.jobs, strange.shifts, matrix_of(minutes))
    arrays = build_arrays(problem)
    state = new_state(arrays, 1)

    for job in rng.sample(range(8), min(8, int(arrays.shifts["max_visits"][0]))):
        fitting = [place for place in range(int(state.routes["count"][0]) + 1) if _fits(arrays, state, job, place)]
        assert not fitting or problem.jobs[job].service_s <= spare_s(arrays, state, 0)
        if fitting:
            insert(arrays, state, job, 0, rng.choice(fitting))


def _known_s(state: State) -> dict[int, int]:
    """Return what is known of each route's time to spare."""
    return {route: int(spare) for route, spare in enumerate(state.routes["spare_s"]) if spare != UNKNOWN_S}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_a_route_can_spare_is_known_only_as_it_is(seed: int) -> None:
    """However visits come, go, and are taken back, the time to spare that is remembered is that of the route."""
    rng = random.Random(seed)
    problem = random_problem(seed, job_count=12, shift_count=3)
    arrays = build_arrays(problem)
    state = new_state(arrays, seed)
    construct(arrays, state)

    for _ in range(20):
        for route in rng.sample(range(3), rng.randint(0, 3)):
            spare_s(arrays, state, route)
        list_absent(state)
        ruin(arrays, state)
        for route in rng.sample(range(3), rng.randint(0, 3)):
            spare_s(arrays, state, route)
        recreate(arrays, state, is_first=False, most=ANYTHING)
        if rng.random() < 0.5:
            go_back(arrays, state)
        note_absent(state)
        settle(state)
        known_s = _known_s(state)
        state.routes["spare_s"] = UNKNOWN_S
        assert known_s == {route: spare_s(arrays, state, route) for route in known_s}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(0.0, 1.0))
def test_a_step_that_is_given_up_would_cost_too_much_and_is_taken_back(seed: int, share: float) -> None:
    """What comes to its end costs no more than it may; what does not leaves the plan as it was."""
    problem = random_problem(seed, job_count=12, shift_count=3)
    arrays = build_arrays(problem)._replace(thorough_share=share)
    state = new_state(arrays, seed)
    construct(arrays, state)

    for number in range(20):
        before = [part.copy() for part in (state.costs[:1], state.orders, state.loads, state.routes["count"])]
        most = int(before[0][0]) - number * 50 + 300
        list_absent(state)
        ruin(arrays, state)
        if recreate(arrays, state, is_first=False, most=most):
            assert state.costs[CURRENT] <= most
            note_absent(state)
            settle(state)
            continue
        go_back(arrays, state)
        state.costs[CURRENT] = before[0][0]
        settle(state)
        counts = state.routes["count"]
        assert (counts == before[3]).all()
        assert (state.loads == before[2]).all()
        assert all(
            (state.orders[route, :count] == before[1][route, :count]).all() for route, count in enumerate(counts)
        )
        plan = {route: state.orders[route, :count].tolist() for route, count in enumerate(counts) if count}
        assert evaluate(problem, named(problem, plan)).cost == state.costs[CURRENT]


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from((0.0, 1.0)))
def test_what_the_kernel_plans_is_judged_as_it_says(seed: int, share: float) -> None:
    """Every plan better than those before breaks no rule and costs what the kernel says, wherever it looks."""
    problem = random_problem(seed, job_count=12, shift_count=3)
    told: list[tuple[int, dict[int, list[int]]]] = []

    cost, orders = improve(
        build_arrays(problem)._replace(thorough_share=share),
        {},
        seed=seed,
        effort=Effort(iterations=200),
        on_better=lambda cost, orders: told.append((cost, orders)),
    )

    for claimed, plan in [*told, (cost, orders)]:
        judged = evaluate(problem, named(problem, plan))
        assert judged.cost == claimed
        assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), to_share=st.sampled_from((0.3, 0.9, 1.0)))
def test_a_search_that_was_lenient_tells_what_plans_cost_at_full_penalties(seed: int, to_share: float) -> None:
    """Also of the plan from which it would go on, and wherever it ends; what it tells of gets better each time."""
    problem = random_problem(seed, job_count=30, shift_count=3)
    told: list[tuple[int, dict[int, list[int]]]] = []
    best = Best(lambda cost, orders: told.append((cost, orders)))
    search = Search(build_arrays(problem), {}, seed=seed, best=best, should_stop=never)

    search.run(Effort(iterations=400, to_share=to_share))

    found = (search.cost, search.orders())
    for claimed, plan in [*told, found, (search.cost_in_hand, search.orders_in_hand())]:
        assert evaluate(problem, named(problem, plan)).cost == claimed
    assert told[-1] == found
    costs = [cost for cost, _ in told]
    assert costs == sorted(set(costs), reverse=True)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), leg_cost=st.floats(0.0, 10**4))
def test_penalties_grow_to_what_they_are_and_the_dearer_job_stays_the_dearer(seed: int, leg_cost: float) -> None:
    """None is more than it is, nor nothing where somebody may do it; all are in full where the first plan has all.

    Small ones stay as they are, and keep no other from shrinking.
    """
    arrays = build_arrays(random_problem(seed, job_count=30, shift_count=3))
    for field in ("penalty", "at_stake"):
        arrays.jobs[field][2:] *= 1_000
    state = new_state(arrays, seed)
    construct(arrays, state)
    leniency = Leniency(arrays)
    leniency.begin(state, leg_cost)

    factors = [leniency.factor_at(number / 20) for number in range(21)]
    leniency.set_factor(state, factors[0])

    assert factors == sorted(factors)
    assert factors[16:] == [1.0] * 5
    absent = state.absent[: state.numbers[ABSENT]]
    assert (factors[0] < 1.0) == bool(arrays.jobs["at_stake"][absent].any())
    full, lenient = arrays.jobs["penalty"], leniency.arrays.jobs["penalty"]
    assert (lenient <= full).all()
    doable = lenient[arrays.jobs["at_stake"] > 0]
    assert (doable >= 1).all()
    by_worth = np.argsort(full[arrays.jobs["at_stake"] > 0], kind="stable")
    assert (np.diff(doable[by_worth]) >= 0).all()


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_walk_along_any_order_tells_what_the_evaluator_says_its_times_cost(seed: int) -> None:
    """An order can be kept in time exactly when there is a timetable, and its price is that of this timetable."""
    rng = random.Random(seed)
    problem = rich_problem(seed, job_count=5, shift_count=2)
    arrays = build_arrays(problem)
    state = new_state(arrays, 1)

    for shift in range(2):
        order = rng.sample(range(5), rng.randint(1, min(5, int(arrays.shifts["max_visits"].max()))))
        state.trial[: len(order)] = order
        says = price_times(arrays, state, shift, len(order))
        found = find_timetable(problem, shift, order)
        if found is None or over_driving_s(problem, shift, found):
            assert says == BROKEN
        else:
            cost = route_cost(problem, shift, order, found)
            assert says == cost.traffic + cost.overtime + cost.waiting + cost.late + cost.balance


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_the_kernel_plans_of_a_day_with_everything_in_it_is_judged_as_it_says(seed: int) -> None:
    """Every plan better than those before breaks no rule and costs what the kernel says, whatever the day asks for."""
    problem = rich_problem(seed, job_count=10, shift_count=3)
    assume(kernel_states(problem))
    settled = {shift: prefix for shift, prefix in enumerate(problem.prefixes) if prefix}
    told: list[tuple[int, dict[int, list[int]]]] = []

    cost, orders = improve(
        build_arrays(problem),
        settled,
        seed=seed,
        effort=Effort(iterations=100),
        on_better=lambda cost, orders: told.append((cost, orders)),
    )

    for claimed, plan in [*told, (cost, orders)]:
        judged = evaluate(problem, named(problem, plan))
        assert judged.cost == claimed
        assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}


def _alike(seed: int) -> Problem:
    """Return a day of workers that differ by name alone."""
    rng, strange = random.Random(seed), random_problem(seed, job_count=14, shift_count=1)
    shifts = [replace(strange.shifts[0], worker_id=WorkerId(f"w{number}")) for number in range(3)]
    jobs = [replace(job, worker_ids=frozenset(), forbidden_worker_ids=frozenset()) for job in strange.jobs]
    count = len(places_of(jobs, shifts))
    minutes = np.array([[rng.uniform(1, 40) for _ in range(count)] for _ in range(count)])
    minutes[rng.randrange(count), rng.randrange(count)] = np.nan
    np.fill_diagonal(minutes, 0.0)
    return build_problem(jobs, shifts, matrix_of(minutes))


def test_exchanged_tails_keep_every_rule_and_cost_what_is_said() -> None:
    """On 60 random days of equal shifts each of more than a hundred exchanges is judged as the kernel says."""
    exchanged = 0
    for seed in range(60):
        problem = _alike(seed)
        arrays = build_arrays(problem)
        state = new_state(arrays, seed)
        construct(arrays, state)

        for _ in range(30):
            if swap_tails(arrays, state, 1e9):
                exchanged += 1
                settle(state)
                counts = state.routes["count"]
                plan = {route: state.orders[route, : counts[route]].tolist() for route in np.flatnonzero(counts)}
                judged = evaluate(problem, named(problem, plan))
                assert judged.cost == state.costs[CURRENT]
                assert {broken.kind for broken in judged.violations} <= {ViolationKind.REQUIRED}

    assert exchanged > 100
