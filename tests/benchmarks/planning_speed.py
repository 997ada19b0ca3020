"""How soon there is a first plan, and how long judging a plan takes after an edit."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from planning_methods import OURS, Machine, attempt
from support.plain_days import PlainDay
from support.plain_problems import problem_of

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import evaluate
from geo_engine.planning.insertion import complete, named

FIRST_PLAN_GOALS_S = (0.2, 2.0)
EDIT_GOAL_S = 0.020
_FIRST_PLAN_LIMIT_S = 10.0
_EDIT_COUNT = 50


def print_first_plans(machine: Machine, hundred: PlainDay, thousand: PlainDay) -> list[str]:
    """Print after how many seconds of the call the first plan was there, and return the goals missed."""
    missed = []
    print("\nFirst plan, after the matrix, best of 3")
    for day, goal_s in zip((hundred, thousand), FIRST_PLAN_GOALS_S, strict=True):
        found = [attempt(machine, OURS, day, _FIRST_PLAN_LIMIT_S).first_plan_s for _ in range(3)]
        first_s = min((one for one in found if one is not None), default=float("inf"))
        print(f"  {day.name:12s}{first_s:8.2f} s (goal {goal_s} s)")
        if first_s > goal_s:
            missed.append(f"first plan of {day.name}: {first_s:.2f} s")
    return missed


def print_edits(day: PlainDay) -> list[str]:
    """Print how long judging a plan takes after a visit went to another worker, and return the goal if missed."""
    problem = problem_of(day)
    orders = named(problem, complete(problem, {}, range(len(problem.jobs))).orders)
    evaluate(problem, orders)
    spent_s = []
    for number in range(_EDIT_COUNT):
        edited = _edited(orders, number)
        began_s = time.process_time()  # what else the machine does meanwhile is no matter
        evaluate(problem, edited)
        spent_s.append(time.process_time() - began_s)
    median_s = sorted(spent_s)[_EDIT_COUNT // 2]
    print(f"\nJudging a plan of {sum(map(len, orders.values()))} visits after an edit, processor, {_EDIT_COUNT} edits")
    print(f"  median {1000 * median_s:.1f} ms, most {1000 * max(spent_s):.1f} ms (goal {1000 * EDIT_GOAL_S:.0f} ms)")
    return [] if median_s <= EDIT_GOAL_S else [f"judging after an edit: {1000 * median_s:.1f} ms"]


def _edited(orders: dict[WorkerId, list[JobId]], number: int) -> dict[WorkerId, list[JobId]]:
    workers = sorted(orders)
    giver, taker = workers[number % len(workers)], workers[(number + 1) % len(workers)]
    visit, *left = orders[giver]
    return {**orders, giver: left, taker: [*orders[taker], visit]}
