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
        and max(int(durations_s.max()) for durations_s in problem.durations_s) < _LONGEST_S
        and not _asks_for_more(problem)
    )


def _asks_for_more(problem: Problem) -> bool:
    """Return whether a problem states what the kernel knows nothing of; the model plans such a day alone."""
    return (
        problem.prices_time
        or problem.assignment_costs is not None
        or problem.has_setups
        or problem.has_pickups
        or bool(problem.bonds)
        or any(problem.prefixes)
        or any(release_s > 0 for release_s in problem.releases_s)
        or any(shift.max_distance_m is not None or shift.max_overtime_s for shift in problem.shifts)
    )
