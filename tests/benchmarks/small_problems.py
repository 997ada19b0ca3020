"""Compares the solver with the exact answer to small problems, each with its gap.

Run it as ``.venv/bin/python tests/benchmarks/small_problems.py [--count 500] [--jobs 6] [--workers 2] [--plain]``.
A problem has at most `jobs` jobs and so many workers, and every constraint and price by chance (with --plain only
those of a day without relations, set-ups, overtime and the like); the exact answer is found by trying everything.
Each plan is lived through once more by the tests' own simulator, which has to come to the same price term by term and
to find no rule broken. Two problems are solved at a time.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.brute_force import best_cost
from support.problems import random_problem
from support.rich_problems import rich_problem
from support.simulator import simulate

from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import IndexOrders, complete, indexed, named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.solve import Budget, solve


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One problem: the exact cost, the solver's alone, the plan's, if it keeps every rule, if the simulator agrees."""

    seed: int
    exact: int
    solved: int
    planned: int
    is_feasible: bool
    is_agreed: bool


def main() -> None:
    """Solve, compare, print."""
    arguments = _arguments()
    began = time.perf_counter()
    compared = partial(
        compare,
        solution_limit=arguments.solution_limit,
        job_count=arguments.jobs,
        shift_count=arguments.workers,
        is_plain=arguments.plain,
    )
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.count)
    with ProcessPoolExecutor(max_workers=2) as pool:
        print_comparisons(list(pool.map(compared, seeds, chunksize=5)))
    print(f"{time.perf_counter() - began:.0f} s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=6, help="at most; a third of the problems have one or two fewer")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plain", action="store_true", help="only what every day has")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--solution-limit", type=int, default=300)
    return parser.parse_args()


def compare(seed: int, *, solution_limit: int, job_count: int, shift_count: int, is_plain: bool) -> Comparison:
    """Solve one random problem both ways."""
    made = random_problem if is_plain else rich_problem
    problem = made(seed, job_count=max(1, job_count - seed % 3), shift_count=shift_count)
    solution = solve(problem, Budget(solution_limit=solution_limit))
    completed = complete(problem, indexed(problem, solution.orders), range(len(problem.jobs)))
    judged = evaluate(problem, named(problem, completed.orders))
    return Comparison(
        seed=seed,
        exact=best_cost(problem),
        solved=evaluate(problem, solution.orders).cost,
        planned=judged.cost,
        is_feasible=all(broken.kind is ViolationKind.REQUIRED for broken in judged.violations),
        is_agreed=_is_agreed(problem, completed.orders, judged),
    )


def _is_agreed(problem: Problem, orders: IndexOrders, judged: Evaluation) -> bool:
    """Return whether the simulator finds a plan's rules kept and its terms as `evaluate` does."""
    lived = simulate(problem, orders)
    terms = {name: getattr(judged, f"cost_{name}") for name in lived.terms}
    return not lived.broken and lived.terms == terms and lived.cost == judged.cost


def print_comparisons(comparisons: Iterable[Comparison]) -> None:
    """Print each miss with its gap, then the shares."""
    found = list(comparisons)
    for one in found:
        if one.planned != one.exact or not (one.is_feasible and one.is_agreed):
            gap = 100 * (one.planned - one.exact) / max(1, one.exact)
            told = f"feasible: {one.is_feasible}, judged alike: {one.is_agreed}"
            print(f"seed {one.seed}: {one.planned} against {one.exact}, {gap:+.2f} %, {told}")
    print(f"feasible {sum(one.is_feasible for one in found)} of {len(found)}")
    print(f"judged alike by evaluate and the simulator {sum(one.is_agreed for one in found)} of {len(found)}")
    print(f"optimal  {sum(one.planned == one.exact for one in found)} of {len(found)}")
    print(f"optimal without the last insertion {sum(one.solved == one.exact for one in found)} of {len(found)}")


if __name__ == "__main__":
    main()
