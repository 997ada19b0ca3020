"""Why jobs are on no route: for each its best place with every worker near it, what prevents it and what would help."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.insertion import IndexOrders
from geo_engine.planning.making_room import RoomParams, list_offers
from geo_engine.planning.offers import BestPlace, WhyNot
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.relaxation import price_of, strain
from geo_engine.planning.trial import Trial

_DEFAULTS = RoomParams()

Places = Mapping[tuple[JobId, WorkerId], BestPlace]


def find_why_nots(
    problem: Problem,
    orders: IndexOrders,
    job_indices: Iterable[int],
    *,
    known: Places | None = None,
    params: RoomParams = _DEFAULTS,
) -> dict[JobId, WhyNot]:
    """Return why jobs that are on no route are on none; not for more of them than `params` has.

    Parameters
    ----------
    orders
        Job indices by shift index, whoever thought of them: rules that they break already are not held against a job.
    known
        Places that are known from a plan in which the workers have the same routes.

    Notes
    -----
    O(jobs × workers × visits) for who is near, in NumPy, then at most `params.worker_count` routes a job, each judged
    a bounded number of times. Offers of one route alone: what moving visits between workers would give is the
    solver's to find.
    """
    dearest = sorted(set(job_indices), key=lambda index: (-problem.penalties[index], index))[: params.job_count]
    chosen = _choose(problem, orders, dearest, params)
    found: dict[tuple[JobId, WorkerId], BestPlace] = dict(known or {})
    for shift_index, shift in enumerate(problem.shifts):
        wanted = [
            job_index
            for job_index in dearest
            if shift_index in chosen[job_index] and (problem.jobs[job_index].id, shift.worker_id) not in found
        ]
        for place_of in _look(problem, shift_index, orders.get(shift_index, ()), wanted, params):
            found[place_of[0], shift.worker_id] = place_of[1]
    return {
        problem.jobs[job_index].id: _why_not(
            [found[problem.jobs[job_index].id, problem.shifts[index].worker_id] for index in chosen[job_index]],
            unseen_count=len(problem.shifts) - len(chosen[job_index]),
        )
        for job_index in dearest
    }


def _look(
    problem: Problem, shift_index: int, order: Sequence[int], wanted: Sequence[int], params: RoomParams
) -> Iterable[tuple[JobId, BestPlace]]:
    if not wanted:
        return
    trial = Trial(problem, shift_index, order, wanted)
    for job_index, whole_index in enumerate(wanted, start=len(order)):
        place = trial.best_place(job_index, params.place_count)
        yield (
            problem.jobs[whole_index].id,
            replace(place, offers=list_offers(trial, job_index, place, params)),
        )


def _choose(
    problem: Problem, orders: IndexOrders, job_indices: Sequence[int], params: RoomParams
) -> dict[int, list[int]]:
    """Return per job the shifts to look at, by the shortest detour: those that may do it, then others."""
    detours_s = [_detours_s(problem, index, orders.get(index, ()), job_indices) for index in range(len(problem.shifts))]
    chosen = {}
    for column, job_index in enumerate(job_indices):
        near = sorted(range(len(problem.shifts)), key=lambda index: (detours_s[index][column], index))
        able = [index for index in near if index in problem.allowed[job_index]]
        barred = [index for index in near if index not in problem.allowed[job_index]]
        room_for_barred = params.worker_count - min(len(able), params.able_count)
        barred = barred[:room_for_barred]
        chosen[job_index] = [*able[: params.worker_count - len(barred)], *barred]
    return chosen


def _detours_s(
    problem: Problem, shift_index: int, order: Sequence[int], job_indices: Sequence[int]
) -> NDArray[np.float64]:
    """Return how many seconds longer a route takes at least with each job on it; infinite where no path leads."""
    jobs, end = list(job_indices), problem.end_places[shift_index]
    before = [problem.start_places[shift_index], *order]
    after = [*order, *([] if end is None else [end])]
    detour_s = _travel_s(problem, before, jobs)
    detour_s[: len(after)] += _travel_s(problem, jobs, after).T
    if order:
        direct_s = problem.durations_s[before[: len(after)], after]
        detour_s[: len(after)] -= np.maximum(0, direct_s)[:, None]
    found: NDArray[np.float64] = detour_s.min(axis=0)
    return found


def _travel_s(problem: Problem, origins: Sequence[int], destinations: Sequence[int]) -> NDArray[np.float64]:
    travel_s = problem.durations_s[np.ix_(origins, destinations)]
    return np.where(travel_s == NO_PATH, np.inf, travel_s.astype(np.float64))


def _why_not(places: Iterable[BestPlace], *, unseen_count: int) -> WhyNot:
    return WhyNot(places=tuple(sorted(places, key=_closeness)), unseen_count=unseen_count)


def _closeness(place: BestPlace) -> tuple[float, float]:
    cheapest = price_of(place.offers[0]) if place.offers else float("inf")
    return cheapest, strain(place.broken)
