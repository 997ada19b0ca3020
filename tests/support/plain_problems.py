"""A plain day as the planner's own problem, through its own door."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift, ShiftBreak
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan, TimeWindow
from support.plain_days import Crew, Orders, PlainDay, Stop

_MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
_METRES_PER_S = 8.0


def problem_of(day: PlainDay) -> Problem:
    """Return the problem; its cost of travel is the travel seconds."""
    jobs, shifts, matrix = planned(day)
    return build_problem(jobs, shifts, matrix)


def planned(day: PlainDay) -> tuple[list[Job], list[Shift], TravelMatrix]:
    """Return what `build_problem` is given."""
    places = [Position(lon, lat) for lon, lat in day.lon_lats]
    jobs = [_job(number, stop, places[number], is_due=day.is_all_due) for number, stop in enumerate(day.stops)]
    shifts = [_shift(number, crew, places[crew.start]) for number, crew in enumerate(day.crews)]
    place_of = {place: number for number, place in enumerate(places) if number >= len(jobs)}
    depots = [place_of[place] for place in places_of(jobs, shifts)[len(jobs) :]]
    rows = [*range(len(jobs)), *depots]
    durations_s = day.durations_s[np.ix_(rows, rows)].astype(np.float64)
    return (
        jobs,
        shifts,
        TravelMatrix(durations_s=durations_s, distances_m=durations_s * _METRES_PER_S, is_estimate=True),
    )


def orders_by_id(orders: Orders) -> dict[WorkerId, list[JobId]]:
    """Return orders by the ids that `planned` gives."""
    return {_worker_id(number): [_job_id(index) for index in order] for number, order in orders.items() if order}


def orders_by_number(orders: Mapping[WorkerId, Sequence[JobId]]) -> dict[int, list[int]]:
    """Return orders by numbers: the inverse of `orders_by_id`."""
    return {int(worker_id[1:]): [int(job_id[1:]) for job_id in order] for worker_id, order in orders.items()}


def _job_id(number: int) -> JobId:
    return JobId(f"j{number}")


def _worker_id(number: int) -> WorkerId:
    return WorkerId(f"w{number}")


def _job(number: int, stop: Stop, place: Position, *, is_due: bool) -> Job:
    return Job(
        id=_job_id(number),
        position=place,
        service_s=stop.service_s,
        windows=tuple(_window(earliest_s, latest_s) for earliest_s, latest_s in stop.windows),
        skills=frozenset(stop.skills),
        priority=stop.priority,
        required=is_due,
        amounts=(stop.amount,) if stop.amount else (),
    )


def _shift(number: int, crew: Crew, place: Position) -> Shift:
    return Shift(
        worker_id=_worker_id(number),
        span=TimeSpan(start_at=_at(crew.span_s[0]), end_at=_at(crew.span_s[1])),
        start=place,
        end=place,
        breaks=() if crew.rest is None else (ShiftBreak(duration_s=crew.rest[0], window=_window(*crew.rest[1:])),),
        skills=frozenset(crew.skills),
        capacity=() if crew.capacity is None else (crew.capacity,),
    )


def _window(earliest_s: int, latest_s: int) -> TimeWindow:
    return TimeWindow(earliest_at=_at(earliest_s), latest_at=_at(latest_s))


def _at(seconds: int) -> datetime:
    return _MIDNIGHT + timedelta(seconds=seconds)
