"""Random days with everything a problem can state present by chance: what `random_problem` has, and the rest."""

import random
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Job, Shift
from geo_engine.planning.problem import Problem, build_problem, places_of
from geo_engine.planning.rules import Balance, Compactness, PlanRules, Relation, RelationKind
from geo_engine.planning.travel.speeds import HourlySpeeds
from geo_engine.roads import TravelMatrix
from support.problems import at, matrix_of, random_problem
from support.simulator import simulate

MODES = ("car", "bicycle")


def rich_problem(seed: int, *, job_count: int, shift_count: int) -> Problem:
    """Return a small day in which every constraint and price is present by chance."""
    rng = random.Random(seed)
    base = random_problem(seed, job_count=job_count, shift_count=shift_count)
    jobs = _together([_rich_job(rng, job, base.shifts) for job in base.jobs], rng)
    has_breaks = _often(rng, 0.6)
    shifts = tuple(_rich_shift(rng, shift, has_breaks=has_breaks) for shift in base.shifts)
    rules = replace(_rules(rng, jobs, shifts), speeds=_speeds(random.Random(-1 - seed)))
    rules = replace(rules, compactness=_compactness(random.Random(10**7 + seed), jobs, shifts))
    brought = {one.second_id for one in rules.relations if one.kind is RelationKind.SHIPMENT}
    jobs = tuple(replace(job, amounts=()) if job.id in brought else job for job in jobs)
    matrices = _matrices(rng, places_of(jobs, shifts))
    problem = build_problem(jobs, shifts, matrices, rules)
    return build_problem(jobs, shifts, matrices, replace(rules, prefixes=_prefixes(rng, problem)))


def _often(rng: random.Random, share: float) -> bool:
    return rng.random() < share


def _someone(rng: random.Random, shifts: Sequence[Shift]) -> WorkerId:
    return rng.choice(shifts).worker_id


def _rich_job(rng: random.Random, job: Job, shifts: Sequence[Shift]) -> Job:
    prefers = _often(rng, 0.2)
    return replace(
        job,
        pickup_amounts=tuple(rng.choice([(), (), (1,), (2, 1)])),
        released_at=at(rng.choice([9 * 60, 10 * 60, 11 * 60])) if _often(rng, 0.15) else None,
        setup_s=60 * rng.choice([0, 0, 0, 5, 20]),
        preferred_worker_ids=frozenset({_someone(rng, shifts)} if prefers else ()),
        promised_at=at(rng.randrange(9 * 60, 17 * 60, 30)) if _often(rng, 0.2) else None,
        preference_cost=rng.choice([300, 2000]) if prefers else 0,
    )


def _together(jobs: Sequence[Job], rng: random.Random) -> tuple[Job, ...]:
    """Put a job now and then where the one before it is."""
    placed: list[Job] = []
    for job in jobs:
        is_there = bool(placed) and _often(rng, 0.35)
        placed.append(replace(job, position=placed[-1].position) if is_there else job)
    return tuple(placed)


def _rich_shift(rng: random.Random, shift: Shift, *, has_breaks: bool) -> Shift:
    return replace(
        shift,
        breaks=shift.breaks if has_breaks else (),
        mode=rng.choice(["car", "car", "bicycle"]),
        speed_factor=rng.choice([1.0, 1.0, 1.3]),
        max_distance_m=rng.choice([None, None, None, 40_000]),
        max_overtime_s=rng.choice([0, 0, 3600]),
        cost_per_overtime_hour=rng.choice([0.0, 5400.0]),
        cost_per_service_hour=rng.choice([0.0, 0.0, 1800.0]),
        cost_per_waiting_hour=rng.choice([0.0, 0.0, 0.0, 1000.0]),
    )


def _matrices(rng: random.Random, positions: Sequence[Position]) -> dict[str, TravelMatrix]:
    """Return skewed travel between positions, nothing between equal ones, a path missing now and then."""
    sites = list(dict.fromkeys(positions))
    points = np.array([(rng.uniform(0, 60), rng.uniform(0, 60)) for _ in sites])
    skew = np.array([[rng.uniform(0.8, 1.3) for _ in sites] for _ in sites])
    minutes = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)) * skew
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        minutes[rng.randrange(len(sites)), rng.randrange(len(sites))] = np.nan
    np.fill_diagonal(minutes, 0.0)
    rows = [sites.index(position) for position in positions]
    table = minutes[np.ix_(rows, rows)]
    return {"car": matrix_of(table), "bicycle": matrix_of(table * 1.4, metres_per_minute=250.0)}


def _rules(rng: random.Random, jobs: Sequence[Job], shifts: Sequence[Shift]) -> PlanRules:
    return PlanRules(
        relations=_relations(rng, jobs),
        surcharges={job.id: {_someone(rng, shifts): 700} for job in jobs if _often(rng, 0.15)},
        workers_before={job.id: _someone(rng, shifts) for job in jobs if _often(rng, 0.3)},
        move_cost=rng.choice([0, 900]),
        late_cost_per_minute=rng.choice([0.0, 30.0]),
        balance=Balance(target_s=4 * 3600, cost_per_hour_squared=500.0) if _often(rng, 0.15) else None,
    )


def _speeds(rng: random.Random) -> dict[str, HourlySpeeds]:
    """Let the hour tell how fast cars, and now and then bicycles, get on, somewhere in the world."""
    zone = ZoneInfo(rng.choice(["Asia/Shanghai", "Asia/Kathmandu", "America/New_York"]))
    highest = rng.choice([100, 100, 140])
    modes = [mode for mode, share in zip(MODES, (0.4, 0.1), strict=True) if _often(rng, share)]
    return {
        mode: HourlySpeeds(percents=tuple(rng.choice([37, 50, 80, 100, highest]) for _ in range(24)), zone=zone)
        for mode in modes
    }


def _compactness(rng: random.Random, jobs: Sequence[Job], shifts: Sequence[Shift]) -> Compactness | None:
    """Give now and then some workers an area around a job or where somebody starts."""
    places = [*(job.position for job in jobs), *(shift.start for shift in shifts)]
    centres = {shift.worker_id: rng.choice(places) for shift in shifts if _often(rng, 0.7)}
    return Compactness(free_s=rng.choice([0, 900]), cost_per_hour=1500.0, centres=centres) if _often(rng, 0.2) else None


def _relations(rng: random.Random, jobs: Sequence[Job]) -> tuple[Relation, ...]:
    """Bind up to three pairs of jobs, none of them twice."""
    left, found = rng.sample(jobs, len(jobs)), []
    for kind in RelationKind:
        if len(left) > 1 and _often(rng, 0.25):
            first, second = left.pop(), left.pop()
            found.append(Relation(kind=kind, first_id=first.id, second_id=second.id, gap_s=rng.choice([0, 1200])))
    return tuple(found)


def _prefixes(rng: random.Random, problem: Problem) -> dict[WorkerId, tuple[JobId, ...]]:
    """Let one route in ten begin with a job or two that can be done in time by themselves."""
    shift, size = rng.randrange(len(problem.shifts)), rng.choice([1, 1, 2])
    order = rng.sample(range(len(problem.jobs)), min(size, len(problem.jobs)))
    if not _often(rng, 0.3) or simulate(problem, {shift: order}).broken:
        return {}
    return {problem.shifts[shift].worker_id: tuple(problem.jobs[one].id for one in order)}
