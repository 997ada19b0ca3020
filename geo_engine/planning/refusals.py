"""Which jobs, shifts and rules are refused, each by name and in words that say why."""

from collections.abc import Sequence
from datetime import timedelta

from geo_engine.errors import InvalidInput
from geo_engine.planning.model import MAX_PRIORITY, Job, Shift, ShiftBreak, may_do
from geo_engine.planning.rules import PlanRules, RelationKind
from geo_engine.tenancy.speeds import require_percents
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
    _refuse_bad_speeds(rules)
    _refuse_bad_relations(jobs, rules)
    _refuse_bad_prefixes(jobs, shifts, rules)
    _refuse_locked_to_the_wrong(jobs, shifts, rules)


def _refuse_bad_job(job: Job) -> None:
    if not 0 <= job.priority <= MAX_PRIORITY:
        raise InvalidInput(Message("Job {id}: the priority must be between 0 and 100.", {"id": job.id}))
    if job.service_s < 0 or (job.penalty or 0) < 0 or min((*job.amounts, *job.pickup_amounts), default=0) < 0:
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
    costs = (
        *(shift.cost_fixed, shift.cost_per_hour, shift.cost_per_km),
        *(shift.cost_per_service_hour, shift.cost_per_waiting_hour, shift.cost_per_overtime_hour),
    )
    if min(costs) < 0:
        raise InvalidInput(Message("Worker {id}: costs must not be negative.", {"id": shift.worker_id}))
    if shift.max_overtime_s < 0:
        raise InvalidInput(Message("Worker {id}: overtime must not be negative.", {"id": shift.worker_id}))


def _fits(rule: ShiftBreak, shift: Shift) -> bool:
    earliest_at = max(rule.window.earliest_at, shift.span.start_at)
    return earliest_at <= min(rule.window.latest_at, shift.span.end_at - timedelta(seconds=rule.duration_s))


def _refuse_bad_prices(rules: PlanRules) -> None:
    balance = rules.balance
    weights: tuple[float, ...] = () if balance is None else (balance.target_s, balance.cost_per_hour_squared)
    if rules.compactness is not None:
        weights = (*weights, rules.compactness.free_s, rules.compactness.cost_per_hour)
    surcharges = [cost for by_worker in rules.surcharges.values() for cost in by_worker.values()]
    if min([rules.move_cost, rules.tolerance_s, rules.late_cost_per_minute, *weights, *surcharges]) < 0:
        raise InvalidInput(Message("The prices of a plan's rules must not be negative."))


def _refuse_bad_speeds(rules: PlanRules) -> None:
    for mode, hourly in rules.speeds.items():
        require_percents(mode, hourly.percents)


def _refuse_bad_prefixes(jobs: Sequence[Job], shifts: Sequence[Shift], rules: PlanRules) -> None:
    job_ids, worker_ids = {job.id for job in jobs}, {shift.worker_id for shift in shifts}
    for worker_id, prefix in rules.prefixes.items():
        unknown = [job_id for job_id in prefix if job_id not in job_ids]
        if unknown or worker_id not in worker_ids:
            facts = {"worker": worker_id, "ids": ", ".join(unknown)}
            raise InvalidInput(Message("Worker {worker} or a locked job is not in the list: {ids}", facts))
    _refuse_repeated([job_id for prefix in rules.prefixes.values() for job_id in prefix])


def _refuse_bad_relations(jobs: Sequence[Job], rules: PlanRules) -> None:
    by_id = {job.id: job for job in jobs}
    shipped: list[str] = []
    for one in rules.relations:
        facts = {"first": one.first_id, "second": one.second_id}
        if one.first_id not in by_id or one.second_id not in by_id:
            raise InvalidInput(Message("Relation of {first} and {second}: there is no such job.", facts))
        if one.first_id == one.second_id or one.gap_s < 0:
            raise InvalidInput(
                Message("Relation of {first} and {second}: it takes two jobs and a gap of at least 0.", facts)
            )
        if one.kind is RelationKind.SHIPMENT:
            shipped += [one.first_id, one.second_id]
            if any(by_id[one.second_id].amounts):
                raise InvalidInput(Message("Shipment of {first} and {second}: the first has the amounts.", facts))
    _refuse_repeated(shipped)


def _refuse_repeated(ids: Sequence[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise InvalidInput(Message("The id {id} is given twice.", {"id": one}))
        seen.add(one)


def _refuse_locked_to_the_wrong(jobs: Sequence[Job], shifts: Sequence[Shift], rules: PlanRules) -> None:
    job_of = {job.id: job for job in jobs}
    for shift in shifts:
        for job_id in rules.prefixes.get(shift.worker_id, ()):
            if not may_do(shift, job_of[job_id]):
                facts = {"id": job_id, "worker": shift.worker_id}
                raise InvalidInput(Message("Job {id} is locked to worker {worker}, who may not do it.", facts))
