"""What would make room for a job at one place of a worker's route: the least that has to give way, rule by rule."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from geo_engine.planning.explain.offers import BestPlace, Lever, Offer, Relaxation
from geo_engine.planning.explain.relaxation import price_of, relaxed
from geo_engine.planning.explain.trial import Trial
from geo_engine.planning.insertion import inserted
from geo_engine.planning.limits import overloads
from geo_engine.planning.model import Violation, ViolationKind
from geo_engine.planning.narrowing import with_shift
from geo_engine.planning.problem import Problem

_MOST_MIN = 12 * 60
_MOST_BREAK_MIN = 60  # later still, the day may end before it is due, and nobody is to lose a break
_LEAST_SERVICE_SHARE = 2
_REPAIR_ROUNDS = 6
_ANY_LOAD = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomParams:
    """How far “why not” looks.

    Parameters
    ----------
    job_count
        Jobs it is worked out for, the dearest to leave out first; beyond, a plan is hopelessly over-full.
    worker_count, able_count
        Workers looked at for a job, by their shortest detour, and how many of them at least are such as may do it
        where there are as many: eight rows say who is nearest, four more who is near and may not.
    place_count
        Places of a route judged with breaks and all; others strain its times more, or cost more.
    swap_count
        Visits that are tried without, those that cost least to leave out.
    offer_count
        Offers kept per worker.
    new_count
        Places worked out at most besides those that are known, of the jobs dearest to leave out; None for all. A place
        takes 5 to 10 ms: while somebody waits for an edit, there is time for some.
    """

    job_count: int = 200
    worker_count: int = 12
    able_count: int = 8
    place_count: int = 4
    swap_count: int = 4
    offer_count: int = 3
    new_count: int | None = None


def list_offers(trial: Trial, job_index: int, place: BestPlace, params: RoomParams) -> tuple[Offer, ...]:
    """Return what would place a job, the cheapest first, each confirmed by `evaluate`; none where no path leads.

    Notes
    -----
    A rule that gives way by minutes gives way by the fewest whole ones that suffice, found by halving. Where no one
    rule is enough, every rule that breaks gives way.
    """
    if any(found.kind is ViolationKind.NO_PATH for found in place.broken):
        return ()
    order = inserted(trial.order, job_index, place.position)
    ways = _ways(trial, job_index, order, place.broken)
    found = [trial.offer(job_index, place.position, tuple(_dated(trial, one) for one in way)) for way in ways]
    if place.broken and _may_do(place.broken):
        found += _swaps(trial, job_index, params.swap_count)
    offers = [offer for offer in found if offer is not None]
    return tuple(sorted(offers, key=price_of)[: params.offer_count])


def _ways(
    trial: Trial, job_index: int, order: Sequence[int], broken: Sequence[Violation]
) -> list[tuple[Relaxation, ...]]:
    if not broken:
        return [()]
    limits = tuple(_limits(trial, job_index, order, broken))
    problem = relaxed(trial.problem, trial.worker_id, limits)
    if trial.fits(problem, order):
        return [limits]
    guess_min = max((_minutes(found.excess) for found in broken), default=1)
    ways = []
    for lever, most_min in _levers(trial, job_index, broken):
        least_min = _least(_fits_by(trial, problem, order, lever), guess_min, most_min)
        if least_min is not None:
            ways.append((*limits, replace(lever, amount=60 * least_min)))
    return ways or [(*limits, *_repaired(trial, problem, order))]


def _may_do(broken: Sequence[Violation]) -> bool:
    return not any(found.kind in (ViolationKind.WORKER, ViolationKind.SKILL) for found in broken)


def _limits(trial: Trial, job_index: int, order: Sequence[int], broken: Sequence[Violation]) -> Iterator[Relaxation]:
    """Give what has to give way whatever the times are, by exactly what is missing."""
    job, shift = trial.problem.jobs[job_index], trial.problem.shifts[0]
    kinds = {found.kind: found.excess for found in broken}
    if ViolationKind.WORKER in kinds:
        yield Relaxation(lever=Lever.WORKER, job_id=job.id)
    if ViolationKind.SKILL in kinds:
        yield Relaxation(lever=Lever.SKILL, skills=tuple(sorted(job.skills - shift.skills)))
    if ViolationKind.MAX_VISITS in kinds:
        yield Relaxation(lever=Lever.MAX_VISITS, amount=kinds[ViolationKind.MAX_VISITS])
    if ViolationKind.MAX_DRIVING in kinds:
        yield Relaxation(lever=Lever.MAX_DRIVING, amount=60 * _minutes(kinds[ViolationKind.MAX_DRIVING]))
    if ViolationKind.CAPACITY in kinds:
        yield from _loads(trial, order)


def _loads(trial: Trial, order: Sequence[int]) -> Iterator[Relaxation]:
    shift = trial.problem.shifts[0]
    for number, holds in enumerate(shift.capacity):
        alone = tuple(holds if one == number else _ANY_LOAD for one in range(len(shift.capacity)))
        problem = with_shift(trial.problem, 0, replace(shift, capacity=alone))
        for excess in overloads(problem, 0, order):
            yield Relaxation(lever=Lever.CAPACITY, amount=excess, number=number)


def _levers(trial: Trial, job_index: int, broken: Sequence[Violation]) -> Iterator[tuple[Relaxation, int]]:
    """Give each rule of time that could give way, and by how many minutes at most."""
    job, shift = trial.problem.jobs[job_index], trial.problem.shifts[0]
    for number in range(len(job.windows)):
        yield Relaxation(lever=Lever.WINDOW_LATER, job_id=job.id, number=number), _MOST_MIN
        yield Relaxation(lever=Lever.WINDOW_EARLIER, job_id=job.id, number=number), _MOST_MIN
    for other in trial.problem.jobs[: len(trial.order)]:
        if other.windows and any(found.job_id == other.id for found in broken):
            last = len(other.windows) - 1
            yield Relaxation(lever=Lever.WINDOW_LATER, job_id=other.id, number=last), _MOST_MIN
    yield Relaxation(lever=Lever.SHIFT_LATER), _MOST_MIN
    yield Relaxation(lever=Lever.SHIFT_EARLIER), _MOST_MIN
    for number in range(len(shift.breaks)):
        yield Relaxation(lever=Lever.BREAK_LATER, number=number), _MOST_BREAK_MIN
    yield Relaxation(lever=Lever.SERVICE_SHORTER, job_id=job.id), job.service_s // 60 // _LEAST_SERVICE_SHARE


def _fits_by(trial: Trial, problem: Problem, order: Sequence[int], lever: Relaxation) -> Callable[[int], bool]:
    def fits(minutes: int) -> bool:
        eased = relaxed(problem, trial.worker_id, [replace(lever, amount=60 * minutes)])
        return trial.fits(eased, order)

    return fits


def _least(fits: Callable[[int], bool], guess: int, most: int) -> int | None:
    """Return the fewest whole minutes that suffice, where none does not; None when the most does not either."""
    if most < 1 or not fits(most):
        return None
    low, high = 0, most
    for tried in (guess, guess - 1):
        if low < tried < high:
            low, high = (low, tried) if fits(tried) else (tried, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def _repaired(trial: Trial, problem: Problem, order: Sequence[int]) -> tuple[Relaxation, ...]:
    """Return what has to give way when every rule that breaks does, by as much as it is broken."""
    amounts: dict[Relaxation, int] = {}
    for _ in range(_REPAIR_ROUNDS):
        steps = tuple(replace(one, amount=amount) for one, amount in amounts.items())
        broken = trial.broken_by(relaxed(problem, trial.worker_id, steps), order)
        if not broken:
            return steps
        for found in broken:
            for one in _repairs(trial, found):
                amounts[one] = amounts.get(one, 0) + 60 * _minutes(found.excess)
    return steps


def _repairs(trial: Trial, broken: Violation) -> Iterator[Relaxation]:
    match broken.kind:
        case ViolationKind.WINDOW:
            windows = next(job.windows for job in trial.problem.jobs if job.id == broken.job_id)
            yield Relaxation(lever=Lever.WINDOW_LATER, job_id=broken.job_id, number=len(windows) - 1)
        case ViolationKind.BREAK:
            for number in range(len(trial.problem.shifts[0].breaks)):
                yield Relaxation(lever=Lever.BREAK_LATER, number=number)
        case _:
            yield Relaxation(lever=Lever.SHIFT_LATER)


def _swaps(trial: Trial, job_index: int, swap_count: int) -> Iterator[Offer | None]:
    """Give the offers of leaving out one visit that matters less."""
    problem = trial.problem
    lesser = [
        index
        for index in trial.order
        if problem.penalties[index] < problem.penalties[job_index] and not problem.jobs[index].required
    ]
    for index in sorted(lesser, key=lambda index: (problem.penalties[index], index))[:swap_count]:
        position = trial.cheapest_fit(job_index, [other for other in trial.order if other != index])
        if position is not None:
            yield trial.offer(job_index, position, leaves_out=index)


def _dated(trial: Trial, relaxation: Relaxation) -> Relaxation:
    """Return the relaxation with what it moves an end of a window or shift to."""
    return replace(relaxation, to_at=_moved_to(trial, relaxation))


def _moved_to(trial: Trial, relaxation: Relaxation) -> datetime | None:
    shift, amount = trial.problem.shifts[0], timedelta(seconds=relaxation.amount)
    windows = next((job.windows for job in trial.problem.jobs if job.id == relaxation.job_id), ())
    match relaxation.lever:
        case Lever.WINDOW_LATER:
            return windows[relaxation.number].latest_at + amount
        case Lever.WINDOW_EARLIER:
            return windows[relaxation.number].earliest_at - amount
        case Lever.SHIFT_LATER:
            return shift.span.end_at + amount
        case Lever.SHIFT_EARLIER:
            return shift.span.start_at - amount
        case Lever.BREAK_LATER:
            return shift.breaks[relaxation.number].window.latest_at + amount
        case _:
            return None


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))
