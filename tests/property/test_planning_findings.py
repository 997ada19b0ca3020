"""What the search finds in as many steps: on over-full days, of few visits, and where one more worker pays."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from support.problems import at, matrix_of, place, window

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import Problem, build_problem
from geo_engine.planning.search import kernel
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Effort, improve
from geo_engine.planning.search.leniency import Leniency
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan, TimeWindow


def test_over_full_days_are_planned_better_where_leaving_out_is_cheap_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve such days, each planned twice, most cost less after as many steps, and few more."""
    days = [_full_day(seed, job_count=100, shift_count=8) for seed in range(12)]

    lenient = _spent(days, iterations=8_000, times=2)
    monkeypatch.setattr(Leniency, "begin", lambda *_: None)
    strict = _spent(days, iterations=8_000, times=2)

    assert _less_on(lenient, strict) >= 8
    assert _less_on(strict, lenient) <= 3


def test_days_of_few_jobs_are_planned_better_by_beginning_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten days, each planned three times, most cost less after as many steps than by one search."""
    days = [_full_day(seed, job_count=40, shift_count=4) for seed in range(10)]

    anew = _spent(days, iterations=6_000, times=3)
    monkeypatch.setattr(kernel, "_MOST_JOBS_ANEW", 0)
    at_once = _spent(days, iterations=6_000, times=3)

    assert _less_on(anew, at_once) >= 7
    assert _less_on(at_once, anew) <= 1


def _spent(days: Sequence[Problem], *, iterations: int, times: int) -> list[int]:
    """Return what the plans of each day cost together."""
    effort = Effort(iterations=iterations)
    return [
        sum(improve(build_arrays(day), {}, seed=100 * seed, effort=effort)[0] for seed in range(times)) for day in days
    ]


def _less_on(costs: Sequence[int], others: Sequence[int]) -> int:
    """Return on how many days the first costs are less."""
    return sum(one < other for one, other in zip(costs, others, strict=True))


def _full_day(seed: int, *, job_count: int, shift_count: int) -> Problem:
    """Return a day with more to do than its workers can, all of it worth little."""
    rng = random.Random(seed)
    jobs = tuple(
        Job(
            id=JobId(f"j{number}"),
            position=place(number),
            service_s=60 * rng.choice([15, 20, 30, 45, 60]),
            windows=_two_hours(rng) if rng.random() < 1 / 3 else (),
            priority=rng.choice([0, 0, 9, 29]),
        )
        for number in range(job_count)
    )
    homes = range(job_count, job_count + shift_count)
    shifts = tuple(_shift_from(home, home - job_count) for home in homes)
    return build_problem(
        jobs, shifts, _apart(np.array([(rng.uniform(0, 40), rng.uniform(0, 40)) for _ in range(homes.stop)]))
    )


def _two_hours(rng: random.Random) -> tuple[TimeWindow]:
    opens = 60 * rng.randrange(8, 15)
    return (window(opens, opens + 120),)


def _shift_from(home: int, number: int) -> Shift:
    span = TimeSpan(start_at=at(480), end_at=at(1_020))
    return Shift(worker_id=WorkerId(f"w{number}"), span=span, start=place(home), end=place(home), cost_per_hour=3_600.0)


def _apart(points_min: NDArray[np.float64]) -> TravelMatrix:
    """Return the travel between places, shape (n, 2), along straight lines, in minutes."""
    return matrix_of(np.hypot(*(points_min[:, None] - points_min[None, :]).transpose(2, 0, 1)))


def test_each_of_two_towns_visited_by_turns_gets_a_worker_of_its_own() -> None:
    """Each visit alone costs least with who is on the way already; a second worker pays from the second visit on."""
    effort = Effort(iterations=1_000)

    plans = [improve(build_arrays(_two_towns(seed)), {}, seed=seed, effort=effort)[1] for seed in range(200)]

    assert sum(sorted(orders.values()) == [[0, 2, 4, 6], [1, 3, 5, 7]] for orders in plans) >= 198


def _two_towns(seed: int) -> Problem:
    """Return a day of visits that have to be made every half hour, here and twenty minutes away by turns."""
    rng = random.Random(seed)
    points_min = [(20 * (number % 2) + rng.uniform(0, 3), rng.uniform(0, 3)) for number in range(8)]
    jobs = tuple(
        Job(
            id=JobId(f"j{number}"),
            position=place(number),
            service_s=300,
            windows=(window(600 + 30 * number, 620 + 30 * number),),
        )
        for number in range(8)
    )
    shifts = tuple(_shift_from(8, number) for number in range(3))
    return build_problem(jobs, shifts, _apart(np.array([*points_min, (10.0, 60.0)])))
