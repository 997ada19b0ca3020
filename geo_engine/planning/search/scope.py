"""Which problems the kernel can state; nothing here needs compiled code."""

from geo_engine.planning.problem import Problem

MOST_BREAKS = 5
_LONGEST_S = 10**9  # times are 32-bit numbers with room for sums
_DEAREST = 2**30


def kernel_states(problem: Problem) -> bool:
    """Return whether the kernel knows every constraint of a problem, and its numbers are not too large for it."""
    return (
        all(len(slots) <= MOST_BREAKS for slots in problem.breaks)
        and max(closes_s for _, closes_s in problem.spans) < _LONGEST_S
        and max(int(costs.max()) for costs in problem.leg_costs) < _DEAREST
        and int(problem.durations_s.max()) < _LONGEST_S
    )
