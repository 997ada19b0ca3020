"""A part of a problem, or the problem with one thing stated otherwise: what a single route is tried on."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import Problem, breaks_s, seconds_since, windows_s


def narrowed(problem: Problem, shift_index: int, job_indices: Sequence[int]) -> Problem:
    """Return the problem of one shift and some jobs, in the order given; a route means the same in it as in the whole.

    Of the relations those are kept that bind two of the jobs.

    Notes
    -----
    O(jobs²), whatever the size of the whole.
    """
    start, end = problem.start_places[shift_index], problem.end_places[shift_index]
    places = [*job_indices, start, *([] if end is None else [end])]
    within = np.ix_(places, places)
    jobs = tuple(problem.jobs[index] for index in job_indices)
    kept = {job.id for job in jobs}
    shift = problem.shifts[shift_index]
    prefix = tuple(one for one in problem.rules.prefixes.get(shift.worker_id, ()) if one in kept)
    bound = tuple(one for one in problem.rules.relations if {one.first_id, one.second_id} <= kept)
    return replace(
        problem,
        jobs=jobs,
        shifts=(shift,),
        durations_s=(problem.travel_s(shift_index)[within],),
        distances_m=(problem.travel_m(shift_index)[within],),
        travel_class=(0,),
        start_places=(len(job_indices),),
        end_places=(None if end is None else len(job_indices) + 1,),
        windows=tuple(problem.windows[index] for index in job_indices),
        spans=(problem.spans[shift_index],),
        breaks=(problem.breaks[shift_index],),
        promises_s=tuple(problem.promises_s[index] for index in job_indices),
        releases_s=tuple(problem.releases_s[index] for index in job_indices),
        penalties=tuple(problem.penalties[index] for index in job_indices),
        sites=tuple(problem.sites[place] for place in places),
        rules=replace(problem.rules, relations=bound, prefixes={shift.worker_id: prefix} if prefix else {}),
    )


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
