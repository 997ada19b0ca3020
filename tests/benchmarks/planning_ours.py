"""What our planner makes of a plain day, through the door the product itself uses; run in a process of its own.

Run as ``python planning_ours.py DAY.npz LIMIT_S``: the last line on stdout is JSON as of `planning_rivals`, and
``first_plan_s`` and ``base_mib``: what the process held when travel was known and nothing was planned yet.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.plain_days import load_day
from support.plain_problems import orders_by_number, planned

from geo_engine.planning.problem import build_problem
from geo_engine.planning.solver.kernel_spare import kernel_ready
from geo_engine.planning.solver.solve import Budget, solve

# As in a worker of the queue, the kernel has loaded its code; nor is the rivals' reading of libraries in their seconds.
_LOADED_AFTER_S = 6.0


def main() -> None:
    """Read, solve, print."""
    path, limit_s = sys.argv[1:]
    with kernel_ready():
        jobs, shifts, matrix = planned(load_day(Path(path)))
        time.sleep(_LOADED_AFTER_S)
        base_mib = held_mib()
        began_s = time.perf_counter()
        solution = solve(build_problem(jobs, shifts, matrix), Budget(time_limit_s=float(limit_s)))
        call_s = time.perf_counter() - began_s
    orders = sorted(orders_by_number(solution.orders).items())
    told = {"call_s": call_s, "orders": orders, "first_plan_s": solution.first_plan_s, "base_mib": base_mib}
    print(json.dumps(told))


def held_mib() -> float:
    """Return the memory of this process, its part of what is shared."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    main()
