"""Which jobs, shifts and rules are refused, each by name and in words that say why."""

from collections.abc import Sequence
from datetime import timedelta

from geo_engine.errors import InvalidInput
from geo_engine.planning.model import MAX_PRIORITY, Job, Shift, ShiftBreak
from geo_engine.planning.rules import PlanRules
from geo_engine.words import Message


def refuse_bad_input(jobs: Sequence[Job], shifts: Sequence[Shift], rules: PlanRules) -> None:
    """Raise for the first thing wrong.

    Raises
    ------
    InvalidInput
        When ids repeat, a break is longer than its shift, or a number is out of its range.
    """
    _refuse_repeated([str(job.id) for job in jobs])
    _refuse_repeated([str(shift.worker_id) for shift in shifts])
    for job in jobs:
        _refuse_bad_job(job)
    for shift in shifts:
        _refuse_bad_shift(shift)
    _refuse_bad_prices(rules)


def _refuse_bad_job(job: Job) -> None:
    if not 0 <= job.priority <= MAX_PRIORITY:
        raise InvalidInput(Message("Job {id}: the priority must be between 0 and 100.", {"id": job.id}))
    if job.service_s < 0 or (job.penalty or 0) < 0 or min(job.amounts, default=0) < 0:
        raise InvalidInput(Message("Job {id}: service time, penalty and amounts must not be negative.", {"id": job.id}))
    if min(job.setup_s, job.preference_cost) < 0:
        raise InvalidInput(
            Message("Job {id}: set-up time and the price of a preference must not be negative.", {"id": job.id})
        )


def _refuse_bad_shift(shift: Shift) -> None:
    if any(rule.duration_s > shift.span.duration.total_seconds() for rule in shift.breaks):
        raise InvalidInput(Message("Worker {id}: a break is longer than the shift.", {"id": shift.worker_id}))
    if any(rule.is_always_taken and not _fits(rule, shift) for rule in shift.breaks):
        raise InvalidInput(
            Message("Worker {id}: a break that is always taken is outside the shift.", {"id": shift.worker_id})
        )
    if not shift.speed_factor > 0:
        raise InvalidInput(Message("Worker {id}: the speed factor must be positive.", {"id": shift.worker_id}))
    if min(shift.cost_fixed, shift.cost_per_hour, shift.cost_per_km, shift.cost_per_service_hour) < 0:
        raise InvalidInput(Message("Worker {id}: costs must not be negative.", {"id": shift.worker_id}))


def _fits(rule: ShiftBreak, shift: Shift) -> bool:
    earliest_at = max(rule.window.earliest_at, shift.span.start_at)
    return earliest_at <= min(rule.window.latest_at, shift.span.end_at - timedelta(seconds=rule.duration_s))


def _refuse_bad_prices(rules: PlanRules) -> None:
    surcharges = [cost for by_worker in rules.surcharges.values() for cost in by_worker.values()]
    if min([rules.move_cost, *surcharges]) < 0:
        raise InvalidInput(Message("The prices of a plan's rules must not be negative."))


def _refuse_repeated(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidInput(Message("The id {id} is given twice.", {"id": one}))
        seen.add(one)
