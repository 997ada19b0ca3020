"""What PyVRP, VROOM and plain OR-Tools make of a plain day; run by a Python that has them, which ours need not.

Run as ``python planning_rivals.py METHOD DAY.npz LIMIT_S SEED CORES``: the last line on stdout is JSON, ``{"call_s",
"orders": [[crew, [stop, …]], …]}``.
"""

import importlib
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.plain_days import load_day

SOLVERS = {
    "pyvrp": ("planning_pyvrp", "solve"),
    "vroom": ("planning_vroom", "solve"),
    "ortools-example": ("planning_ortools", "solve_as_in_example"),
    "ortools-native": ("planning_ortools", "solve_natively"),
}
"""The module and function of each; a module reads its library alone."""


def main() -> None:
    """Read, solve, print."""
    method, path, limit_s, seed, cores = sys.argv[1:]
    module, name = SOLVERS[method]
    solve = getattr(importlib.import_module(module), name)
    day = load_day(Path(path))
    began_s = time.perf_counter()
    orders = solve(day, float(limit_s), int(seed), int(cores))
    call_s = time.perf_counter() - began_s
    print(json.dumps({"call_s": call_s, "orders": [[crew, order] for crew, order in orders if order]}))


if __name__ == "__main__":
    main()
