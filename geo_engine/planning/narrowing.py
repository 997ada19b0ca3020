"""A part of a problem, or the problem with one thing stated otherwise: what a route or a few are tried on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import Problem, breaks_s, seconds_since, windows_s
from geo_engine.planning.rules import PlanRules


def narrowed(problem: Problem, shift_index: int, job_indices: Sequence[int]) -> Problem:
    """Return the problem of one shift and some jobs, in the order given; a route means the same in it as in the whole.

    Of the relations those are kept that bind two of the jobs.

    Notes
    -----
    O(jobs²), whatever the size of the whole.
    """
    return part_of(problem, [shift_index], job_indices)


def part_of(problem: Problem, shift_indices: Sequence[int], job_indices: Sequence[int]) -> Problem:
    """Return the problem of some shifts and some jobs, each in the order given; else as `narrowed`."""
    ends = [problem.end_places[index] for index in shift_indices]
    depots = dict.fromkeys([*(problem.start_places[index] for index in shift_indices), *ends])
    places = [*job_indices, *(place for place in depots if place is not None)]
    place_of = {place: number for number, place in enumerate(places[len(job_indices) :], start=len(job_indices))}
    within = np.ix_(places, places)
    classes = list(dict.fromkeys(problem.travel_class[index] for index in shift_indices))
    speeds = _of(problem.speeds, classes) if problem.speeds else ()
    return replace(
        problem,
        jobs=_of(problem.jobs, job_indices),
        shifts=_of(problem.shifts, shift_indices),
        durations_s=tuple(problem.durations_s[one][within] for one in classes),
        distances_m=tuple(problem.distances_m[one][within] for one in classes),
        area_costs=None if problem.area_costs is None else problem.area_costs[np.ix_(job_indices, shift_indices)],
        speeds=() if all(one is None for one in speeds) else speeds,
        travel_class=tuple(classes.index(problem.travel_class[index]) for index in shift_indices),
        start_places=tuple(place_of[problem.start_places[index]] for index in shift_indices),
        end_places=tuple(None if end is None else place_of[end] for end in ends),
        windows=_of(problem.windows, job_indices),
        spans=_of(problem.spans, shift_indices),
        breaks=_of(problem.breaks, shift_indices),
        promises_s=_of(problem.promises_s, job_indices),
        releases_s=_of(problem.releases_s, job_indices),
        penalties=_of(problem.penalties, job_indices),
        sites=_of(problem.sites, places),
        rules=_part_of_rules(problem, shift_indices, job_indices),
    )


def _part_of_rules(problem: Problem, shift_indices: Sequence[int], job_indices: Sequence[int]) -> PlanRules:
    kept = {problem.jobs[index].id for index in job_indices}
    prefixes = {}
    for worker_id in (problem.shifts[index].worker_id for index in shift_indices):
        prefix = tuple(one for one in problem.rules.prefixes.get(worker_id, ()) if one in kept)
        if prefix:
            prefixes[worker_id] = prefix
    bound = tuple(one for one in problem.rules.relations if {one.first_id, one.second_id} <= kept)
    return replace(problem.rules, relations=bound, prefixes=prefixes)


def _of[T](items: tuple[T, ...], indices: Sequence[int]) -> tuple[T, ...]:
    return tuple(items[index] for index in indices)


def with_job(problem: Problem, job_index: int, job: Job) -> Problem:
    """Return the problem with a job stated otherwise, at the same place and for the same penalty."""
    windows = windows_s(job, problem.origin_at, problem.rules.tolerance_s)
    return replace(
        problem,
        jobs=_put(problem.jobs, job_index, job),
        windows=_put(problem.windows, job_index, windows),
    )


def with_shift(problem: Problem, shift_index: int, shift: Shift) -> Problem:
    """Return the problem with a shift stated otherwise, from and to the same places."""
    span = tuple(seconds_since(moment, problem.origin_at) for moment in (shift.span.start_at, shift.span.end_at))
    return replace(
        problem,
        shifts=_put(problem.shifts, shift_index, shift),
        spans=_put(problem.spans, shift_index, (span[0], span[1])),
        breaks=_put(problem.breaks, shift_index, breaks_s(shift, problem.origin_at)),
    )


def _put[T](items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])
