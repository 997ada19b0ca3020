"""A problem as flat integer arrays, the way compiled code reads it fastest.

Jobs are numbered as in the problem, places too: jobs first, then depots; an open end is one more place that
is reached at once for nothing. Rows of labels are jobs first, then routes.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo_engine.planning.problem import NO_PATH, BreakSlot, Problem
from geo_engine.planning.rests import NEVER_S, rest_by_s, rest_end_s
from geo_engine.planning.search.compiled import Array
from geo_engine.planning.search.nearness import FAR_S, Ways, adjacent_jobs, near_jobs, sort_keys
from geo_engine.planning.search.rich import (
    asked,
    assignment_costs,
    distances_m,
    done_by_step,
    loads,
    rich_jobs,
    rich_shifts,
)
from geo_engine.planning.search.scope import MOST_BREAKS
from geo_engine.planning.travel.integers import Integers, row_blocks

STATES = MOST_BREAKS + 1
_LATEST_WINDOW_S = 10**9
_NO_LIMIT = 2**40
_FEW_JOBS = 80
_THOROUGH_SHARE, _THOROUGH_JOBS = 0.05, 20.0

JOB = np.dtype(
    [("penalty", np.int64), ("at_stake", np.int64), ("service_s", np.int32), ("window_count", np.int32)], align=True
)
SHIFT = np.dtype(
    [
        ("fixed_cost", np.int64),
        ("max_driving_s", np.int64),
        ("max_visits", np.int32),
        ("held_count", np.int32),
        ("start_place", np.int32),
        ("end_place", np.int32),
        ("opens_s", np.int32),
        ("travel_class", np.int32),
        ("rate", np.int32),
        ("shift_class", np.int32),
        ("break_count", np.int32),
        ("end_by_s", np.int32, (STATES,)),
        ("rest_by_s", np.int32, (STATES, STATES)),
        ("rest_s", np.int32, (STATES, STATES)),
        ("rest_end_s", np.int32, (STATES, STATES)),
    ],
    align=True,
)


class Arrays(NamedTuple):
    """What is planned; nothing here changes during a search but what leaving a job out costs, see `Leniency`.

    Parameters
    ----------
    jobs
        One `JOB` each; at stake is the penalty of one that somebody may do.
    windows_s
        Per job, earliest and latest begin of each window in turn; as many as its `window_count`.
    shifts
        One `SHIFT` each. `held_count` first visits stay as they are. Equal shifts have equal `shift_class`: of several
        unused ones, one need be tried. `end_by_s` is the latest moment at the end by the number of breaks behind.
        Breaks are taken in the order of their windows. Entry [a, b] is of taking breaks a to b - 1 on one leg:
        `rest_by_s` is the latest departure that lets each begin in its window, `rest_s` how long they last,
        `rest_end_s` their earliest end.
    travel_s, leg_costs
        Shapes (travel classes, places, places) and (rates, places, places).
    costs_to
        `leg_costs` by where a leg ends, then where it begins: what all ways to one job cost stands side by side.
    amounts, capacities
        Shapes (jobs, dimensions) and (shifts, dimensions).
    allowed
        Shape (jobs, shifts): 1 where the shift may do the job.
    near
        Per job, those whose neighbour on a route it may well be.
    adjacent
        Per job, itself and then others by distance: where a ruin spreads.
    classes, alone_costs
        Shape (jobs, shift classes): the classes by what a route with the job alone costs, and that cost, but for what
        it costs that just this worker does it.
    sort_keys
        Shape (orders, jobs): the orders in which removed jobs are put back.
    thorough_share
        How often a job is tried everywhere, not only beside those it is near to.
    asks
        What the problem asks for beyond all that, as bits of `rich`; the fields that follow count only where it does.
    rich_jobs, rich_shifts
        One `RICH_JOB` and one `RICH_SHIFT` each.
    assignment_costs
        Shape (jobs, shifts).
    changes
        Shape (jobs, dimensions): by how much each visit changes what is on board.
    distances_m
        Shape (travel classes, places, places).
    mates
        Jobs that go to the same worker as another; each job's stand side by side.
    work
        Shape (travel classes, quarters + 1): what is done by the begin of each quarter of an hour.
    """

    jobs: Array
    windows_s: Array
    shifts: Array
    travel_s: Array
    leg_costs: Array
    costs_to: Array
    amounts: Array
    capacities: Array
    allowed: Array
    near: Array
    adjacent: Array
    classes: Array
    alone_costs: Array
    sort_keys: Array
    thorough_share: float
    asks: int
    rich_jobs: Array
    rich_shifts: Array
    assignment_costs: Array
    changes: Array
    distances_m: Array
    mates: Array
    work: Array


def build_arrays(problem: Problem) -> Arrays:
    """Return the arrays of a problem with at least one job and one shift.

    Notes
    -----
    O(places²) memory per travel class and twice per rate, O(jobs²) time for the neighbours.
    """
    job_count = len(problem.jobs)
    travel_s = _with_open_end(problem.durations_s)
    for one_s in travel_s:
        one_s[one_s == NO_PATH] = FAR_S
    leg_costs, rates = _leg_costs(problem, travel_s)
    costs = leg_costs[np.bincount(rates).argmax(), :job_count, :job_count]
    ways = Ways(costs=costs, travel_s=problem.durations_s[0][:job_count, :job_count])
    amounts, capacities = _loads(problem)
    amounts, changes = loads(problem, amounts)
    richer_jobs, mates = rich_jobs(problem)
    allowed = _allowed(problem)
    shifts = _shifts(problem, rates, _shift_classes(problem, allowed))
    classes, alone_costs = _by_cost_alone(shifts, leg_costs, job_count)
    from_start = leg_costs[rates[0], problem.start_places[0], :job_count].astype(np.float64)
    return Arrays(
        jobs=_jobs(problem),
        windows_s=_windows(problem),
        shifts=shifts,
        travel_s=travel_s,
        leg_costs=leg_costs,
        costs_to=np.ascontiguousarray(leg_costs.transpose(0, 2, 1)),
        amounts=amounts,
        capacities=capacities,
        allowed=allowed,
        near=near_jobs(problem, ways),
        adjacent=adjacent_jobs(ways),
        classes=classes,
        alone_costs=alone_costs,
        sort_keys=sort_keys(problem, from_start, amounts),
        thorough_share=1.0 if job_count <= _FEW_JOBS else min(_THOROUGH_SHARE, _THOROUGH_JOBS / job_count),
        asks=asked(problem),
        rich_jobs=richer_jobs,
        rich_shifts=rich_shifts(problem),
        assignment_costs=assignment_costs(problem),
        changes=changes,
        distances_m=distances_m(problem),
        mates=mates,
        work=done_by_step(problem),
    )


def _allowed(problem: Problem) -> Array:
    allowed = np.zeros((len(problem.jobs), len(problem.shifts)), dtype=np.uint8)
    for job, shifts in enumerate(problem.allowed):
        allowed[job, list(shifts)] = 1
    return allowed


def _jobs(problem: Problem) -> Array:
    jobs = np.zeros(len(problem.jobs), dtype=JOB)
    jobs["penalty"] = problem.penalties
    jobs["at_stake"] = [
        penalty if able else 0 for penalty, able in zip(problem.penalties, problem.allowed, strict=True)
    ]
    jobs["service_s"] = [min(job.service_s, NEVER_S) for job in problem.jobs]
    jobs["window_count"] = [len(windows) for windows in problem.windows]
    return jobs


def _shifts(problem: Problem, rates: Sequence[int], classes: Sequence[int]) -> Array:
    open_end = problem.place_count
    shifts = np.zeros(len(problem.shifts), dtype=SHIFT)
    limits = problem.shifts
    shifts["fixed_cost"] = problem.fixed_costs
    if not problem.speeds:  # else `RICH_SHIFT` has it
        most_s = [_NO_LIMIT if shift.max_driving_s is None else shift.max_driving_s for shift in limits]
        shifts["max_driving_s"] = most_s
    else:
        shifts["max_driving_s"] = _NO_LIMIT
    shifts["max_visits"] = [len(problem.jobs) if shift.max_visits is None else shift.max_visits for shift in limits]
    shifts["held_count"] = [len(prefix) for prefix in problem.prefixes]
    shifts["start_place"] = problem.start_places
    shifts["end_place"] = [open_end if end is None else end for end in problem.end_places]
    shifts["opens_s"] = [opens_s for opens_s, _ in problem.spans]
    shifts["travel_class"] = problem.travel_class
    shifts["rate"] = rates
    shifts["shift_class"] = classes
    shifts["break_count"] = [len(slots) for slots in problem.breaks]
    for number, slots in enumerate(problem.breaks):
        _state_breaks(shifts[number], slots, problem.latest_ends_s[number])
    return shifts


def _with_open_end(matrices: Sequence[Integers]) -> Array:
    """Add the place an open end is: reached for nothing, from anywhere."""
    count = len(matrices[0])
    extended = np.zeros((len(matrices), count + 1, count + 1), dtype=np.int32)
    for number, matrix in enumerate(matrices):
        extended[number, :-1, :-1] = matrix
    return extended


def _leg_costs(problem: Problem, travel_s: Array) -> tuple[Array, list[int]]:
    """Return one matrix per rate and each shift's number; one that equals travel is that very array."""
    matrices = {id(costs): costs for costs in problem.leg_costs}
    numbers = {key: number for number, key in enumerate(matrices)}
    rates = [numbers[id(costs)] for costs in problem.leg_costs]
    if len(matrices) == len(travel_s) == 1 and _is_travel(problem.leg_costs[0], travel_s[0]):
        return travel_s, rates
    return _with_open_end(list(matrices.values())), rates


def _is_travel(costs: Integers, travel_s: Array) -> bool:
    """Return whether every leg that has a path costs its seconds."""
    own_s = travel_s[:-1, :-1]
    return all(
        np.array_equal(np.where(own_s[rows] == FAR_S, 0, own_s[rows]), costs[rows]) for rows in row_blocks(len(costs))
    )


def _windows(problem: Problem) -> Array:
    windows_s = np.zeros((len(problem.windows), 2 * max(map(len, problem.windows))), dtype=np.int32)
    for job, windows in enumerate(problem.windows):
        ends = [min(max(moment_s, -NEVER_S), _LATEST_WINDOW_S) for window in windows for moment_s in window]
        windows_s[job, : len(ends)] = ends
    return windows_s


def _loads(problem: Problem) -> tuple[Array, Array]:
    dimensions = max(len(shift.capacity) for shift in problem.shifts)
    amounts = np.zeros((len(problem.jobs), dimensions), dtype=np.int64)
    for job, facts in enumerate(problem.jobs):
        known = facts.amounts[:dimensions]
        amounts[job, : len(known)] = known
    capacities = np.full((len(problem.shifts), dimensions), _NO_LIMIT, dtype=np.int64)
    for shift, limits in enumerate(problem.shifts):
        capacities[shift, : len(limits.capacity)] = limits.capacity
    return amounts, capacities


def _state_breaks(shift: np.void, slots: Sequence[BreakSlot], closes_s: int) -> None:
    """Write the tables of a shift's breaks into its record."""
    shift["end_by_s"] = -NEVER_S
    for behind in range(len(slots) + 1):
        if not any(slot.is_always_taken for slot in slots[behind:]):
            shift["end_by_s"][behind] = min([closes_s, *(slot.latest_s for slot in slots[behind:])])
        for after in range(behind + 1, len(slots) + 1):
            taken = slots[behind:after]
            shift["rest_by_s"][behind, after] = rest_by_s(taken)
            shift["rest_s"][behind, after] = sum(slot.duration_s for slot in taken)
            shift["rest_end_s"][behind, after] = rest_end_s(taken)


def _by_cost_alone(shifts: Array, leg_costs: Array, job_count: int) -> tuple[Array, Array]:
    """Return per job the shift classes by what a route of it alone costs, cheapest first, and that cost."""
    _, members = np.unique(shifts["shift_class"], return_index=True)
    costs = np.empty((job_count, len(members)), dtype=np.int64)
    for shift_class, shift in enumerate(shifts[members]):
        matrix = leg_costs[shift["rate"]]
        costs[:, shift_class] = matrix[shift["start_place"], :job_count]
        costs[:, shift_class] += matrix[:job_count, shift["end_place"]]
        costs[:, shift_class] += shift["fixed_cost"]
    order = np.argsort(costs, axis=1, kind="stable")
    return order.astype(np.int32), np.take_along_axis(costs, order, axis=1)


def _shift_classes(problem: Problem, allowed: Array) -> list[int]:
    """Number the shifts so that equal ones have equal numbers."""
    numbers: dict[object, int] = {}
    found, richer, costs = [], rich_shifts(problem), problem.assignment_costs
    for shift, facts in enumerate(problem.shifts):
        key = (
            (problem.start_places[shift], problem.end_places[shift], problem.spans[shift], problem.breaks[shift]),
            (facts.max_visits, facts.max_driving_s, facts.capacity, problem.fixed_costs[shift]),
            (id(problem.leg_costs[shift]), problem.travel_class[shift], allowed[:, shift].tobytes()),
            (richer[shift].tobytes(), *(() if costs is None else (costs[:, shift].tobytes(),))),
        )
        found.append(numbers.setdefault(key, len(numbers)))
    return found
