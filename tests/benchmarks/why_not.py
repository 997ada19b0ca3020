"""Measures “why not” on a large full day, and holds each of its offers to `evaluate` on the whole problem.

Run it as ``.venv/bin/python tests/benchmarks/why_not.py [--jobs 5000] [--workers 250] [--left 100]``.
The day is made up: every worker has a full route of neighbouring visits with windows, a lunch break and skills, and
the jobs left out lie anywhere.
"""

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.problems import at, window

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.explain.offers import Offer, WhyNot
from geo_engine.planning.explain.relaxation import relaxed
from geo_engine.planning.explain.why_not import find_why_nots
from geo_engine.planning.insertion import complete, named
from geo_engine.planning.model import Job, Shift, ShiftBreak, ViolationKind
from geo_engine.planning.narrowing import narrowed
from geo_engine.planning.problem import Problem, build_problem
from geo_engine.roads import TravelMatrix
from geo_engine.timespan import TimeSpan

_GOAL_S = 10.0
_SIDE_KM = 60.0
_KM_PER_MIN = 0.5


def main() -> int:
    """Make the day, explain, check, print."""
    asked = _arguments()
    problem, orders = full_day(asked.jobs, asked.workers, asked.left)
    left = range(asked.jobs, asked.jobs + asked.left)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    why_nots = find_why_nots(problem, orders, left)
    took_s, took_cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    more_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    placed_count = sum(len(order) for order in orders.values())
    offers = [offer for one in why_nots.values() for place in one.places for offer in place.offers]
    kinds = Counter(kind_of(offer) for offer in offers)
    wrong = list(unconfirmed(problem, orders, why_nots))
    print(f"{asked.jobs + asked.left} jobs x {asked.workers} workers, {placed_count} placed, {asked.left} left out")
    print(f"certificates {len(why_nots)}, offers {len(offers)}, not confirmed by evaluate {len(wrong)}")
    print(f"{took_s:.1f} s, {took_cpu_s:.1f} s of processor, {more_mib:.0f} MiB more at the most")
    print("  ".join(f"{kind} {count}" for kind, count in kinds.most_common(8)))
    is_kept = not wrong and took_cpu_s <= _GOAL_S and len(why_nots) == asked.left
    print("PASS" if is_kept else f"FAIL: wanted all, confirmed, within {_GOAL_S:.0f} s of processor")
    return 0 if is_kept else 1


def kind_of(offer: Offer) -> str:
    """Return what an offer asks for, in a word."""
    if offer.leaves_out is not None:
        return "leave_out"
    return "+".join(one.lever for one in offer.relaxations) or "fits"


def full_day(job_count: int, worker_count: int, left_count: int) -> tuple[Problem, dict[int, list[int]]]:
    """Return a day whose first jobs fill the workers' routes, and those routes."""
    rng = random.Random(7)
    shifts = [_shift(rng, number) for number in range(worker_count)]
    homes = np.array([[shift.start.lon, shift.start.lat] for shift in shifts]) * 100.0
    each = job_count // worker_count
    points = [homes[number // each % worker_count] + rng.gauss(0, 1.5) for number in range(job_count)]
    points = [np.array([x + rng.gauss(0, 1.5), y]) for x, y in points]
    points += [np.array([rng.uniform(0, _SIDE_KM), rng.uniform(0, _SIDE_KM)]) for _ in range(left_count)]
    jobs = [_job(rng, number, point) for number, point in enumerate(points)]
    problem = build_problem(jobs, shifts, _matrix(np.array([*points, *homes])))
    return problem, {index: _filled(problem, index, each) for index in range(worker_count)}


def unconfirmed(
    problem: Problem, orders: Mapping[int, list[int]], why_nots: Mapping[JobId, WhyNot]
) -> Iterator[tuple[JobId, WorkerId]]:
    """Give the offers that, taken, leave the job out or break a rule."""
    ids = named(problem, orders)
    index_of = {job.id: index for index, job in enumerate(problem.jobs)}
    shift_of = {shift.worker_id: index for index, shift in enumerate(problem.shifts)}
    for job_id, one in why_nots.items():
        for offer in (offer for place in one.places for offer in place.offers):
            order = offer.order(ids.get(offer.worker_id, []))
            part = narrowed(problem, shift_of[offer.worker_id], [index_of[other] for other in order])
            judged = evaluate(relaxed(part, offer.worker_id, offer.relaxations), {offer.worker_id: order})
            broken = [found for found in judged.violations if found.kind is not ViolationKind.REQUIRED]
            if broken or job_id not in order or judged.unassigned_ids:
                yield job_id, offer.worker_id


def _shift(rng: random.Random, number: int) -> Shift:
    home = Position(rng.uniform(0, _SIDE_KM) / 100.0, rng.uniform(0, _SIDE_KM) / 100.0)
    return Shift(
        worker_id=WorkerId(f"w{number}"),
        span=TimeSpan(start_at=at(8 * 60), end_at=at(17 * 60)),
        start=home,
        end=home,
        breaks=(ShiftBreak(duration_s=2700, window=window(11 * 60 + 30, 13 * 60)),),
        skills=frozenset(rng.choice([(), ("gas",), ("gas", "power")])),
        max_driving_s=rng.choice([None, 3 * 3600]),
    )


def _job(rng: random.Random, number: int, point: np.ndarray) -> Job:
    opens = rng.randrange(8 * 60, 15 * 60, 30)
    return Job(
        id=JobId(f"j{number}"),
        position=Position(float(point[0]) / 100.0, float(point[1]) / 100.0),
        service_s=rng.randrange(600, 1500, 60),
        windows=(window(opens, opens + 120),) if rng.random() < 0.3 else (),
        skills=frozenset(rng.choice([(), (), (), ("gas",), ("power",)])),
        priority=rng.choice([0, 0, 10, 50]),
    )


def _matrix(points_km: np.ndarray) -> TravelMatrix:
    minutes = np.empty((len(points_km), len(points_km)))
    for row, point in enumerate(points_km):
        minutes[row] = np.hypot(*(points_km - point).T) / _KM_PER_MIN
    return TravelMatrix(durations_s=minutes * 60.0, distances_m=minutes * _KM_PER_MIN * 1000.0, is_estimate=True)


def _filled(problem: Problem, shift_index: int, each: int) -> list[int]:
    """Return a route of the worker's neighbours, as many as fit."""
    mine = range(shift_index * each, (shift_index + 1) * each)
    done = complete(narrowed(problem, shift_index, mine), {}, range(each))
    return [mine[index] for index in done.orders.get(0, [])]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=250)
    parser.add_argument("--left", type=int, default=100)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
