"""What a rule that gives way makes of a problem, and what that is worth beside other rules."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.explain.offers import Lever, Offer, Relaxation, WhyNot
from geo_engine.planning.model import Job, Shift, Violation, ViolationKind
from geo_engine.planning.narrowing import with_job, with_shift
from geo_engine.planning.problem import Problem
from geo_engine.timespan import TimeWindow

_ASKED_S = 300
_OTHERS_FACTOR = 1.5
_PER_SECOND = {
    Lever.WINDOW_LATER: 1.0,
    Lever.WINDOW_EARLIER: 1.0,
    Lever.SHIFT_LATER: 1.0,
    Lever.SHIFT_EARLIER: 1.2,
    Lever.BREAK_LATER: 1.0,
    Lever.SERVICE_SHORTER: 2.0,
    Lever.MAX_DRIVING: 1.0,
}
_FLAT_S = {Lever.CAPACITY: 7_200, Lever.SKILL: 4 * 3600, Lever.WORKER: 2 * 3600}
_PER_VISIT_S = 1_800
_LEFT_OUT_S = 1_200
_LEVER_OF = {
    ViolationKind.WINDOW: Lever.WINDOW_LATER,
    ViolationKind.SHIFT: Lever.SHIFT_LATER,
    ViolationKind.BREAK: Lever.BREAK_LATER,
    ViolationKind.MAX_DRIVING: Lever.MAX_DRIVING,
    ViolationKind.MAX_VISITS: Lever.MAX_VISITS,
    ViolationKind.CAPACITY: Lever.CAPACITY,
    ViolationKind.SKILL: Lever.SKILL,
    ViolationKind.WORKER: Lever.WORKER,
}
_IMPOSSIBLE = 1e12
_BEST_COUNT = 4


def relaxed(problem: Problem, worker_id: WorkerId, relaxations: Iterable[Relaxation]) -> Problem:
    """Return the problem in which rules of a worker, and of the jobs they name, give way.

    Raises
    ------
    ValueError
        When the problem has no such worker or job.
    """
    shift_index = next(index for index, shift in enumerate(problem.shifts) if shift.worker_id == worker_id)
    for relaxation in relaxations:
        if relaxation.job_id is None:
            problem = with_shift(problem, shift_index, _relaxed_shift(problem.shifts[shift_index], relaxation))
        else:
            job_index = [job.id for job in problem.jobs].index(relaxation.job_id)
            problem = with_job(problem, job_index, _relaxed_job(problem.jobs[job_index], relaxation, worker_id))
    return problem


def _relaxed_job(job: Job, relaxation: Relaxation, worker_id: WorkerId) -> Job:
    amount = timedelta(seconds=relaxation.amount)
    match relaxation.lever:
        case Lever.SERVICE_SHORTER:
            return replace(job, service_s=job.service_s - relaxation.amount)
        case Lever.WORKER:
            asked = job.worker_ids | {worker_id} if job.worker_ids else job.worker_ids
            return replace(job, worker_ids=asked, forbidden_worker_ids=job.forbidden_worker_ids - {worker_id})
        case Lever.WINDOW_LATER:
            return replace(job, windows=_moved(job.windows, relaxation.number, latest_by=amount))
        case _:
            return replace(job, windows=_moved(job.windows, relaxation.number, earliest_by=-amount))


def _moved(
    windows: Sequence[TimeWindow],
    number: int,
    *,
    earliest_by: timedelta = timedelta(0),
    latest_by: timedelta = timedelta(0),
) -> tuple[TimeWindow, ...]:
    moved = TimeWindow(
        earliest_at=windows[number].earliest_at + earliest_by, latest_at=windows[number].latest_at + latest_by
    )
    return (*windows[:number], moved, *windows[number + 1 :])


def _relaxed_shift(shift: Shift, relaxation: Relaxation) -> Shift:
    match relaxation.lever:
        case Lever.MAX_DRIVING:
            return replace(shift, max_driving_s=(shift.max_driving_s or 0) + relaxation.amount)
        case Lever.MAX_VISITS:
            return replace(shift, max_visits=(shift.max_visits or 0) + relaxation.amount)
        case Lever.CAPACITY:
            holds = list(shift.capacity)
            holds[relaxation.number] += relaxation.amount
            return replace(shift, capacity=tuple(holds))
        case Lever.SKILL:
            return replace(shift, skills=shift.skills.union(relaxation.skills))
        case _:
            return _with_other_hours(shift, relaxation, timedelta(seconds=relaxation.amount))


def _with_other_hours(shift: Shift, relaxation: Relaxation, amount: timedelta) -> Shift:
    match relaxation.lever:
        case Lever.SHIFT_LATER:
            return replace(shift, span=replace(shift.span, end_at=shift.span.end_at + amount))
        case Lever.SHIFT_EARLIER:
            return replace(shift, span=replace(shift.span, start_at=shift.span.start_at - amount))
        case _:
            rules = list(shift.breaks)
            rule = rules[relaxation.number]
            rules[relaxation.number] = replace(rule, window=_moved([rule.window], 0, latest_by=amount)[0])
            return replace(shift, breaks=tuple(rules))


def worsened(before: Iterable[Violation], after: Iterable[Violation]) -> list[Violation]:
    """List what is broken after and was not before, or not by as much; each by what it is more."""
    had: Counter[tuple[ViolationKind, JobId | None]] = Counter()
    for found in before:
        had[found.kind, found.job_id] += found.excess + 1
    worse = []
    for found in after:
        taken = min(had[found.kind, found.job_id], found.excess + 1)
        had[found.kind, found.job_id] -= taken
        if taken <= found.excess:
            worse.append(replace(found, excess=found.excess + 1 - taken if taken else found.excess))
    return worse


def strain(broken: Iterable[Violation]) -> float:
    """Return what broken rules weigh together, in seconds: as much as their relaxations would."""
    return sum(_weight(found) for found in broken)


def _weight(broken: Violation) -> float:
    lever = _LEVER_OF.get(broken.kind)
    return _IMPOSSIBLE if lever is None else _ASKED_S + _price(lever, broken.excess)


def price_of(offer: Offer) -> float:
    """Return what an offer asks for beside others, in seconds: minutes as they are, other rules by how hard they give.

    Notes
    -----
    Weights of ours, to order offers by and for nothing else: a minute of the window, of overtime and of driving count
    one each, of another customer's window one and a half, of service two; a visit more counts half an hour, a visit of
    lower priority left out 20 minutes, another worker two hours, a skill four. Each rule asked for counts five minutes
    besides, and the way that is driven for it is added.
    """
    asked = sum(
        _ASKED_S
        + _price(one.lever, one.amount)
        * (_OTHERS_FACTOR if one.job_id is not None and one.job_id != offer.job_id else 1.0)
        for one in offer.relaxations
    )
    return asked + (_LEFT_OUT_S if offer.leaves_out is not None else 0) + max(0, offer.travel_s)


def best_offers(why_not: WhyNot) -> tuple[Offer, ...]:
    """Return the cheapest offers of all workers together, each of another kind than the ones before it."""
    every = sorted((offer for place in why_not.places for offer in place.offers), key=price_of)
    kinds: dict[tuple[frozenset[Lever], bool], Offer] = {}
    for offer in every:
        kinds.setdefault((frozenset(one.lever for one in offer.relaxations), offer.leaves_out is None), offer)
    return tuple(kinds.values())[:_BEST_COUNT]


def _price(lever: Lever, amount: int) -> float:
    if lever is Lever.MAX_VISITS:
        return float(amount * _PER_VISIT_S)
    return float(_FLAT_S.get(lever, 0)) + amount * _PER_SECOND.get(lever, 0.0)
