"""What is to be planned, in integers: seconds since an origin, metres, and cost per leg.

Rounding happens here and nowhere else: travel seconds up, metres and costs to the nearest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.planning.model import MAX_PRIORITY, Job, Shift
from geo_engine.roads import TravelMatrix
from geo_engine.words import Message

NO_PATH = -1
ALWAYS = (0, 10**9)
_NO_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakSlot:
    """A break in seconds since the problem's origin; it begins in ``[earliest_s, latest_s]``."""

    duration_s: int
    earliest_s: int
    latest_s: int


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A day to be planned; immutable.

    Parameters
    ----------
    origin_at
        UTC; every integer time counts seconds from it.
    durations_s, distances_m
        Integer arrays of shape (n, n): travel from row to column; `NO_PATH` where there is none.
        Places are the jobs in their order, then what `start_places` and `end_places` name.
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
    durations_s: NDArray[np.int64]
    distances_m: NDArray[np.int64]
    start_places: tuple[int, ...]
    end_places: tuple[int | None, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    spans: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[BreakSlot, ...], ...]
    penalties: tuple[int, ...]

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
        rates = [(shift.cost_per_hour, shift.cost_per_km) for shift in self.shifts]
        by_rate = {rate: _leg_costs(self.durations_s, self.distances_m, *rate) for rate in set(rates)}
        return tuple(by_rate[rate] for rate in rates)

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


def build_problem(jobs: Sequence[Job], shifts: Sequence[Shift], matrix: TravelMatrix) -> Problem:
    """Return the problem of doing `jobs` in `shifts`.

    Parameters
    ----------
    matrix
        Travel between ``places_of(jobs, shifts)``, in that order.

    Raises
    ------
    InvalidInput
        When ids repeat, a break is longer than its shift, or a number is out of its range.

    Notes
    -----
    O(n²) for the matrices.
    """
    _validate(jobs, shifts)
    origin_at = min((shift.span.start_at for shift in shifts), default=_NO_ORIGIN)
    places = {place: len(jobs) + index for index, place in enumerate(places_of(jobs, shifts)[len(jobs) :])}
    durations_s, distances_m = _integers(matrix)
    draft = Problem(
        origin_at=origin_at,
        jobs=tuple(jobs),
        shifts=tuple(shifts),
        durations_s=durations_s,
        distances_m=distances_m,
        start_places=tuple(places[shift.start] for shift in shifts),
        end_places=tuple(None if shift.end is None else places[shift.end] for shift in shifts),
        windows=tuple(_windows_s(job, origin_at) for job in jobs),
        spans=tuple((_s(shift.span.start_at, origin_at), _s(shift.span.end_at, origin_at)) for shift in shifts),
        breaks=tuple(_breaks_s(shift, origin_at) for shift in shifts),
        penalties=(),
    )
    return replace(draft, penalties=_penalties(draft))


def narrowed(problem: Problem, shift_index: int, job_indices: Sequence[int]) -> Problem:
    """Return the problem of one shift and some jobs, in the order given; a route means the same in it as in the whole.

    Notes
    -----
    O(jobs²), whatever the size of the whole.
    """
    start, end = problem.start_places[shift_index], problem.end_places[shift_index]
    places = [*job_indices, start, *([] if end is None else [end])]
    within = np.ix_(places, places)
    return replace(
        problem,
        jobs=tuple(problem.jobs[index] for index in job_indices),
        shifts=(problem.shifts[shift_index],),
        durations_s=problem.durations_s[within],
        distances_m=problem.distances_m[within],
        start_places=(len(job_indices),),
        end_places=(None if end is None else len(job_indices) + 1,),
        windows=tuple(problem.windows[index] for index in job_indices),
        spans=(problem.spans[shift_index],),
        breaks=(problem.breaks[shift_index],),
        penalties=tuple(problem.penalties[index] for index in job_indices),
    )


def with_job(problem: Problem, job_index: int, job: Job) -> Problem:
    """Return the problem with a job stated otherwise, at the same place and for the same penalty."""
    return replace(
        problem,
        jobs=_put(problem.jobs, job_index, job),
        windows=_put(problem.windows, job_index, _windows_s(job, problem.origin_at)),
    )


def with_shift(problem: Problem, shift_index: int, shift: Shift) -> Problem:
    """Return the problem with a shift stated otherwise, from and to the same places."""
    span = (_s(shift.span.start_at, problem.origin_at), _s(shift.span.end_at, problem.origin_at))
    return replace(
        problem,
        shifts=_put(problem.shifts, shift_index, shift),
        spans=_put(problem.spans, shift_index, span),
        breaks=_put(problem.breaks, shift_index, _breaks_s(shift, problem.origin_at)),
    )


def _put[T](items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _s(moment: datetime, origin_at: datetime) -> int:
    return round((moment - origin_at).total_seconds())


def _integers(matrix: TravelMatrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    no_path = np.isnan(matrix.durations_s) | np.isnan(matrix.distances_m)
    durations_s = np.where(no_path, NO_PATH, np.ceil(np.nan_to_num(matrix.durations_s))).astype(np.int64)
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
    opens_s = _s(shift.span.start_at, origin_at)
    slots = [
        BreakSlot(
            duration_s=rule.duration_s,
            earliest_s=max(opens_s, _s(rule.window.earliest_at, origin_at)),
            latest_s=_s(rule.window.latest_at, origin_at),
        )
        for rule in shift.breaks
    ]
    kept = [slot for slot in slots if slot.latest_s >= opens_s]
    return tuple(sorted(kept, key=lambda slot: (slot.latest_s, slot.earliest_s, slot.duration_s)))


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
    per_km = shift.cost_per_km / 1000.0 * int(problem.distances_m.max(initial=0)) * legs
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
        if min(shift.cost_fixed, shift.cost_per_hour, shift.cost_per_km) < 0:
            raise InvalidInput(Message("Worker {id}: costs must not be negative.", {"id": shift.worker_id}))


def _validate_unique(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidInput(Message("The id {id} is given twice.", {"id": one}))
        seen.add(one)
