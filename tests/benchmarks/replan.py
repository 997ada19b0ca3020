"""Measures where an urgent visit would fit into 300 planned ones, and holds 500 days replanned to what must not change.

Run it as ``.venv/bin/python tests/benchmarks/replan.py [--visits 300] [--workers 25] [--urgent 40] [--days 500]``.
The day is made up as for “why not”; it is half over, a third of the workers are late, and each urgent job may lie
anywhere. The 500 days hold every constraint by chance, with delays, stops out of order and locks.
"""

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.days_under_way import broken_promises, day_under_way
from support.problems import at
from why_not import full_day

from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import indexed, inserted, named
from geo_engine.planning.problem import NO_PATH, Problem, build_problem, places_of
from geo_engine.planning.replan.progress import DayProgress, Standing, StopProgress
from geo_engine.planning.replan.repair import judged, repair
from geo_engine.planning.replan.rest import continued, rest_of
from geo_engine.planning.replan.urgent import Suggestion, suggest_places
from geo_engine.roads import TravelMatrix

_GOAL_MS = 100.0
_MORE_THAN_FIT = 1.25


def main() -> int:
    """Measure, check, print."""
    asked = _arguments()
    is_quick = _insert_one(asked.visits, asked.workers, asked.urgent)
    is_kept = _replan_days(asked.days)
    print("PASS" if is_quick and is_kept else f"FAIL: wanted {_GOAL_MS:.0f} ms of processor, and all to be identical")
    return 0 if is_quick and is_kept else 1


def _insert_one(visit_count: int, worker_count: int, urgent_count: int) -> bool:
    whole, planned = full_day(round(_MORE_THAN_FIT * visit_count), worker_count, urgent_count)
    for title, problem, orders in (
        ("morning", whole, planned),
        ("half over, a third late", *_half_over(whole, planned)),
    ):
        placed_ids = {job for order in orders.values() for job in order}
        urgent = [index for index in range(len(problem.jobs)) if index not in placed_ids][-urgent_count:]
        took_ms, wrong, fits, lates = list[float](), 0, 0, 0
        for job_index in urgent:
            began_s = time.process_time()
            found = suggest_places(problem, orders, job_index)
            took_ms.append(1000.0 * (time.process_time() - began_s))
            wrong += sum(not _is_confirmed(problem, orders, job_index, one) for one in found)
            fits += any(not one.broken for one in found)
            lates += sum(bool(one.lates) for one in found)
        print(
            f"insert one, {title}: {len(placed_ids)} visits x {worker_count} workers, {len(urgent)} urgent, "
            f"{fits} fit, suggestions with somebody late {lates}, not as evaluate says {wrong}: "
            f"median {median(took_ms):.0f} ms, worst {max(took_ms):.0f} ms of processor"
        )
        if wrong or max(took_ms) > _GOAL_MS:
            return False
    return True


def _half_over(whole: Problem, planned: dict[int, list[int]]) -> tuple[Problem, dict[int, list[int]]]:
    """Return what is left at noon, every third worker half an hour behind."""
    now = at(12 * 60)
    routes = evaluate(whole, named(whole, planned)).routes
    stops = {}
    for number, route in enumerate(routes):
        behind = timedelta(minutes=30 if number % 3 == 0 else 0)
        for visit in route.planned_visits:
            if visit.start_at + behind <= now:
                is_over = visit.end_at + behind <= now
                stops[visit.job_id] = StopProgress(
                    standing=Standing.DONE if is_over else Standing.UNDER_WAY,
                    began_at=visit.start_at + behind,
                    ended_at=visit.end_at + behind if is_over else None,
                )
    promises = {visit.job_id: visit.start_at for route in routes for visit in route.planned_visits}
    rest = rest_of(whole.jobs, whole.shifts, routes, DayProgress(now=now, stops=stops, promises=promises))
    known = {place: index for index, place in enumerate(places_of(whole.jobs, whole.shifts))}
    rows = [known[place] for place in places_of(rest.jobs, rest.shifts)]
    within = np.ix_(rows, rows)
    matrix = TravelMatrix(
        durations_s=np.where(whole.durations_s[0] == NO_PATH, np.nan, whole.durations_s[0])[within],
        distances_m=whole.distances_m[0].astype(np.float64)[within],
        is_estimate=True,
    )
    problem = build_problem(rest.jobs, rest.shifts, matrix, rest.rules)
    return problem, indexed(problem, rest.orders)


def _is_confirmed(problem: Problem, orders: dict[int, list[int]], job_index: int, one: Suggestion) -> bool:
    """Return whether taking a suggestion gives what it says."""
    shift = next(index for index, shift in enumerate(problem.shifts) if shift.worker_id == one.worker_id)
    before = evaluate(problem, named(problem, orders))
    order = inserted(orders.get(shift, ()), job_index, one.position)
    after = evaluate(problem, named(problem, {**orders, shift: order}))
    extra = after.cost - after.cost_unassigned - before.cost + before.cost_unassigned
    is_placed = problem.jobs[job_index].id not in after.unassigned_ids
    return is_placed and extra == one.cost and after.travel_s - before.travel_s == one.travel_s


def _replan_days(day_count: int) -> bool:
    frozen_count = locked_count = wrong = repaired_count = 0
    for seed in range(day_count):
        day = day_under_way(seed)
        repaired = repair(day.problem, indexed(day.problem, day.rest.orders))
        plan = judged(day.problem, repaired.orders)
        wrong += bool(broken_promises(day, continued(day.rest, day.problem, plan), plan.violations))
        frozen_count += len(day.frozen_ids)
        locked_count += len(day.progress.locks)
        repaired_count += bool(repaired.touched)
    print(
        f"{day_count} random days and moments: {frozen_count} visits done, under way or driven to, "
        f"{locked_count} locked, {repaired_count} days repaired, days with any of it changed: {wrong}"
    )
    return not wrong


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=300)
    parser.add_argument("--workers", type=int, default=25)
    parser.add_argument("--urgent", type=int, default=40)
    parser.add_argument("--days", type=int, default=500)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
