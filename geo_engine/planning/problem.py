"""What is to be planned, in integers: seconds since an origin, metres, and cost per leg.

Rounding happens here and in `prices`, nowhere else: travel seconds up, metres and costs to the nearest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geo_engine.errors import InvalidInput
from geo_engine.geometry import Position
from geo_engine.planning import prices
from geo_engine.planning.compactness import area_costs, missing_centres
from geo_engine.planning.model import Job, Shift, ShiftBreak, may_do
from geo_engine.planning.refusals import refuse_bad_input
from geo_engine.planning.rules import NO_RULES, PlanRules, RelationKind
from geo_engine.planning.travel.integers import Integers, empty_integers, row_blocks
from geo_engine.planning.travel.speeds import Speeds, all_since, least_s
from geo_engine.roads import TravelMatrix
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Message

NO_PATH = -1
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """A relation between two jobs by their indices."""

    kind: RelationKind
    first: int
    second: int
    gap_s: int


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A day to be planned; immutable.

    Parameters
    ----------
    origin_at
        UTC; every integer time counts seconds from it.
    durations_s, distances_m
        Per travel class, integer arrays of shape (n, n): travel from row to column; `NO_PATH` where there is none.
        Of 32 bits where their numbers leave room for sums, else of 64.
        Places are the jobs in their order, then what `start_places` and `end_places` name.
    travel_class
        Per shift, its travel class: shifts of one mode and speed share one. `travel_s` and `travel_m` look it up.
    start_places, end_places
        The place of each shift's start and end; an end of None is open.
    windows
        Per job, ``(earliest_s, latest_s)`` in order, merged where they touch; never empty.
    spans
        Per shift, ``(start_s, end_s)``; a route may end exactly at `end_s`, or in overtime by `latest_ends_s`.
    breaks
        Per shift, by the end of their windows; breaks whose window closes before the shift are left out.
    promises_s
        Per job, the moment from which beginning costs more the later it is; None without a promise.
    releases_s
        Per job, when the worker who does it may leave at the earliest.
    penalties
        Per job, what leaving it out costs.
    sites
        Per place, a number that equal positions share.
    speeds
        Per travel class, how fast its workers get on at which hour: `durations_s` holds at full speed. None where that
        is always; empty where it is everywhere.
    area_costs
        Shape (jobs, shifts): what a job far from the middle of the worker's area costs; None where nothing does.
    """

    origin_at: datetime
    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]
    durations_s: tuple[Integers, ...]
    distances_m: tuple[Integers, ...]
    travel_class: tuple[int, ...]
    start_places: tuple[int, ...]
    end_places: tuple[int | None, ...]
    windows: tuple[tuple[tuple[int, int], ...], ...]
    spans: tuple[tuple[int, int], ...]
    breaks: tuple[tuple[BreakSlot, ...], ...]
    promises_s: tuple[int | None, ...]
    releases_s: tuple[int, ...]
    penalties: tuple[int, ...]
    sites: tuple[int, ...]
    rules: PlanRules = NO_RULES
    speeds: tuple[Speeds | None, ...] = ()
    area_costs: NDArray[np.int64] | None = None

    def travel_s(self, shift_index: int) -> Integers:
        """Return the seconds a shift's worker takes at full speed from each place to each, shape (n, n)."""
        return self.durations_s[self.travel_class[shift_index]]

    def speeds_of(self, shift_index: int) -> Speeds | None:
        """Return how fast a shift's worker gets on at which hour; None when at full speed always."""
        return self.speeds[self.travel_class[shift_index]] if self.speeds else None

    def travel_m(self, shift_index: int) -> Integers:
        """Return the metres a shift's worker goes from each place to each, shape (n, n)."""
        return self.distances_m[self.travel_class[shift_index]]

    def stops(self, shift_index: int, order: Sequence[int]) -> list[int]:
        """Return every place of a route in order: the start, its jobs, and the end where there is one."""
        end = self.end_places[shift_index]
        return [self.start_places[shift_index], *order, *([] if end is None else [end])]

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
    def least_travel_s(self) -> tuple[Integers, ...]:
        """Per travel class, the seconds each leg takes at the fastest hour, shape (n, n)."""
        speeds = self.speeds or [None] * len(self.durations_s)
        return tuple(least_s(one, its) for one, its in zip(self.durations_s, speeds, strict=True))

    @cached_property
    def fixed_costs(self) -> tuple[int, ...]:
        """Per shift, the cost of using it at all."""
        return tuple(round(shift.cost_fixed) for shift in self.shifts)

    @cached_property
    def leg_costs(self) -> tuple[Integers, ...]:
        """Per shift, the cost of each leg with the set-up at its end, shape (n, n); equal prices share one array."""
        by_rate: dict[tuple[int, float, float, float], Integers] = {}
        for index, rate in enumerate(self._rates()):
            if rate not in by_rate:
                costs = prices.leg_costs(self.travel_s(index), self.travel_m(index), *rate[1:3])
                if rate[3]:
                    costs = costs + prices.setup_costs([job.setup_s for job in self.jobs], self.sites, rate[3])
                by_rate[rate] = costs
        return tuple(by_rate[rate] for rate in self._rates())

    def _rates(self) -> list[tuple[int, float, float, float]]:
        per_setup_hour = 1.0 if self.has_setups else 0.0
        return [
            (travel_class, shift.cost_per_hour, shift.cost_per_km, per_setup_hour * shift.cost_per_service_hour)
            for travel_class, shift in zip(self.travel_class, self.shifts, strict=True)
        ]

    @cached_property
    def assignment_costs(self) -> NDArray[np.int64] | None:
        """What it costs that a shift does a job beside its legs, shape (jobs, shifts); None when it costs nothing."""
        return prices.assignment_costs(self.jobs, self.shifts, self.rules, self.area_costs)

    @cached_property
    def has_setups(self) -> bool:
        """Whether any job has a set-up time."""
        return any(job.setup_s for job in self.jobs)

    @cached_property
    def bonds(self) -> tuple[Bond, ...]:
        """The relations between jobs."""
        index_of = {job.id: index for index, job in enumerate(self.jobs)}
        return tuple(
            Bond(kind=one.kind, first=index_of[one.first_id], second=index_of[one.second_id], gap_s=one.gap_s)
            for one in self.rules.relations
        )

    @cached_property
    def delivery_of(self) -> Mapping[int, int]:
        """By the first job of each shipment, its second."""
        return {bond.first: bond.second for bond in self.bonds if bond.kind is RelationKind.SHIPMENT}

    @cached_property
    def pickup_of(self) -> Mapping[int, int]:
        """By the second job of each shipment, its first."""
        return {second: first for first, second in self.delivery_of.items()}

    @cached_property
    def prefixes(self) -> tuple[tuple[int, ...], ...]:
        """Per shift, the jobs its route has to begin with, in this order."""
        index_of = {job.id: index for index, job in enumerate(self.jobs)}
        by_worker = self.rules.prefixes
        return tuple(tuple(index_of[one] for one in by_worker.get(shift.worker_id, ())) for shift in self.shifts)

    def alone(self, shift_index: int, job_index: int) -> list[int]:
        """Return the least a shift has to do to do a job: what it begins with, and both halves of a shipment."""
        prefix = self.prefixes[shift_index]
        return [*prefix, *(one for one in self.with_other_half(job_index) if one not in prefix)]

    def with_other_half(self, job_index: int) -> list[int]:
        """Return what has to be done to do a job: itself, or both halves of its shipment in their order."""
        first = self.pickup_of.get(job_index, job_index)
        return [first, self.delivery_of[first]] if first in self.delivery_of else [job_index]

    @cached_property
    def has_pickups(self) -> bool:
        """Whether anything is taken on board on the way."""
        return bool(self.delivery_of) or any(any(job.pickup_amounts) for job in self.jobs)

    @cached_property
    def latest_ends_s(self) -> tuple[int, ...]:
        """Per shift, when a route has to have ended, all overtime used."""
        return tuple(end_s + shift.max_overtime_s for (_, end_s), shift in zip(self.spans, self.shifts, strict=True))

    @cached_property
    def prices_time(self) -> bool:
        """Whether what a route costs depends on when things happen, not on its order alone."""
        if self.rules.balance is not None or (self.speeds and any(shift.cost_per_hour for shift in self.shifts)):
            return True
        if self.rules.late_cost_per_minute and any(promise_s is not None for promise_s in self.promises_s):
            return True
        return any(
            shift.cost_per_waiting_hour or (shift.max_overtime_s and shift.cost_per_overtime_hour)
            for shift in self.shifts
        )

    def opens_s(self, shift_index: int, order: Iterable[int]) -> int:
        """Return when a route may leave at the earliest: the shift has begun and all it needs is there."""
        releases_s = (self.releases_s[job_index] for job_index in order)
        return max((self.spans[shift_index][0], *(one_s for one_s in releases_s if one_s > 0)))

    def action_s(self, before_place: int, job_index: int) -> int:
        """Return how long a visit takes: set-up, unless the place before is the same, and service."""
        job = self.jobs[job_index]
        if job.setup_s and self.sites[before_place] != self.sites[job_index]:
            return job.setup_s + job.service_s
        return job.service_s

    def moment(self, seconds: int) -> datetime:
        """Return the UTC moment of an integer time."""
        return self.origin_at + timedelta(seconds=seconds)


def places_of(jobs: Sequence[Job], shifts: Sequence[Shift], rules: PlanRules = NO_RULES) -> list[Position]:
    """Return every place a matrix is needed for: jobs, depots once each, then centres of areas that are none of them.

    The order is that which `build_problem` expects.
    """
    depots = dict.fromkeys(place for shift in shifts for place in (shift.start, shift.end) if place is not None)
    places = [job.position for job in jobs] + list(depots)
    return places + missing_centres(places, rules.compactness)


def build_problem(
    jobs: Sequence[Job],
    shifts: Sequence[Shift],
    matrix: TravelMatrix | Mapping[str, TravelMatrix],
    rules: PlanRules = NO_RULES,
) -> Problem:
    """Return the problem of doing `jobs` in `shifts`.

    Parameters
    ----------
    matrix
        Travel between ``places_of(jobs, shifts, rules)``, in that order: by mode, or of the default mode alone.

    Raises
    ------
    InvalidInput
        When ids repeat, a break is longer than its shift, a number is out of its range, or there is no matrix
        for a shift's mode.

    Notes
    -----
    O(n²) for each travel class.
    """
    refuse_bad_input(jobs, shifts, rules)
    origin_at = min((shift.span.start_at for shift in shifts), default=_NO_ORIGIN)
    positions, known = places_of(jobs, shifts), places_of(jobs, shifts, rules)
    places = {place: len(jobs) + index for index, place in enumerate(positions[len(jobs) :])}
    first_at: dict[Position, int] = {}
    matrices = matrix if isinstance(matrix, Mapping) else {TravelMode.CAR.value: matrix}
    classes = list(dict.fromkeys((shift.mode, shift.speed_factor) for shift in shifts))
    travel = [_integers(_matrix_of(mode, matrices), speed_factor) for mode, speed_factor in classes]
    travel_class = tuple(classes.index((shift.mode, shift.speed_factor)) for shift in shifts)
    to_areas_s = [travel[one][0] for one in travel_class]
    draft = Problem(
        origin_at=origin_at,
        jobs=tuple(jobs),
        shifts=tuple(shifts),
        durations_s=tuple(durations_s[: len(positions), : len(positions)] for durations_s, _ in travel),
        distances_m=tuple(distances_m[: len(positions), : len(positions)] for _, distances_m in travel),
        travel_class=travel_class,
        start_places=tuple(places[shift.start] for shift in shifts),
        end_places=tuple(None if shift.end is None else places[shift.end] for shift in shifts),
        windows=tuple(windows_s(job, origin_at, rules.tolerance_s) for job in jobs),
        spans=tuple(
            (seconds_since(shift.span.start_at, origin_at), seconds_since(shift.span.end_at, origin_at))
            for shift in shifts
        ),
        breaks=tuple(breaks_s(shift, origin_at) for shift in shifts),
        promises_s=tuple(
            None if job.promised_at is None else seconds_since(job.promised_at, origin_at) + rules.tolerance_s
            for job in jobs
        ),
        releases_s=tuple(
            0 if job.released_at is None else max(0, seconds_since(job.released_at, origin_at)) for job in jobs
        ),
        penalties=(),
        sites=tuple(first_at.setdefault(position, index) for index, position in enumerate(positions)),
        rules=rules,
        area_costs=area_costs(rules.compactness, len(jobs), shifts, known, to_areas_s),
    )
    hourly, until_s = [rules.speeds.get(mode) for mode, _ in classes], max(draft.latest_ends_s, default=0)
    return replace(draft, penalties=prices.penalties(draft), speeds=all_since(hourly, origin_at, until_s))


def seconds_since(moment: datetime, origin_at: datetime) -> int:
    """Return a moment as whole seconds since the origin."""
    return round((moment - origin_at).total_seconds())


def _matrix_of(mode: str, matrices: Mapping[str, TravelMatrix]) -> TravelMatrix:
    if mode not in matrices:
        raise InvalidInput(Message("There are no travel times for the travel mode {mode}.", {"mode": mode}))
    return matrices[mode]


def _integers(matrix: TravelMatrix, speed_factor: float) -> tuple[Integers, Integers]:
    most_s = np.nanmax(matrix.durations_s, initial=0.0) / min(1.0, speed_factor)
    durations_s = empty_integers(matrix.durations_s.shape, most_s)
    distances_m = empty_integers(matrix.distances_m.shape, np.nanmax(matrix.distances_m, initial=0.0))
    for rows in row_blocks(len(durations_s)):
        exact_s, exact_m = matrix.durations_s[rows], matrix.distances_m[rows]
        no_path = np.isnan(exact_s) | np.isnan(exact_m)
        if speed_factor != 1.0:
            exact_s = np.round(exact_s / speed_factor, 6)  # 66 s at 1.1 are 60 s, not a hair more
        durations_s[rows] = np.where(no_path, NO_PATH, np.ceil(exact_s))
        distances_m[rows] = np.where(no_path, NO_PATH, np.rint(exact_m))
    return durations_s, distances_m


def windows_s(job: Job, origin_at: datetime, tolerance_s: int) -> tuple[tuple[int, int], ...]:
    """Return when a job may begin, not long before it was promised where something of its windows is left then."""
    windows = _merged(job, origin_at) if job.windows else (ALWAYS,)
    if job.promised_at is None:
        return windows
    from_s = seconds_since(job.promised_at, origin_at) - tolerance_s
    left = tuple((max(earliest_s, from_s), latest_s) for earliest_s, latest_s in windows if latest_s >= from_s)
    return left or windows


def _merged(job: Job, origin_at: datetime) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for window in sorted(job.windows, key=lambda window: window.earliest_at):
        earliest_s, latest_s = seconds_since(window.earliest_at, origin_at), seconds_since(window.latest_at, origin_at)
        if merged and earliest_s <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], latest_s))
        else:
            merged.append((earliest_s, latest_s))
    return tuple(merged)


def breaks_s(shift: Shift, origin_at: datetime) -> tuple[BreakSlot, ...]:
    """Return the breaks of a shift that its hours leave, by the end of their windows."""
    opens_s, closes_s = seconds_since(shift.span.start_at, origin_at), seconds_since(shift.span.end_at, origin_at)
    slots = [_slot(rule, opens_s, closes_s, origin_at) for rule in shift.breaks]
    kept = [slot for slot in slots if slot.latest_s >= opens_s]
    return tuple(sorted(kept, key=lambda slot: (slot.latest_s, slot.earliest_s, slot.duration_s)))


def _slot(rule: ShiftBreak, opens_s: int, closes_s: int, origin_at: datetime) -> BreakSlot:
    earliest_s, latest_s = (
        seconds_since(rule.window.earliest_at, origin_at),
        seconds_since(rule.window.latest_at, origin_at),
    )
    if rule.is_always_taken:
        latest_s = min(latest_s, closes_s - rule.duration_s)
    return BreakSlot(
        duration_s=rule.duration_s,
        earliest_s=max(opens_s, earliest_s),
        latest_s=latest_s,
        is_always_taken=rule.is_always_taken,
    )
