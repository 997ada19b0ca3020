"""What a day may state beyond windows, breaks, skills and plain limits, as arrays; most days state little of it."""

import numpy as np

from geo_engine.planning.problem import Problem
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.search.compiled import Array
from geo_engine.planning.search.scope import MOST_BREAKS
from geo_engine.planning.travel.speeds import STEP_S
from geo_engine.tenancy.speeds import FULL

# What a problem asks for, as bits; a search looks at what concerns it only where it is asked for.
TIMES, LOADS, METRES, ASSIGNMENTS, PAIRS, MATES, HOURS = 1, 2, 4, 8, 16, 32, 64
WHOLE = TIMES | LOADS | METRES  # what only a walk along the whole route tells
NO_HALF = -1
_NO_DUE_S = 2**30
_NO_LIMIT = 2**40

RICH_JOB = np.dtype(
    [
        ("setup_s", np.int32),
        ("site", np.int32),
        ("release_s", np.int32),
        ("due_s", np.int32),
        ("other_half", np.int32),
        ("is_second", np.int32),
        ("first_mate", np.int32),
        ("mate_count", np.int32),
    ],
    align=True,
)
RICH_SHIFT = np.dtype(
    [
        ("overtime_cost", np.float64),
        ("waiting_cost", np.float64),
        ("late_cost", np.float64),
        ("balance_cost", np.float64),
        ("balance_from_s", np.int64),
        ("max_distance_m", np.int64),
        ("max_overtime_s", np.int64),
        ("closes_s", np.int64),
        ("latest_end_s", np.int64),
        ("hour_cost", np.float64),
        ("most_spared", np.int64),
        ("max_driving_s", np.int64),
        ("phase_s", np.int64),
        ("start_site", np.int32),
        ("break_count", np.int32),
        ("break_s", np.int32, (MOST_BREAKS,)),
        ("break_from_s", np.int32, (MOST_BREAKS,)),
        ("break_by_s", np.int32, (MOST_BREAKS,)),
        ("break_is_owed", np.int32, (MOST_BREAKS,)),
    ],
    align=True,
)


def asked(problem: Problem) -> int:
    """Return what a problem asks for, as bits."""
    kinds = {bond.kind for bond in problem.bonds}
    has_pairs = RelationKind.SHIPMENT in kinds
    is_timed = problem.prices_time or problem.has_setups or any(release_s > 0 for release_s in problem.releases_s)
    has_hours = bool(problem.speeds)
    bits = (
        HOURS * has_hours
        | TIMES * (is_timed or has_pairs or has_hours)
        | LOADS * problem.has_pickups
        | PAIRS * has_pairs
    )
    bits |= METRES * any(shift.max_distance_m is not None for shift in problem.shifts)
    bits |= ASSIGNMENTS * (problem.assignment_costs is not None)
    return int(bits | MATES * (RelationKind.SAME_WORKER in kinds))


def rich_jobs(problem: Problem) -> tuple[Array, Array]:
    """Return one `RICH_JOB` each, and the jobs that go to the same worker as another, job after job."""
    jobs = np.zeros(len(problem.jobs), dtype=RICH_JOB)
    jobs["setup_s"] = [job.setup_s for job in problem.jobs]
    jobs["site"] = problem.sites[: len(problem.jobs)]
    jobs["release_s"] = problem.releases_s
    jobs["due_s"] = [_NO_DUE_S if due_s is None else due_s for due_s in problem.promises_s]
    jobs["other_half"] = NO_HALF
    mates: list[list[int]] = [[] for _ in problem.jobs]
    for bond in problem.bonds:
        if bond.kind is RelationKind.SHIPMENT:
            jobs["other_half"][[bond.first, bond.second]] = bond.second, bond.first
            jobs["is_second"][bond.second] = 1
        elif bond.kind is RelationKind.SAME_WORKER:
            mates[bond.first].append(bond.second)
            mates[bond.second].append(bond.first)
    jobs["mate_count"] = [len(found) for found in mates]
    jobs["first_mate"] = np.cumsum(jobs["mate_count"]) - jobs["mate_count"]
    return jobs, np.array([one for found in mates for one in found] or [0], dtype=np.int32)


def rich_shifts(problem: Problem) -> Array:
    """Return one `RICH_SHIFT` each."""
    shifts, limits, rules = np.zeros(len(problem.shifts), dtype=RICH_SHIFT), problem.shifts, problem.rules
    shifts["overtime_cost"] = [shift.cost_per_overtime_hour for shift in limits]
    shifts["waiting_cost"] = [shift.cost_per_waiting_hour for shift in limits]
    shifts["late_cost"] = rules.late_cost_per_minute * 60.0
    if rules.balance is not None:
        shifts["balance_cost"] = rules.balance.cost_per_hour_squared
        shifts["balance_from_s"] = rules.balance.target_s
    shifts["max_distance_m"] = [_NO_LIMIT if shift.max_distance_m is None else shift.max_distance_m for shift in limits]
    shifts["max_overtime_s"] = [shift.max_overtime_s for shift in limits]
    shifts["closes_s"] = [closes_s for _, closes_s in problem.spans]
    shifts["latest_end_s"] = problem.latest_ends_s
    if problem.speeds:
        _state_hours(shifts, problem)
    shifts["start_site"] = [problem.sites[place] for place in problem.start_places]
    shifts["break_count"] = [len(slots) for slots in problem.breaks]
    for number, slots in enumerate(problem.breaks):
        for slot_number, slot in enumerate(slots):
            shifts["break_s"][number, slot_number] = slot.duration_s
            shifts["break_from_s"][number, slot_number] = slot.earliest_s
            shifts["break_by_s"][number, slot_number] = slot.latest_s
            shifts["break_is_owed"][number, slot_number] = slot.is_always_taken
    return shifts


def _state_hours(shifts: Array, problem: Problem) -> None:
    """Write down what it takes where the hour tells the speed."""
    shifts["hour_cost"] = [shift.cost_per_hour for shift in problem.shifts]
    shifts["max_driving_s"] = [
        _NO_LIMIT if shift.max_driving_s is None else shift.max_driving_s for shift in problem.shifts
    ]
    for index, (opens_s, _) in enumerate(problem.spans):
        speeds = problem.speeds_of(index)
        span_h = (problem.latest_ends_s[index] - opens_s) / 3600.0
        if speeds is not None and speeds.fastest > FULL:
            spared = problem.shifts[index].cost_per_hour * span_h * (speeds.fastest - FULL) / FULL
            shifts["most_spared"][index] = int(spared) + 1
    shifts["phase_s"] = next(one.phase_s for one in problem.speeds if one is not None)


def done_by_step(problem: Problem) -> Array:
    """Return what is done by each quarter of an hour, shape (travel classes, quarters + 1); one entry without hours."""
    if not problem.speeds:
        return np.zeros((1, 1), dtype=np.int64)
    step_count = max(len(one.work) for one in problem.speeds if one is not None)
    full = np.arange(step_count + 1, dtype=np.int64) * STEP_S * FULL
    return np.stack([full if one is None else np.array([*one.work, one.done_in_all]) for one in problem.speeds])


def assignment_costs(problem: Problem) -> Array:
    """Return what it costs that a shift does a job, shape (jobs, shifts), or of one entry where it costs nothing."""
    costs = problem.assignment_costs
    return np.zeros((1, 1), dtype=np.int64) if costs is None else np.ascontiguousarray(costs, dtype=np.int64)


def distances_m(problem: Problem) -> Array:
    """Return the metres between places, an open end the last, per travel class; one entry where nobody has a limit."""
    if all(shift.max_distance_m is None for shift in problem.shifts):
        return np.zeros((1, 1, 1), dtype=np.int32)
    return np.stack([np.pad(np.maximum(0, one), ((0, 1), (0, 1))) for one in problem.distances_m]).astype(np.int32)


def loads(problem: Problem, amounts: Array) -> tuple[Array, Array]:
    """Return what is on board from the start for each job, and by how much each visit changes what is on board.

    Parameters
    ----------
    amounts
        Of each job, shape (jobs, dimensions).
    """
    brought = amounts.copy()
    brought[list(problem.delivery_of)] = 0
    changes = -brought
    for job, facts in enumerate(problem.jobs):
        taken = facts.pickup_amounts[: amounts.shape[1]]
        changes[job, : len(taken)] += np.array(taken, dtype=np.int64)
    for first, second in problem.delivery_of.items():
        changes[first] += amounts[first]
        changes[second] -= amounts[first]
    return brought, changes
