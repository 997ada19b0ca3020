"""The benchmark's two judges: `evaluate` and the second opinion agree on any plan of a plain day."""

import random
from pathlib import Path

import numpy as np
from support.plain_checker import travel_s, wrong_with
from support.plain_days import Crew, PlainDay, Stop, load_day, save_day
from support.plain_problems import orders_by_id, orders_by_number, planned, problem_of

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.model import ViolationKind


def test_both_judges_agree_on_random_plans_and_many_of_these_keep_and_many_break_the_rules() -> None:
    """Windows, breaks, skills, capacity and shifts are judged alike, and so is travel."""
    kept = broken = 0

    for seed in range(400):
        day, orders = _random_day(seed), {}
        for stop in random.Random(seed).sample(range(len(day.stops)), 3):
            orders.setdefault(stop % 2, []).append(stop)
        judged = evaluate(problem_of(day), orders_by_id(orders))
        violations = [one for one in judged.violations if one.kind is not ViolationKind.REQUIRED]
        assert bool(violations) == bool(wrong_with(day, orders)), seed
        assert judged.travel_s == judged.cost_travel == travel_s(day, orders)
        kept, broken = kept + (not violations), broken + bool(violations)

    assert kept > 40
    assert broken > 40


def test_a_plan_that_visits_a_stop_twice_or_leaves_out_one_that_is_due_is_wrong() -> None:
    """What no single route shows is judged as well."""
    stops = (Stop(service_s=0), Stop(service_s=0))
    day = PlainDay(
        name="two",
        lon_lats=((0.0, 0.0), (0.001, 0.0), (0.002, 0.0)),
        durations_s=np.zeros((3, 3), dtype=np.int64),
        stops=stops,
        crews=(Crew(start=2, span_s=(0, 100)),),
        is_all_due=True,
    )

    assert wrong_with(day, {0: [0, 1]}) == []
    assert wrong_with(day, {0: [0, 1, 0]}) == ["stop 0 is visited 2 times"]
    assert wrong_with(day, {0: [1]}) == ["1 stops are left out"]


def test_the_planner_is_given_the_very_integers(tmp_path: Path) -> None:
    """Scaled distances come through files and `build_problem` as they were: rounding changes none."""
    day = _random_day(3)
    save_day(day, tmp_path / "day.npz")

    read = load_day(tmp_path / "day.npz")
    problem = problem_of(read)

    assert read.digest() == day.digest()
    assert (problem_of(day).leg_costs[0] == problem.leg_costs[0]).all()
    assert (planned(day)[2].durations_s == day.durations_s).all()
    assert (problem.leg_costs[0] == day.durations_s).all()
    assert orders_by_number(orders_by_id({1: [4, 2]})) == {1: [4, 2]}


def _random_day(seed: int) -> PlainDay:
    chance = random.Random(seed)
    places = [(0.001 * number, chance.uniform(0, 0.1)) for number in range(8)]
    durations_s = np.array([[chance.randrange(100, 2_000) for _ in places] for _ in places])
    np.fill_diagonal(durations_s, 0)
    return PlainDay(
        name=f"random {seed}",
        lon_lats=tuple(places),
        durations_s=durations_s,
        stops=tuple(_random_stop(chance) for _ in range(6)),
        crews=tuple(
            Crew(
                start=start,
                span_s=(chance.choice([0, 3_000, 9_000]), chance.choice([12_000, 20_000])),
                rest=chance.choice([None, (1_200, 5_000, 8_000), (900, 9_500, 9_900)]),
                skills=("gas",) if chance.random() < 0.8 else (),
                capacity=chance.choice([None, 5, 9]),
            )
            for start in (6, 7)
        ),
        is_all_due=False,
    )


def _random_stop(chance: random.Random) -> Stop:
    opens_s = chance.randrange(0, 12_000)
    window = (opens_s, opens_s + chance.choice([0, 1_500, 6_000]))
    return Stop(
        service_s=chance.choice([0, 600, 1_800]),
        windows=chance.choice([(), (), (window,), (window, (window[1] + 1_000, window[1] + 4_000))]),
        skills=("gas",) if chance.random() < 0.3 else (),
        amount=chance.randrange(0, 4),
    )
