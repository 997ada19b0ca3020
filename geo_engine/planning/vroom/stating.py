"""A statement in our own terms: its tasks are jobs, its vehicles shifts, its priorities penalties.

VROOM counts seconds from a moment that only its user knows; here it is 1970. Positions are made up, one for each
place: the problem only asks whether two are the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift, ShiftBreak
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import PlanRules, Relation, RelationKind
from geo_engine.planning.vroom.document import Break, UnusableField, path_of
from geo_engine.planning.vroom.limits import durations_s
from geo_engine.planning.vroom.statement import StatedTask, StatedVehicle, Statement, sorted_windows
from geo_engine.planning.vroom.travel import Travel, Travels
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan, TimeWindow
from geo_engine.words import Message

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(seconds: int) -> datetime:
    """Return the moment that a number of VROOM's stands for."""
    return _EPOCH + timedelta(seconds=seconds)


def seconds_at(moment: datetime) -> int:
    """Return the number of VROOM's that stands for a moment: the inverse of `at`."""
    return round((moment - _EPOCH).total_seconds())


def state_problem(statement: Statement, travels: Travels) -> Problem:
    """Return the problem a statement is.

    Task and vehicle number n are the job and the worker called n.

    Raises
    ------
    UnusableField
        When a vehicle's breaks cannot all be taken in its time.

    Notes
    -----
    Without a time window a vehicle works from so early to so late that everything can be done before the first window
    of all, and after the last.
    """
    horizon = _horizon(statement, travels)
    jobs = [_job(number, task, statement) for number, task in enumerate(statement.tasks)]
    shifts = [_shift(number, one, statement, horizon) for number, one in enumerate(statement.vehicles)]
    places = [_place_at(position) for position in places_of(jobs, shifts)]
    by_mode = {profile: _matrix(travel, places) for profile, travel in travels.by_profile.items()}
    rules = PlanRules(relations=_relations(statement))
    return _by_priority_first(build_problem(jobs, shifts, by_mode, rules))


def task_seconds(task: StatedTask, statement: Statement) -> tuple[int, int]:
    """Return how long set-up and service of a task take: the same for every vehicle there is."""
    types = {vehicle.stated.type for vehicle in statement.vehicles}
    (setup_s,), (service_s,) = durations_s(task.stated, "setup", types), durations_s(task.stated, "service", types)
    return setup_s, service_s


def break_window(rest: Break, span: tuple[int, int]) -> tuple[int, int]:
    """Return when a break may begin; at any time of the route unless it says so."""
    windows = sorted_windows("", rest.time_windows)
    return windows[0] if windows else span


def _horizon(statement: Statement, travels: Travels) -> tuple[int, int]:
    slowest = min(vehicle.stated.speed_factor for vehicle in statement.vehicles)
    farthest_s = max(float(np.nan_to_num(one.durations_s).max(initial=0)) for one in travels.by_profile.values())
    all_s = (len(statement.tasks) + 1) * (int(farthest_s / slowest) + 1)
    all_s += sum(sum(task_seconds(task, statement)) for task in statement.tasks)
    all_s += sum(rest.service for vehicle in statement.vehicles for rest in vehicle.breaks)
    windows = [window for task in statement.tasks for window in task.windows]
    for vehicle in statement.vehicles:
        windows += [vehicle.window] if vehicle.window else []
        windows += [window for rest in vehicle.breaks for window in sorted_windows("", rest.time_windows)]
    first_s, last_s = min((one[0] for one in windows), default=0), max((one[1] for one in windows), default=0)
    return max(0, first_s - all_s), last_s + all_s


def _job(number: int, task: StatedTask, statement: Statement) -> Job:
    setup_s, service_s = task_seconds(task, statement)
    return Job(
        id=JobId(str(number)),
        position=_position(task.place),
        setup_s=setup_s,
        service_s=service_s,
        windows=tuple(TimeWindow(earliest_at=at(first_s), latest_at=at(last_s)) for first_s, last_s in task.windows),
        skills=task.skills,
        priority=task.priority,
        amounts=task.pickup if task.kind == "pickup" else task.delivery if task.kind == "job" else (),
        pickup_amounts=task.pickup if task.kind == "job" else (),
    )


def _relations(statement: Statement) -> tuple[Relation, ...]:
    """Bind each pickup to its delivery, which follows it."""
    return tuple(
        Relation(kind=RelationKind.SHIPMENT, first_id=JobId(str(number)), second_id=JobId(str(number + 1)))
        for number, task in enumerate(statement.tasks)
        if task.kind == "pickup"
    )


def _shift(number: int, vehicle: StatedVehicle, statement: Statement, horizon: tuple[int, int]) -> Shift:
    stated, span = vehicle.stated, vehicle.window or horizon
    if span[0] == span[1]:
        raise UnusableField(f"{vehicle.path}.time_window", Message("it must last longer than a moment"))
    _require_breaks_fit(vehicle, span)
    rests_s = sum(rest.service for rest in vehicle.breaks)
    return Shift(
        worker_id=WorkerId(str(number)),
        span=TimeSpan(start_at=at(span[0]), end_at=at(span[1])),
        start=_position(_nowhere(statement) if vehicle.start is None else vehicle.start),
        end=None if vehicle.end is None else _position(vehicle.end),
        mode=stated.profile,
        speed_factor=stated.speed_factor,
        breaks=tuple(_break(rest, span) for rest in vehicle.breaks),
        skills=frozenset(map(str, stated.skills)),
        max_visits=stated.max_tasks,
        max_driving_s=stated.max_travel_time,
        max_distance_m=stated.max_distance,
        capacity=stated.capacity,
        cost_fixed=stated.costs.fixed + stated.costs.per_task_hour * rests_s / 3600,  # VROOM pays for breaks as well
        cost_per_hour=stated.costs.per_hour,
        cost_per_km=stated.costs.per_km,
        cost_per_service_hour=stated.costs.per_task_hour,
    )


def _break(rest: Break, span: tuple[int, int]) -> ShiftBreak:
    first_s, last_s = break_window(rest, span)
    return ShiftBreak(
        duration_s=rest.service,
        window=TimeWindow(earliest_at=at(first_s), latest_at=at(last_s)),
        is_always_taken=True,
    )


def _require_breaks_fit(vehicle: StatedVehicle, span: tuple[int, int]) -> None:
    """Refuse breaks that cannot be taken one after the other in VROOM's order, with nothing else to do."""
    now_s = span[0]
    for rest in vehicle.breaks:
        first_s, last_s = break_window(rest, span)
        now_s = max(now_s, first_s)
        if now_s > last_s or now_s + rest.service > span[1]:
            number = vehicle.stated.breaks.index(rest)
            raise UnusableField(
                f"{vehicle.path}.{path_of('breaks', number)}", Message("it cannot be taken in the vehicle's time")
            )
        now_s += rest.service


def _nowhere(statement: Statement) -> int:
    """Return the place from which every place is reached at once: the start of who starts with a task."""
    return statement.place_count


def _matrix(travel: Travel, places: Sequence[int]) -> TravelMatrix:
    chosen = np.ix_(places, places)
    return TravelMatrix(
        durations_s=_with_nowhere(travel.durations_s)[chosen],
        distances_m=_with_nowhere(travel.distances_m)[chosen],
        is_estimate=False,
    )


def _with_nowhere(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.pad(matrix, (0, 1))


_LON_STEPS = 3_600


def _position(place: int) -> Position:
    return Position((place % _LON_STEPS) / 10 - 180, place // _LON_STEPS / 1_000 - 90)


def _place_at(position: Position) -> int:
    return round((position.lat + 90) * 1_000) * _LON_STEPS + round((position.lon + 180) * 10)


def _by_priority_first(problem: Problem) -> Problem:
    """Price what is left out as VROOM does: the sum of priorities first, then the count, then the cost of routes."""
    if not any(job.priority for job in problem.jobs):
        return problem
    first = problem.jobs[0]
    dearest = problem.penalties[0] // (1 + first.priority)
    weight = len(problem.jobs) + 1
    return replace(problem, penalties=tuple(dearest * (1 + weight * job.priority) for job in problem.jobs))
