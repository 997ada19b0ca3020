"""What is to be planned, in integers: seconds since an origin, metres, and cost per leg.

Rounding happens here and nowhere else: travel seconds up, metres and costs to the nearest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.planning.model import MAX_PRIORITY, Job, Shift, ShiftBreak
from geo_engine.roads import TravelMatrix
from geo_engine.words import Message

NO_PATH = -1
DEFAULT_MODE = "car"
ALWAYS = (0, 10**9)
_NO_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakSlot:
    """A break in seconds since the problem's origin; it begins in ``[earliest_s, latest_s]``.

    One that `is_always_taken` is never void; its window ends early enough for it to be over by the shift's end.
    """

    duration_s: int
    earliest_s: int
    latest_s: int
    is_always_taken: bool = False


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A day to be planned; immutable.

    Parameters
    ----------
    origin_at
        UTC; every integer time counts seconds from it.
    durations_s, distances_m
        Per travel class, integer arrays of shape (n, n): travel from row to column; `NO_PATH` where there is none.
        Places are the jobs in their order, then what `start_places` and `end_places` name.
    travel_class
        Per shift, its travel class: shifts of one mode and speed share one. `travel_s` and `travel_m` look it up.
    start_places, end_places
        The place of each shift's start and end; an end of None is open.
    windows
        Per job, ``(earliest_s, latest_s)`` in order, merged where they touch; never empty.
    spans
        Per shift, ``(start_s, end_s)``; a route may end exactly at `end_s`.
    breaks
        Per shift, by the end of their windows; breaks whose window closes before the shift are left out.
    penalties
        Per job, what leaving it out costs.
    """

    origin_at: datetime
    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]
    durations_s: tuple[NDArray[np.int64], ...]
    distances_m: tuple[NDArray[np.int64], ...]
    travel_class: tuple[int, ...]
    start_places: tuple[int, ...]
    end_places: tuple[int | None, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    spans: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[BreakSlot, ...], ...]
    penalties: tuple[int, ...]

    def travel_s(self, shift_index: int) -> NDArray[np.int64]:
        """Return the seconds a shift's worker takes from each place to each, shape (n, n)."""
        return self.durations_s[self.travel_class[shift_index]]

    def travel_m(self, shift_index: int) -> NDArray[np.int64]:
        """Return the metres a shift's worker goes from each place to each, shape (n, n)."""
        return self.distances_m[self.travel_class[shift_index]]

    @property
    def place_count(self) -> int:
        """How many places there are: what n is in every shape here."""
        return len(self.durations_s[0])

    @cached_property
    def allowed(self) -> tuple[frozenset[int], ...]:
        """Per job, the shifts that have its skills and may do it."""
        return tuple(
            frozenset(index for index, shift in enumerate(self.shifts) if may_do(shift, job)) for job in self.jobs
        )

    @cached_property
    def fixed_costs(self) -> tuple[int, ...]:
        """Per shift, the cost of using it at all."""
        return tuple(round(shift.cost_fixed) for shift in self.shifts)

    @cached_property
    def leg_costs(self) -> tuple[NDArray[np.int64], ...]:
        """Per shift, the cost of each leg, shape (n, n); shifts with equal prices share one array."""
        by_rate: dict[tuple[int, float, float], NDArray[np.int64]] = {}
        for index, rate in enumerate(self._rates()):
            if rate not in by_rate:
                by_rate[rate] = _leg_costs(self.travel_s(index), self.travel_m(index), *rate[1:])
        return tuple(by_rate[rate] for rate in self._rates())

    def _rates(self) -> list[tuple[int, float, float]]:
        return [
            (travel_class, shift.cost_per_hour, shift.cost_per_km)
            for travel_class, shift in zip(self.travel_class, self.shifts, strict=True)
        ]

    def moment(self, seconds: int) -> datetime:
        """Return the UTC moment of an integer time."""
        return self.origin_at + timedelta(seconds=seconds)


def may_do(shift: Shift, job: Job) -> bool:
    """Return whether the shift's worker has the job's skills and is allowed on it."""
    if job.worker_ids and shift.worker_id not in job.worker_ids:
        return False
    return shift.worker_id not in job.forbidden_worker_ids and job.skills <= shift.skills


def places_of(jobs: Sequence[Job], shifts: Sequence[Shift]) -> list[Position]:
    """Return every place a matrix is needed for, in the order `build_problem` expects: jobs, then depots once each."""
    depots = dict.fromkeys(place for shift in shifts for place in (shift.start, shift.end) if place is not None)
    return [job.position for job in jobs] + list(depots)


def build_problem(
    jobs: Sequence[Job], shifts: Sequence[Shift], matrix: TravelMatrix | Mapping[str, TravelMatrix]
) -> Problem:
    """Return the problem of doing `jobs` in `shifts`.

    Parameters
    ----------
    matrix
        Travel between ``places_of(jobs, shifts)``, in that order: by mode, or of the default mode alone.

    Raises
    ------
    InvalidInput
        When ids repeat, a break is longer than its shift, a number is out of its range, or there is no matrix
        for a shift's mode.

    Notes
    -----
    O(n²) for each travel class.
    """
    _validate(jobs, shifts)
    origin_at = min((shift.span.start_at for shift in shifts), default=_NO_ORIGIN)
    places = {place: len(jobs) + index for index, place in enumerate(places_of(jobs, shifts)[len(jobs) :])}
    matrices = matrix if isinstance(matrix, Mapping) else {DEFAULT_MODE: matrix}
    classes = list(dict.fromkeys((shift.mode, shift.speed_factor) for shift in shifts))
    travel = [_integers(_matrix_of(mode, matrices), speed_factor) for mode, speed_factor in classes]
    draft = Problem(
        origin_at=origin_at,
        jobs=tuple(jobs),
        shifts=tuple(shifts),
        durations_s=tuple(durations_s for durations_s, _ in travel),
        distances_m=tuple(distances_m for _, distances_m in travel),
        travel_class=tuple(classes.index((shift.mode, shift.speed_factor)) for shift in shifts),
        start_places=tuple(places[shift.start] for shift in shifts),
        end_places=tuple(None if shift.end is None else places[shift.end] for shift in shifts),
        windows=tuple(_windows_s(job, origin_at) for job in jobs),
        spans=tuple((_s(shift.span.start_at, origin_at), _s(shift.span.end_at, origin_at)) for shift in shifts),
        breaks=tuple(_breaks_s(shift, origin_at) for shift in shifts),
        penalties=(),
    )
    return replace(draft, penalties=_penalties(draft))


def _s(moment: datetime, origin_at: datetime) -> int:
    return round((moment - origin_at).total_seconds())


def _matrix_of(mode: str, matrices: Mapping[str, TravelMatrix]) -> TravelMatrix:
    if mode not in matrices:
        raise InvalidInput(Message("There are no travel times for the travel mode {mode}.", {"mode": mode}))
    return matrices[mode]


def _integers(matrix: TravelMatrix, speed_factor: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    no_path = np.isnan(matrix.durations_s) | np.isnan(matrix.distances_m)
    exact_s = np.nan_to_num(matrix.durations_s)
    if speed_factor != 1.0:
        exact_s = np.round(exact_s / speed_factor, 6)  # 66 s at 1.1 are 60 s, not a hair more
    durations_s = np.where(no_path, NO_PATH, np.ceil(exact_s)).astype(np.int64)
    distances_m = np.where(no_path, NO_PATH, np.rint(np.nan_to_num(matrix.distances_m))).astype(np.int64)
    return durations_s, distances_m


def _leg_costs(
    durations_s: NDArray[np.int64], distances_m: NDArray[np.int64], per_hour: float, per_km: float
) -> NDArray[np.int64]:
    costs = np.rint(durations_s * per_hour / 3600.0 + distances_m * per_km / 1000.0).astype(np.int64)
    costs[durations_s == NO_PATH] = 0
    return costs


def _windows_s(job: Job, origin_at: datetime) -> tuple[tuple[int, int], ...]:
    if not job.windows:
        return (ALWAYS,)
    merged: list[tuple[int, int]] = []
    for window in sorted(job.windows, key=lambda window: window.earliest_at):
        earliest_s, latest_s = _s(window.earliest_at, origin_at), _s(window.latest_at, origin_at)
        if merged and earliest_s <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], latest_s))
        else:
            merged.append((earliest_s, latest_s))
    return tuple(merged)


def _breaks_s(shift: Shift, origin_at: datetime) -> tuple[BreakSlot, ...]:
    opens_s, closes_s = _s(shift.span.start_at, origin_at), _s(shift.span.end_at, origin_at)
    slots = [_slot(rule, opens_s, closes_s, origin_at) for rule in shift.breaks]
    kept = [slot for slot in slots if slot.latest_s >= opens_s]
    return tuple(sorted(kept, key=lambda slot: (slot.latest_s, slot.earliest_s, slot.duration_s)))


def _slot(rule: ShiftBreak, opens_s: int, closes_s: int, origin_at: datetime) -> BreakSlot:
    earliest_s, latest_s = _s(rule.window.earliest_at, origin_at), _s(rule.window.latest_at, origin_at)
    if rule.is_always_taken:
        latest_s = min(latest_s, closes_s - rule.duration_s)
    return BreakSlot(
        duration_s=rule.duration_s,
        earliest_s=max(opens_s, earliest_s),
        latest_s=latest_s,
        is_always_taken=rule.is_always_taken,
    )


def _penalties(problem: Problem) -> tuple[int, ...]:
    """Price what is left out: by default dearer than all routes together, more so the higher the priority."""
    dearest = sum(_dearest_route(problem, index) for index in range(len(problem.shifts))) + 1
    by_default = [dearest * (1 + job.priority) for job in problem.jobs]
    priced = [
        default if job.penalty is None else job.penalty for job, default in zip(problem.jobs, by_default, strict=True)
    ]
    must = sum(priced) + dearest
    return tuple(max(price, must) if job.required else price for job, price in zip(problem.jobs, priced, strict=True))


def _dearest_route(problem: Problem, shift_index: int) -> int:
    """Bound the cost of any route of a shift: it drives no longer than the shift, over no more legs than jobs + 1."""
    shift, legs = problem.shifts[shift_index], len(problem.jobs) + 1
    span_s = problem.spans[shift_index][1] - problem.spans[shift_index][0]
    per_km = shift.cost_per_km / 1000.0 * int(problem.travel_m(shift_index).max(initial=0)) * legs
    return problem.fixed_costs[shift_index] + round(shift.cost_per_hour / 3600.0 * span_s + per_km) + legs


def _validate(jobs: Sequence[Job], shifts: Sequence[Shift]) -> None:
    _validate_unique([str(job.id) for job in jobs])
    _validate_unique([str(shift.worker_id) for shift in shifts])
    for job in jobs:
        if not 0 <= job.priority <= MAX_PRIORITY:
            raise InvalidInput(Message("Job {id}: the priority must be between 0 and 100.", {"id": job.id}))
        if job.service_s < 0 or (job.penalty or 0) < 0 or min(job.amounts, default=0) < 0:
            raise InvalidInput(
                Message("Job {id}: service time, penalty and amounts must not be negative.", {"id": job.id})
            )
    for shift in shifts:
        if any(rule.duration_s > shift.span.duration.total_seconds() for rule in shift.breaks):
            raise InvalidInput(Message("Worker {id}: a break is longer than the shift.", {"id": shift.worker_id}))
        if any(rule.is_always_taken and not _fits(rule, shift) for rule in shift.breaks):
            raise InvalidInput(
                Message("Worker {id}: a break that is always taken is outside the shift.", {"id": shift.worker_id})
            )
        if not shift.speed_factor > 0:
            raise InvalidInput(Message("Worker {id}: the speed factor must be positive.", {"id": shift.worker_id}))
        if min(shift.cost_fixed, shift.cost_per_hour, shift.cost_per_km) < 0:
            raise InvalidInput(Message("Worker {id}: costs must not be negative.", {"id": shift.worker_id}))


def _fits(rule: ShiftBreak, shift: Shift) -> bool:
    earliest_at = max(rule.window.earliest_at, shift.span.start_at)
    return earliest_at <= min(rule.window.latest_at, shift.span.end_at - timedelta(seconds=rule.duration_s))


def _validate_unique(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidInput(Message("The id {id} is given twice.", {"id": one}))
        seen.add(one)
