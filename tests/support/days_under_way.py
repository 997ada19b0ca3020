"""Random days in the middle of which somebody replans: what was done, is under way, driven to or locked by then."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import PlannedVisit, Route, Shift, Violation, ViolationKind
from geo_engine.planning.problem import NO_PATH, Problem, build_problem, places_of
from geo_engine.planning.replan.progress import DayProgress, Lock, Standing, StopProgress
from geo_engine.planning.replan.rest import Rest, rest_of
from geo_engine.roads import TravelMatrix
from support.problems import at
from support.rich_problems import rich_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DayUnderWay:
    """A day, its plan, and where it stands."""

    whole: Problem
    routes: tuple[Route, ...]
    progress: DayProgress
    rest: Rest
    problem: Problem

    @property
    def frozen_ids(self) -> frozenset[JobId]:
        """Everything done, under way or driven to."""
        return frozenset(self.progress.stops)


def day_under_way(seed: int, *, job_count: int = 10, shift_count: int = 3) -> DayUnderWay:
    """Return a random day with everything present by chance, planned, and followed until a random moment."""
    rng = random.Random(seed)
    whole = rich_problem(seed, job_count=job_count, shift_count=shift_count)
    whole = replace(whole, rules=replace(whole.rules, prefixes={}))
    routes = evaluate(whole, named(whole, complete(whole, {}, range(job_count - 1)).orders)).routes
    now = at(rng.randrange(8 * 60, 18 * 60)) + timedelta(seconds=rng.random() * 60)
    stops = {job_id: one for route in routes for job_id, one in _stops(rng, route, now).items()}
    left = [visit.job_id for route in routes for visit in route.planned_visits if visit.job_id not in stops]
    progress = DayProgress(
        now=now,
        stops=stops,
        locks={
            job_id: frozenset(rng.sample(list(Lock), rng.choice([1, 2, 3]))) for job_id in left if rng.random() < 0.2
        },
        promises={
            visit.job_id: visit.start_at for route in routes for visit in route.planned_visits if rng.random() < 0.7
        },
    )
    shifts = tuple(
        replace(shift, mode=f"class {number}", speed_factor=1.0)
        for shift, number in zip(whole.shifts, whole.travel_class, strict=True)
    )
    rest = rest_of(whole.jobs, shifts, routes, progress, rules=whole.rules)
    problem = build_problem(
        rest.jobs, rest.shifts, _matrices(whole, places_of(rest.jobs, rest.shifts, rest.rules)), rest.rules
    )
    return DayUnderWay(whole=whole, routes=routes, progress=progress, rest=rest, problem=problem)


def _stops(rng: random.Random, route: Route, now: datetime) -> Mapping[JobId, StopProgress]:
    """Return what a worker has done of a route by a moment: with delays, at times not in order or not all."""
    behind = timedelta(minutes=rng.choice([-20, 0, 0, 10, 45, 120]))
    found: dict[JobId, StopProgress] = {}
    order = list(route.planned_visits)
    if rng.random() < 0.2:
        rng.shuffle(order)
    for visit in order:
        began_at, ended_at = visit.start_at + behind, visit.end_at + behind
        if ended_at <= now and rng.random() < 0.9:
            found[visit.job_id] = StopProgress(standing=Standing.DONE, began_at=began_at, ended_at=ended_at)
    late = next((visit for visit in order if visit.job_id not in found), None)
    if late is not None and late.start_at + behind <= now:
        began_at = late.start_at + behind
        found[late.job_id] = StopProgress(standing=Standing.UNDER_WAY, began_at=began_at)
    elif late is not None and route.start_at + behind <= now and rng.random() < 0.8:
        found[late.job_id] = StopProgress(standing=Standing.DRIVEN_TO)
    return found


def _matrices(whole: Problem, places: Sequence[Position]) -> dict[str, TravelMatrix]:
    known = places_of(whole.jobs, whole.shifts)
    rows = [known.index(place) for place in places]
    within = np.ix_(rows, rows)
    return {
        f"class {number}": TravelMatrix(
            durations_s=np.where(durations_s == NO_PATH, np.nan, durations_s.astype(np.float64))[within],
            distances_m=np.where(distances_m == NO_PATH, np.nan, distances_m.astype(np.float64))[within],
            is_estimate=False,
        )
        for number, (durations_s, distances_m) in enumerate(zip(whole.durations_s, whole.distances_m, strict=True))
    }


def broken_promises(day: DayUnderWay, routes: Sequence[Route], violations: Sequence[Violation]) -> list[str]:
    """Tell everything done, under way, driven to or locked that is not as it was.

    Only what can begin no more when it was locked to may begin later, and it is told as a violation.
    """
    told = {one.job_id for one in violations if one.kind is ViolationKind.WINDOW}
    return [*_not_identical(day, routes), *_not_as_locked(day, routes, told)]


def _not_identical(day: DayUnderWay, routes: Sequence[Route]) -> list[str]:
    was, now = (_frozen(day, some) for some in (day.routes, routes))
    return [] if repr(was) == repr(now) else [f"{was} became {now}"]


def _frozen(day: DayUnderWay, routes: Sequence[Route]) -> dict[WorkerId, tuple[object, ...]]:
    of_workers = {
        route.worker_id: tuple(visit for visit in route.planned_visits if visit.job_id in day.frozen_ids)
        for route in routes
    }
    return {worker_id: visits for worker_id, visits in of_workers.items() if visits}


def _not_as_locked(day: DayUnderWay, routes: Sequence[Route], told: set[JobId | None]) -> list[str]:
    now = {visit.job_id: (route, visit) for route in routes for visit in route.planned_visits}
    wrong = []
    for was in day.routes:
        left = [visit for visit in was.planned_visits if visit.job_id not in day.frozen_ids]
        for stop, visit in enumerate(left, start=1):
            locks = day.progress.locks.get(visit.job_id, frozenset())
            route, found = now.get(visit.job_id, (None, None))
            if locks and (route is None or found is None or route.worker_id != was.worker_id):
                wrong.append(f"{visit.job_id} is locked and elsewhere")
            elif Lock.ORDER in locks and _order(day, route)[:stop] != [one.job_id for one in left[:stop]]:
                wrong.append(f"{visit.job_id} is locked in its order and passed")
            elif Lock.TIME in locks and not _is_kept(visit, found, is_told=visit.job_id in told):
                wrong.append(f"{visit} is locked in its time and became {found}")
    return wrong


def _is_kept(was: PlannedVisit, now: PlannedVisit | None, *, is_told: bool) -> bool:
    return now is not None and (now.start_at == was.start_at or (is_told and now.start_at > was.start_at))


def _order(day: DayUnderWay, route: Route | None) -> list[JobId]:
    return (
        [] if route is None else [visit.job_id for visit in route.planned_visits if visit.job_id not in day.frozen_ids]
    )


def free_from(day: DayUnderWay) -> Mapping[WorkerId, Shift]:
    """Return by worker the shift that is left."""
    return {shift.worker_id: shift for shift in day.rest.shifts}
