"""Why jobs are on no route: for each its best place with every worker near it, what prevents it and what would help."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.explain.making_room import RoomParams, list_offers
from geo_engine.planning.explain.offers import BestPlace, WhyNot
from geo_engine.planning.explain.relaxation import price_of, strain
from geo_engine.planning.explain.trial import Trial
from geo_engine.planning.insertion import IndexOrders
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.travel.integers import Integers

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
    """Return why jobs that are on no route are on none; not for more of them than `params` has, nor for bound ones.

    What a job bound to others needs is not said by any one route.

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
    free = set(job_indices) - {index for bond in problem.bonds for index in (bond.first, bond.second)}
    dearest = sorted(free, key=lambda index: (-problem.penalties[index], index))[: params.job_count]
    chosen = _choose(problem, orders, dearest, params)
    pairs = {
        (problem.jobs[job_index].id, problem.shifts[shift_index].worker_id): (job_index, shift_index)
        for job_index in dearest
        for shift_index in chosen[job_index]
    }
    found = {key: place for key, place in (known or {}).items() if key in pairs}
    fresh = [pair for key, pair in pairs.items() if key not in found][: params.new_count]
    for shift_index in sorted({shift_index for _, shift_index in fresh}):
        wanted = [job_index for job_index, index in fresh if index == shift_index]
        found |= _look(problem, shift_index, orders.get(shift_index, ()), wanted, params)
    places: dict[JobId, list[BestPlace]] = {problem.jobs[job_index].id: [] for job_index in dearest}
    for (job_id, _), place in found.items():
        places[job_id].append(place)
    return {
        job_id: WhyNot(places=tuple(sorted(some, key=_closeness)), unseen_count=len(problem.shifts) - len(some))
        for job_id, some in places.items()
    }


def _look(
    problem: Problem, shift_index: int, order: Sequence[int], wanted: Sequence[int], params: RoomParams
) -> dict[tuple[JobId, WorkerId], BestPlace]:
    trial = Trial(problem, shift_index, order, wanted)
    places = {}
    for job_index, whole_index in enumerate(wanted, start=len(order)):
        places[problem.jobs[whole_index].id, trial.worker_id] = _best(trial, job_index, params)
    return places


def _best(trial: Trial, job_index: int, params: RoomParams) -> BestPlace:
    """Return the place with the cheapest offer, and with the cheapest of all: where two rules bind, another may do."""
    first, *others = trial.best_places(job_index, params.place_count)
    tried = [first, *(others if len(first.broken) > 1 else ())]
    places = [replace(place, offers=list_offers(trial, job_index, place, params)) for place in tried]
    every = dict.fromkeys(offer for place in places for offer in place.offers)
    best: BestPlace = min(places, key=_closeness)
    return replace(best, offers=tuple(sorted(every, key=price_of)[: params.offer_count]))


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
    travel_s = problem.travel_s(shift_index)
    detour_s = _between(travel_s, before, jobs)
    detour_s[: len(after)] += _between(travel_s, jobs, after).T
    if order:
        direct_s = travel_s[before[: len(after)], after]
        detour_s[: len(after)] -= np.maximum(0, direct_s)[:, None]
    found: NDArray[np.float64] = detour_s.min(axis=0)
    return found


def _between(travel_s: Integers, origins: Sequence[int], destinations: Sequence[int]) -> NDArray[np.float64]:
    part_s = travel_s[np.ix_(origins, destinations)]
    return np.where(part_s == NO_PATH, np.inf, part_s.astype(np.float64))


def _closeness(place: BestPlace) -> tuple[float, float, WorkerId]:
    cheapest = price_of(place.offers[0]) if place.offers else float("inf")
    return cheapest, strain(place.broken), place.worker_id
