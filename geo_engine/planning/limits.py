"""Which rules a route breaks whatever its times: who may do what, how many, how far, with how much on board."""

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

from geo_engine.planning.model import Violation, ViolationKind
from geo_engine.planning.problem import NO_PATH, BreakSlot, Problem
from geo_engine.planning.relations import split_pairs
from geo_engine.planning.timetable import Timetable, leg_travel_s, over_driving_s

_NOTHING = -1


def limit_violations(problem: Problem, shift_index: int, order: Sequence[int]) -> Iterable[Violation]:
    """Give the rules a route breaks that are not of time; `order` holds at least one job index."""
    shift = problem.shifts[shift_index]
    for job_index in order:
        yield from _suitability_violations(problem, shift_index, job_index)
    if shift.max_visits is not None and len(order) > shift.max_visits:
        yield Violation(kind=ViolationKind.MAX_VISITS, excess=len(order) - shift.max_visits)
    yield from _travel_violations(problem, shift_index, order)
    yield from _moved_locks(problem, shift_index, order)
    yield from split_pairs(problem, order)
    for excess in overloads(problem, shift_index, order):
        yield Violation(kind=ViolationKind.CAPACITY, excess=excess)


def keeps_limits(problem: Problem, shift_index: int, order: Sequence[int]) -> bool:
    """Return whether a route breaks no rule but, perhaps, those of time."""
    return next(iter(limit_violations(problem, shift_index, order)), None) is None


def _suitability_violations(problem: Problem, shift_index: int, job_index: int) -> Iterable[Violation]:
    shift, job = problem.shifts[shift_index], problem.jobs[job_index]
    if not job.skills <= shift.skills:
        yield Violation(kind=ViolationKind.SKILL, job_id=job.id, excess=len(job.skills - shift.skills))
    barred = job.worker_ids and shift.worker_id not in job.worker_ids
    if barred or shift.worker_id in job.forbidden_worker_ids:
        yield Violation(kind=ViolationKind.WORKER, job_id=job.id)


def _moved_locks(problem: Problem, shift_index: int, order: Sequence[int]) -> Iterable[Violation]:
    prefix = problem.prefixes[shift_index]
    moved = [job_index for stop, job_index in enumerate(prefix) if list(order[stop : stop + 1]) != [job_index]]
    if moved:
        yield Violation(kind=ViolationKind.LOCKED, job_id=problem.jobs[moved[0]].id, excess=len(moved))


def _travel_violations(problem: Problem, shift_index: int, order: Sequence[int]) -> Iterable[Violation]:
    shift, legs_s = problem.shifts[shift_index], leg_travel_s(problem, shift_index, order)
    for leg, job_index in zip(legs_s, [*order, order[-1]], strict=True):
        if leg == NO_PATH:
            yield Violation(kind=ViolationKind.NO_PATH, job_id=problem.jobs[job_index].id)
    driving_s = sum(max(0, leg_s) for leg_s in legs_s)
    is_told_by_times = bool(problem.speeds)  # see `driving_violations`
    if not is_told_by_times and shift.max_driving_s is not None and driving_s > shift.max_driving_s:
        yield Violation(kind=ViolationKind.MAX_DRIVING, excess=driving_s - shift.max_driving_s)
    if shift.max_distance_m is not None:
        over_m = sum(legs_m(problem, shift_index, order)) - shift.max_distance_m
        if over_m > 0:
            yield Violation(kind=ViolationKind.MAX_DISTANCE, excess=over_m)


def driving_violations(problem: Problem, shift_index: int, timetable: Timetable) -> Iterable[Violation]:
    """Give the limit of driving a route breaks where the hour tells how long one drives."""
    over_s = over_driving_s(problem, shift_index, timetable)
    if over_s:
        yield Violation(kind=ViolationKind.MAX_DRIVING, excess=over_s)


def breaks_may_meet(problem: Problem) -> bool:
    """Return whether two breaks of a shift could lie in the same minutes: OR-Tools then takes both at once."""
    return any(map(may_meet, problem.breaks))


def may_meet(slots: Sequence[BreakSlot]) -> bool:
    """Return whether two of some breaks could lie in the same minutes."""
    return any(
        one.earliest_s < other.latest_s + other.duration_s and other.earliest_s < one.latest_s + one.duration_s
        for one, other in combinations(slots, 2)
    )


def legs_m(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """List the metres of each leg, start and end included; a leg without a path counts nothing here."""
    distances_m = problem.travel_m(shift_index)
    return [max(0, int(distances_m[a, b])) for a, b in pairwise(problem.stops(shift_index, order))]


def overloads(problem: Problem, shift_index: int, order: Sequence[int]) -> list[int]:
    """List by how much each overloaded dimension of capacity is exceeded; dimensions without a capacity are free."""
    over = [
        _peak_load(problem, order, dimension) - capacity
        for dimension, capacity in enumerate(problem.shifts[shift_index].capacity)
    ]
    return [excess for excess in over if excess > 0]


def _peak_load(problem: Problem, order: Sequence[int], dimension: int) -> int:
    """Return the most that is on board at any time: all that is brought at the start, then what is taken beside it."""
    brought = {job_index: _at(problem.jobs[job_index].amounts, dimension) for job_index in order}
    if not problem.has_pickups:
        return sum(brought.values())
    shipped = {first: brought.pop(first) for first in order if first in problem.delivery_of}
    load = peak = sum(brought.values())
    for job_index in order:
        load += _at(problem.jobs[job_index].pickup_amounts, dimension) + shipped.get(job_index, 0)
        load -= brought.get(job_index, 0) + shipped.get(problem.pickup_of.get(job_index, _NOTHING), 0)
        peak = max(peak, load)
    return peak


def _at(amounts: Sequence[int], dimension: int) -> int:
    return amounts[dimension] if dimension < len(amounts) else 0
