"""What travel, service and leaving out cost, in whole units: every cost is rounded here, to the nearest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.model import Job, Shift
from geo_engine.planning.rules import Balance, PlanRules
from geo_engine.planning.travel.integers import Integers, empty_integers, row_blocks

if TYPE_CHECKING:
    from geo_engine.planning.problem import Problem


def hours_price(seconds: int, per_hour: float) -> int:
    """Return what seconds cost at a price per hour."""
    return round(seconds * per_hour / 3600.0)


def balance_price(worked_s: int, balance: Balance) -> int:
    """Return what a day of a length costs beyond its target."""
    return round(balance.cost_per_hour_squared * (max(0, worked_s - balance.target_s) / 3600.0) ** 2)


def late_price(late_s: int, rules: PlanRules) -> int:
    """Return what beginning so long after the promise and its tolerance costs."""
    return hours_price(max(0, late_s), rules.late_cost_per_minute * 60.0)


def leg_costs(durations_s: Integers, distances_m: Integers, per_hour: float, per_km: float) -> Integers:
    """Return the cost of each leg; one without a path costs nothing, for it is a violation."""
    per_hour, per_km = float(per_hour), float(per_km)  # 32-bit numbers times a whole number would be 32-bit, too
    most_s, most_m = int(durations_s.max(initial=0)), int(distances_m.max(initial=0))
    costs = empty_integers(durations_s.shape, most_s * abs(per_hour) / 3600.0 + most_m * abs(per_km) / 1000.0 + 1.0)
    for rows in row_blocks(len(costs)):
        exact = durations_s[rows] * per_hour / 3600.0 + distances_m[rows] * per_km / 1000.0
        costs[rows] = np.where(durations_s[rows] < 0, 0, np.rint(exact))
    return costs


def setup_costs(setups_s: Sequence[int], sites: Sequence[int], per_hour: float) -> NDArray[np.int64]:
    """Return what set-up costs at the end of each leg between places, shape (n, n).

    Parameters
    ----------
    setups_s
        Per job; the jobs are the first of the places.
    sites
        Per place, a number that equal places share: between them there is no set-up.
    """
    costs = np.zeros((len(sites), len(sites)), dtype=np.int64)
    site = np.array(sites)
    for job_index, setup_s in enumerate(setups_s):
        costs[:, job_index] = np.where(site == site[job_index], 0, hours_price(setup_s, per_hour))
    return costs


def assignment_costs(
    jobs: Sequence[Job], shifts: Sequence[Shift], rules: PlanRules, area_costs: NDArray[np.int64] | None = None
) -> NDArray[np.int64] | None:
    """Return what it costs that a shift does a job, shape (jobs, shifts); None when nothing of the kind is priced.

    The sum of the job's preference, the rules' surcharge and price of a move, the worker's hours of service, and what
    being far from the middle of the worker's area costs.
    """
    service_s = np.array([job.service_s for job in jobs], dtype=np.int64)
    per_hour = np.array([shift.cost_per_service_hour for shift in shifts])
    costs = np.rint(service_s[:, None] * per_hour[None, :] / 3600.0).astype(np.int64)
    if area_costs is not None:
        costs += area_costs
    for index, job in enumerate(jobs):
        wished = _wished_costs(job, shifts, rules)
        if wished is not None:
            costs[index] += wished
    return costs if costs.any() else None


def _wished_costs(job: Job, shifts: Sequence[Shift], rules: PlanRules) -> list[int] | None:
    """Price by shift whom a job goes to; None when nobody minds."""
    before, surcharges = rules.workers_before.get(job.id), rules.surcharges.get(job.id, {})
    if before is None and not surcharges and not job.preferred_worker_ids:
        return None
    return [
        surcharges.get(worker_id, 0)
        + (job.preference_cost if job.preferred_worker_ids and worker_id not in job.preferred_worker_ids else 0)
        + (rules.move_cost if before not in {None, worker_id} else 0)
        for worker_id in (shift.worker_id for shift in shifts)
    ]


def penalties(problem: "Problem") -> tuple[int, ...]:
    """Price what is left out: by default dearer than all routes together, more so the higher the priority."""
    farthest_m = [int(distances_m.max(initial=0)) for distances_m in problem.distances_m]
    dearest = 1 + sum(
        _dearest_route(problem, index, farthest_m[travel_class])
        for index, travel_class in enumerate(problem.travel_class)
    )
    if problem.assignment_costs is not None:
        dearest += int(problem.assignment_costs.max(axis=1, initial=0).sum())
    latest_s = max(problem.latest_ends_s, default=0)
    dearest += sum(late_price(latest_s - due_s, problem.rules) for due_s in problem.promises_s if due_s is not None)
    by_default = [dearest * (1 + job.priority) for job in problem.jobs]
    priced = [
        default if job.penalty is None else job.penalty for job, default in zip(problem.jobs, by_default, strict=True)
    ]
    must = sum(priced) + dearest
    return tuple(max(price, must) if job.required else price for job, price in zip(problem.jobs, priced, strict=True))


def _dearest_route(problem: "Problem", shift_index: int, farthest_m: int) -> int:
    """Bound the cost of any route of a shift: it drives no longer than the shift, over no more legs than jobs + 1."""
    shift, legs = problem.shifts[shift_index], len(problem.jobs) + 1
    span_s = problem.latest_ends_s[shift_index] - problem.spans[shift_index][0]
    per_km = shift.cost_per_km / 1000.0 * farthest_m * legs
    setups = sum(hours_price(job.setup_s, shift.cost_per_service_hour) for job in problem.jobs)
    timed = hours_price(shift.max_overtime_s, shift.cost_per_overtime_hour)
    timed += hours_price(span_s, shift.cost_per_waiting_hour)
    if problem.rules.balance is not None:
        timed += balance_price(span_s, problem.rules.balance)
    legs_price = round(shift.cost_per_hour / 3600.0 * span_s + per_km)
    return problem.fixed_costs[shift_index] + legs_price + legs + setups + timed
