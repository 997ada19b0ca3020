"""Random days with every constraint the planner knows, small enough to think about."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift, ShiftBreak
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan, TimeWindow

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return the moment `minutes` after midnight."""
    return MIDNIGHT + timedelta(minutes=minutes)


def window(earliest_min: float, latest_min: float) -> TimeWindow:
    """Return a window in minutes after midnight."""
    return TimeWindow(earliest_at=at(earliest_min), latest_at=at(latest_min))


def place(number: int) -> Position:
    """Return one of many distinct positions."""
    return Position(number * 0.001, 0.0)


def matrix_of(minutes: list[list[float]] | np.ndarray, *, metres_per_minute: float = 500.0) -> TravelMatrix:
    """Return a travel matrix from minutes; NaN is no path."""
    table = np.array(minutes, dtype=np.float64)
    return TravelMatrix(durations_s=table * 60.0, distances_m=table * metres_per_minute, is_estimate=False)


@dataclass(frozen=True)
class Line:
    """Places on a line, a minute of travel between neighbours; a problem on it can be solved by hand."""

    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]

    def problem(self) -> Problem:
        """Return the problem; place k is k minutes east of place 0."""
        places = places_of(self.jobs, self.shifts)
        east = np.array([round(position.lon / 0.001) for position in places])
        return build_problem(self.jobs, self.shifts, matrix_of(np.abs(east[:, None] - east[None, :])))


def job_at(name: str, east_min: int, *windows: tuple[float, float], service_min: float = 0, **facts: Any) -> Job:  # noqa: ANN401 — the facts of a Job
    """Return a job `east_min` minutes east on a `Line`, with windows in minutes after midnight."""
    return Job(
        id=JobId(name),
        position=place(east_min),
        service_s=round(service_min * 60),
        windows=tuple(window(*ends) for ends in windows),
        **facts,
    )


def shift_at(
    span: tuple[float, float] = (540, 1020),
    *breaks: tuple[float, float, float],
    worker: str = "w",
    end: int | None = 0,
    **facts: Any,  # noqa: ANN401 — the facts of a Shift
) -> Shift:
    """Return a shift from place 0 to `end` on a `Line`; breaks are (minutes, earliest, latest)."""
    return Shift(
        worker_id=WorkerId(worker),
        span=TimeSpan(start_at=at(span[0]), end_at=at(span[1])),
        start=place(0),
        end=None if end is None else place(end),
        breaks=tuple(
            ShiftBreak(duration_s=round(60 * minutes), window=window(earliest, latest))
            for minutes, earliest, latest in breaks
        ),
        **facts,
    )


def random_problem(seed: int, *, job_count: int, shift_count: int) -> Problem:
    """Return a day with an asymmetric matrix and every constraint present by chance."""
    rng = random.Random(seed)
    jobs = tuple(_random_job(rng, number, shift_count) for number in range(job_count))
    shifts = tuple(_random_shift(rng, number, job_count) for number in range(shift_count))
    count = len(places_of(jobs, shifts))
    points = np.array([(rng.uniform(0, 60), rng.uniform(0, 60)) for _ in range(count)])
    minutes = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1))
    skew = np.array([[rng.uniform(0.8, 1.3) for _ in range(count)] for _ in range(count)])
    minutes = minutes * skew
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        minutes[rng.randrange(count), rng.randrange(count)] = np.nan
    np.fill_diagonal(minutes, 0.0)
    return build_problem(jobs, shifts, matrix_of(minutes))


def _random_job(rng: random.Random, number: int, shift_count: int) -> Job:
    starts = sorted(rng.sample(range(8 * 60, 18 * 60, 30), 2))
    windows = [window(start, start + rng.choice([0, 30, 60, 120])) for start in starts]
    penalty = rng.choice([None, None, None, rng.randrange(500, 9000)])
    return Job(
        id=JobId(f"j{number}"),
        position=place(number),
        service_s=60 * rng.choice([0, 10, 15, 30, 45, 60]),
        windows=tuple(windows[: rng.choice([0, 1, 1, 2])]),
        skills=frozenset(rng.sample(["gas", "power"], rng.choice([0, 0, 1]))),
        priority=rng.choice([0, 0, 10, 100]),
        penalty=penalty,
        required=penalty is None and rng.random() < 0.1,
        worker_ids=frozenset({WorkerId(f"w{rng.randrange(shift_count)}")} if rng.random() < 0.1 else ()),
        forbidden_worker_ids=frozenset({WorkerId(f"w{rng.randrange(shift_count)}")} if rng.random() < 0.1 else ()),
        amounts=tuple(rng.choice([(), (1,), (2, 1), (3,)])),
    )


def _random_shift(rng: random.Random, number: int, job_count: int) -> Shift:
    start = rng.choice([8 * 60, 9 * 60, 10 * 60])
    breaks = []
    if rng.random() < 0.7:
        opens = rng.choice([11 * 60, 12 * 60])
        breaks.append(ShiftBreak(duration_s=60 * rng.choice([30, 60]), window=window(opens, opens + 90)))
        if rng.random() < 0.2:
            breaks.append(ShiftBreak(duration_s=900, window=window(15 * 60, 16 * 60)))
    depot = place(job_count + 2 * number)
    return Shift(
        worker_id=WorkerId(f"w{number}"),
        span=TimeSpan(start_at=at(start), end_at=at(start + rng.choice([180, 300, 480, 540]))),
        start=depot,
        end=rng.choice([depot, place(job_count + 2 * number + 1), None]),
        breaks=tuple(breaks),
        skills=frozenset(rng.choice([(), ("gas",), ("gas", "power")])),
        max_visits=rng.choice([None, None, 2, 4]),
        max_driving_s=rng.choice([None, None, 60 * 60, 120 * 60]),
        capacity=tuple(rng.choice([(), (3,), (6, 2)])),
        cost_fixed=rng.choice([0.0, 0.0, 1800.0]),
        cost_per_hour=rng.choice([3600.0, 3600.0, 5000.0]),
        cost_per_km=rng.choice([0.0, 0.0, 120.0]),
    )
