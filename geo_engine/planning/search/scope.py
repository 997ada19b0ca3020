"""Which problems the kernel can state; nothing here needs compiled code."""

from geo_engine.planning.limits import keeps_limits
from geo_engine.planning.problem import Problem
from geo_engine.planning.relations import keeps_relations
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.travel.integers import Integers
from geo_engine.planning.travel.speeds import most_s

MOST_BREAKS = 5
_LONGEST_S = 10**9  # times are 32-bit numbers with room for sums
_DEAREST = 2**30


def kernel_states(problem: Problem) -> bool:
    """Return whether the kernel knows every constraint of a problem, and its numbers are not too large for it."""
    return not any(bond.kind is RelationKind.AFTER for bond in problem.bonds) and kernel_plans(problem)


def kernel_plans(problem: Problem) -> bool:
    """Return whether the kernel knows every constraint but that jobs wait for others, which can be settled for it."""
    return (
        all(len(slots) <= MOST_BREAKS for slots in problem.breaks)
        and max(problem.latest_ends_s) < _LONGEST_S
        and max(problem.releases_s) < _LONGEST_S
        and max(job.setup_s for job in problem.jobs) < _LONGEST_S
        and all(int(costs.max()) < _DEAREST for costs in {id(costs): costs for costs in problem.leg_costs}.values())
        and max(int(durations_s.max()) for durations_s in _longest_s(problem)) < _LONGEST_S
        and max(int(distances_m.max()) for distances_m in problem.distances_m) < _DEAREST
        and _begins_well(problem)
    )


def _longest_s(problem: Problem) -> list[Integers]:
    speeds = problem.speeds or [None] * len(problem.durations_s)
    return [most_s(durations_s, one) for durations_s, one in zip(problem.durations_s, speeds, strict=True)]


def _begins_well(problem: Problem) -> bool:
    """Return whether what routes have to begin with is by itself a plan that breaks no rule.

    It is not where only one half of a shipment is settled; the model plans such a day alone.
    """
    begun = {shift_index: prefix for shift_index, prefix in enumerate(problem.prefixes) if prefix}
    return all(keeps_limits(problem, shift, prefix) for shift, prefix in begun.items()) and keeps_relations(
        problem, begun
    )
