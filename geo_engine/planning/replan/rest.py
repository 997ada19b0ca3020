"""From now on: what is left of a day as a problem, and its solution put behind what cannot be changed any more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.costs import travel_cost
from geo_engine.planning.evaluate import Evaluation
from geo_engine.planning.limits import legs_m
from geo_engine.planning.model import Job, PlannedVisit, Route, Shift, Violation, ViolationKind, may_do
from geo_engine.planning.prices import hours_price
from geo_engine.planning.problem import Problem
from geo_engine.planning.replan.frozen import Frozen, freeze
from geo_engine.planning.replan.progress import DayProgress, Lock
from geo_engine.planning.rules import NO_RULES, PlanRules, RelationKind
from geo_engine.planning.timetable import leg_travel_s
from geo_engine.timespan import TimeSpan, TimeWindow

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanParams:
    """What change costs; in travel, priced as the workers' hours are.

    Parameters
    ----------
    move_travel_s
        Giving a job to another worker is worth as much travel.
    tolerance_s
        By so much a promised beginning may move for nothing.
    late_travel_s
        Each minute it is later than that is worth as much travel.
    """

    move_travel_s: int = 900
    tolerance_s: int = 900
    late_travel_s: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is left of a day, and what is not to be changed.

    Parameters
    ----------
    jobs, shifts, rules
        What `build_problem` is given: jobs that are not frozen, shifts from when and where their workers are free.
    asked
        The locked jobs as they are asked for, their windows, skills and workers.
    orders
        What is left of the plan before, by worker; no empty ones.
    frozen
        By worker, everyone of the shifts.
    before
        The routes of the plan before, by worker.
    whole_shifts
        The shifts as they were given, by worker.
    """

    jobs: tuple[Job, ...]
    shifts: tuple[Shift, ...]
    rules: PlanRules
    asked: Mapping[JobId, Job]
    orders: Mapping[WorkerId, tuple[JobId, ...]]
    frozen: Mapping[WorkerId, Frozen]
    before: Mapping[WorkerId, Route]
    whole_shifts: Mapping[WorkerId, Shift]


def rest_of(
    jobs: Sequence[Job],
    shifts: Sequence[Shift],
    routes: Sequence[Route],
    progress: DayProgress,
    *,
    rules: PlanRules = NO_RULES,
    params: ReplanParams | None = None,
) -> Rest:
    """Return what is left of a day from `progress.now` on.

    Parameters
    ----------
    jobs, shifts
        All that is to be planned now; those of the routes may be fewer.
    routes
        The plan that is being followed.
    rules
        Of the whole day.

    Notes
    -----
    O(jobs + visits). Limits are reduced by what the frozen visits take, as planned; the fixed cost of a shift that has
    left is paid. What was loaded in the morning for frozen visits is not free for others.
    """
    by_id = {job.id: job for job in jobs}
    before = {route.worker_id: route for route in routes}
    frozen = {one.worker_id: freeze(one, before.get(one.worker_id), by_id, progress) for one in shifts}
    gone = {visit.job_id for route in routes for visit in route.planned_visits if visit.job_id in progress.stops}
    left = [job for job in jobs if job.id not in gone]
    known = {job.id for job in left}
    orders = {
        worker_id: tuple(visit.job_id for visit in before[worker_id].planned_visits if visit.job_id in known)
        for worker_id in frozen
        if worker_id in before
    }
    locked = _Locked(orders, before, progress, shifts)
    return Rest(
        jobs=tuple(
            _left_job(_after_frozen(job, by_id, frozen, rules), locked, frozen, progress.promises) for job in left
        ),
        shifts=tuple(_left_shift(one, frozen[one.worker_id], by_id) for one in shifts),
        rules=_left_rules(rules, shifts, known, locked, params or ReplanParams()),
        asked={job.id: job for job in left if job.id in locked},
        orders={worker_id: order for worker_id, order in orders.items() if order},
        frozen=frozen,
        before=before,
        whole_shifts={one.worker_id: one for one in shifts},
    )


class _Locked:
    """Which jobs are bound to whom, by which moments and orders."""

    def __init__(
        self,
        orders: Mapping[WorkerId, Sequence[JobId]],
        before: Mapping[WorkerId, Route],
        progress: DayProgress,
        shifts: Sequence[Shift],
    ) -> None:
        self.skills_of = {shift.worker_id: shift.skills for shift in shifts}
        self.prefixes: dict[WorkerId, tuple[JobId, ...]] = {}
        self.worker_of: dict[JobId, WorkerId] = {}
        self.starts_at: dict[JobId, datetime] = {}
        self.before = {job_id: worker_id for worker_id, order in orders.items() for job_id in order}
        for worker_id, order in orders.items():
            locks = [progress.locks.get(job_id, frozenset()) for job_id in order]
            last = max((stop for stop, kinds in enumerate(locks, start=1) if Lock.ORDER in kinds), default=0)
            if last:
                self.prefixes[worker_id] = tuple(order[:last])
            bound = [one for one, kinds in zip(order, locks, strict=True) if kinds]
            self.worker_of.update(dict.fromkeys([*order[:last], *bound], worker_id))
            for visit in before[worker_id].planned_visits:
                if visit.job_id in self.before and Lock.TIME in progress.locks.get(visit.job_id, frozenset()):
                    self.starts_at[visit.job_id] = visit.start_at

    def __contains__(self, job_id: JobId) -> bool:
        return job_id in self.worker_of


def _left_job(job: Job, locked: _Locked, frozen: Mapping[WorkerId, Frozen], promises: Mapping[JobId, datetime]) -> Job:
    if job.promised_at is None:
        job = replace(job, promised_at=promises.get(job.id))
    if job.released_at is not None:
        left_without = {
            worker_id for worker_id, one in frozen.items() if one.has_left and one.free_at < job.released_at
        }
        left_without -= {locked.before.get(job.id)}
        job = replace(job, forbidden_worker_ids=job.forbidden_worker_ids | left_without)
    if job.id not in locked:
        return job
    worker_id, moment = locked.worker_of[job.id], locked.starts_at.get(job.id)
    return replace(  # whoever it is locked to may do it: see `overridden`
        job,
        worker_ids=frozenset({worker_id}),
        forbidden_worker_ids=job.forbidden_worker_ids - {worker_id},
        skills=job.skills & locked.skills_of[worker_id],
        windows=job.windows if moment is None else (TimeWindow(earliest_at=moment, latest_at=moment),),
        required=True,
    )


def _after_frozen(job: Job, jobs: Mapping[JobId, Job], frozen: Mapping[WorkerId, Frozen], rules: PlanRules) -> Job:
    """Return a job with what its relations to frozen ones ask of it."""
    done = {visit.job_id: (worker_id, visit) for worker_id, one in frozen.items() for visit in one.visits}
    for one in rules.relations:
        if one.second_id == job.id and one.first_id in done:
            worker_id, visit = done[one.first_id]
            job = _following(job, one.kind, worker_id, visit.end_at + timedelta(seconds=one.gap_s), jobs[one.first_id])
        elif one.kind is RelationKind.SAME_WORKER and one.first_id == job.id and one.second_id in done:
            job = replace(job, worker_ids=frozenset({done[one.second_id][0]}))
    return job


def _following(job: Job, kind: RelationKind, worker_id: WorkerId, from_at: datetime, first: Job) -> Job:
    if kind is RelationKind.AFTER:
        later = [
            replace(one, earliest_at=max(one.earliest_at, from_at)) for one in job.windows if one.latest_at >= from_at
        ]
        always = TimeWindow(earliest_at=from_at, latest_at=from_at + timedelta(days=7))
        return replace(job, windows=tuple(later) if job.windows else (always,)) if later or not job.windows else job
    if kind is RelationKind.SHIPMENT:
        job = replace(job, amounts=first.amounts, required=True)
    return replace(job, worker_ids=frozenset({worker_id}))


def _left_shift(shift: Shift, frozen: Frozen, jobs: Mapping[JobId, Job]) -> Shift:
    """Return a shift from when and where its worker is free, its limits reduced by what the frozen visits take."""
    start_at = max(frozen.free_at, shift.span.start_at)
    end_at = max(shift.span.end_at, start_at + _SECOND)  # nothing fits into a second, and the shift is over
    over_s = (end_at - shift.span.end_at).total_seconds()
    loads = [_load(frozen.visits, jobs, dimension) for dimension in range(len(shift.capacity))]
    return replace(
        shift,
        span=TimeSpan(start_at=start_at, end_at=end_at),
        start=frozen.place,
        breaks=tuple(rule for rule in frozen.breaks_left if _may_begin(rule.duration_s, rule.window, start_at, end_at)),
        max_visits=_less(shift.max_visits, len(frozen.visits)),
        max_driving_s=_less(shift.max_driving_s, frozen.travel_s),
        max_distance_m=_less(shift.max_distance_m, frozen.travel_m),
        capacity=tuple(max(0, most - load) for most, load in zip(shift.capacity, loads, strict=True)),
        cost_fixed=0.0 if frozen.has_left else shift.cost_fixed,
        max_overtime_s=max(0, shift.max_overtime_s - round(over_s)),
    )


def _may_begin(duration_s: int, window: TimeWindow, start_at: datetime, end_at: datetime) -> bool:
    """Return whether a break can still be taken in what is left of a shift."""
    return max(window.earliest_at, start_at) <= min(window.latest_at, end_at - timedelta(seconds=duration_s))


def _less(limit: int | None, spent: int) -> int | None:
    return None if limit is None else max(0, limit - spent)


def _load(visits: Sequence[PlannedVisit], jobs: Mapping[JobId, Job], dimension: int) -> int:
    """Return the most that frozen visits have on board at any time, what they bring loaded at the start."""
    known = [jobs[visit.job_id] for visit in visits if visit.job_id in jobs]
    load = peak = sum(_at(job.amounts, dimension) for job in known)
    for job in known:
        load += _at(job.pickup_amounts, dimension) - _at(job.amounts, dimension)
        peak = max(peak, load)
    return peak


def _at(amounts: Sequence[int], dimension: int) -> int:
    return amounts[dimension] if dimension < len(amounts) else 0


def _left_rules(
    rules: PlanRules, shifts: Sequence[Shift], known: set[JobId], locked: _Locked, params: ReplanParams
) -> PlanRules:
    rate = sum(shift.cost_per_hour for shift in shifts) / 3600.0 / max(1, len(shifts))
    return replace(
        rules,
        relations=tuple(one for one in rules.relations if {one.first_id, one.second_id} <= known),
        surcharges={job_id: costs for job_id, costs in rules.surcharges.items() if job_id in known},
        workers_before=locked.before,
        move_cost=round(params.move_travel_s * rate),
        tolerance_s=params.tolerance_s,
        late_cost_per_minute=params.late_travel_s * rate,
        prefixes=locked.prefixes,
    )


def overridden(rest: Rest, judged: Evaluation) -> tuple[Violation, ...]:
    """Return what locks break of what was asked: a skill, who may go, the windows; as `evaluate` says it.

    Parameters
    ----------
    judged
        Of what is left, in which a lock goes before these rules.
    """
    told = {(one.kind, one.job_id) for one in judged.violations}
    found = (
        one
        for route in judged.routes
        for visit in route.planned_visits
        if visit.job_id in rest.asked
        for one in _broken_of(rest.asked[visit.job_id], rest.whole_shifts[route.worker_id], visit)
    )
    return tuple(one for one in found if (one.kind, one.job_id) not in told)


def _broken_of(asked: Job, shift: Shift, visit: PlannedVisit) -> Iterator[Violation]:
    missing = len(asked.skills - shift.skills)
    if missing:
        yield Violation(kind=ViolationKind.SKILL, worker_id=shift.worker_id, job_id=asked.id, excess=missing)
    if not may_do(shift, replace(asked, skills=frozenset())):
        yield Violation(kind=ViolationKind.WORKER, worker_id=shift.worker_id, job_id=asked.id)
    beside_s = [round(_beside(one, visit.start_at).total_seconds()) for one in asked.windows]
    if beside_s and min(beside_s) > 0:
        yield Violation(kind=ViolationKind.WINDOW, worker_id=shift.worker_id, job_id=asked.id, excess=min(beside_s))


def _beside(window: TimeWindow, moment: datetime) -> timedelta:
    """Return how far a moment is from a window; nothing within it."""
    return max(window.earliest_at - moment, moment - window.latest_at, timedelta())


def continued(rest: Rest, problem: Problem, judged: Evaluation) -> tuple[Route, ...]:
    """Return the day's routes: what is frozen, as it was, and behind it what was judged.

    Parameters
    ----------
    problem, judged
        Of what is left.
    """
    behind = {route.worker_id: route for route in judged.routes}
    found = (_continued(rest, problem, index, behind.get(one.worker_id)) for index, one in enumerate(problem.shifts))
    return tuple(route for route in found if route is not None)


def _continued(rest: Rest, problem: Problem, shift_index: int, behind: Route | None) -> Route | None:
    shift = problem.shifts[shift_index]
    frozen, shown = rest.frozen[shift.worker_id], rest.whole_shifts[shift.worker_id]
    if not frozen.has_left:
        return behind
    before = rest.before[shift.worker_id]
    travel_s = frozen.travel_s + (_way_home_s(problem, shift_index) if behind is None else behind.travel_s)
    travel_m = frozen.travel_m + (_way_home_m(problem, shift_index) if behind is None else behind.travel_m)
    home_at = frozen.free_at + timedelta(seconds=_way_home_s(problem, shift_index))
    own = hours_price(frozen.travel_s, shown.cost_per_hour) + round(frozen.travel_m * shown.cost_per_km / 1000.0)
    way_home = 0 if behind is not None else _way_home_cost(problem, shift_index)
    return Route(
        worker_id=shift.worker_id,
        start=shown.start,
        end=shown.end,
        start_at=before.start_at,
        end_at=home_at if behind is None else behind.end_at,
        breaks=(*frozen.breaks, *(() if behind is None else behind.breaks)),
        planned_visits=(*frozen.visits, *(() if behind is None else behind.planned_visits)),
        travel_s=travel_s,
        travel_m=travel_m,
        cost=round(shown.cost_fixed) + own + way_home + (0 if behind is None else behind.cost),
    )


def _way_home_s(problem: Problem, shift_index: int) -> int:
    """Return how long the way home takes whoever leaves as soon as may be."""
    leg_s, leaves_s = max(0, leg_travel_s(problem, shift_index, [])[0]), problem.spans[shift_index][0]
    speeds = problem.speeds_of(shift_index)
    return leg_s if speeds is None else speeds.arrives_s(leaves_s, leg_s) - leaves_s


def _way_home_m(problem: Problem, shift_index: int) -> int:
    return sum(legs_m(problem, shift_index, []))


def _way_home_cost(problem: Problem, shift_index: int) -> int:
    added_s = _way_home_s(problem, shift_index) - max(0, leg_travel_s(problem, shift_index, [])[0])
    return travel_cost(problem, shift_index, []) + hours_price(added_s, problem.shifts[shift_index].cost_per_hour)
