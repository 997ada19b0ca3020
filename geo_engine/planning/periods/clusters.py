"""Groups of sites near each other and of even load: a worker's territory, a weekday's corner of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.periods.cp_sat import Grouping, group_evenly

_GROUPS_TRIED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterTask:
    """Items to be put into groups around centres that are items themselves.

    Parameters
    ----------
    ways_s
        Travel between items, both ways together halved; shape (n, n).
    weights
        Per item, how often it is gone to.
    loads_s
        Per item.
    allowed
        Per item, the groups it may be in, at least one.
    extra_s
        Per item and group, what it costs beside the way to the centre; shape (n, groups).
    shares
        Per group, its share of all load; they add up to 1.
    hauls_s
        Per group and item, what of the group's load is the way to a centre there; shape (groups, n).
    band
        By how much of its share a group may differ.
    """

    ways_s: NDArray[np.int64]
    weights: NDArray[np.int64]
    loads_s: NDArray[np.int64]
    allowed: Sequence[frozenset[int]]
    extra_s: NDArray[np.int64]
    shares: NDArray[np.float64]
    hauls_s: NDArray[np.int64]
    band: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """The group of each item, and the item in the middle of each group."""

    groups: tuple[int, ...]
    centres: tuple[int, ...]
    cost: int


def cluster(task: ClusterTask, centres: Sequence[int], *, rounds: int, seed: int) -> Clusters:
    """Return even clusters grown from centres, which move to the middle of their group after every round.

    Notes
    -----
    Lloyd's rounds with CP-SAT in the place of “the nearest”: it keeps the loads even. One round is one grouping.
    """
    best: Clusters | None = None
    for number in range(rounds):
        groups = group_evenly(_grouping(task, centres), seed=seed + number)
        centres = _middles(task, groups, centres)
        found = Clusters(groups=tuple(groups), centres=tuple(centres), cost=_cost(task, groups, centres))
        if best is not None and found.cost >= best.cost:
            break
        best = found
    if best is None:
        raise ValueError("there must be at least one round")
    return best


def spread_centres(task: ClusterTask, count: int) -> list[int]:
    """Return items far from each other: each is the one farthest from all before, the first from the middle.

    Notes
    -----
    O(n × count); Gonzalez 1985.
    """
    totals = (task.ways_s * task.weights[None, :]).sum(axis=1)
    middle = int(totals.argmin())
    chosen = [int(task.ways_s[middle].argmax())]
    nearest_s = task.ways_s[chosen[0]].copy()
    while len(chosen) < count:
        chosen.append(int(nearest_s.argmax()))
        nearest_s = np.minimum(nearest_s, task.ways_s[chosen[-1]])
    return chosen


def _grouping(task: ClusterTask, centres: Sequence[int]) -> Grouping:
    hauls_s = np.array([task.hauls_s[group, centre] for group, centre in enumerate(centres)])
    total_s = int(task.loads_s.sum() + hauls_s.sum())
    targets_s = [max(0, round(total_s * share - haul_s)) for share, haul_s in zip(task.shares, hauls_s, strict=True)]
    costs = _costs(task, centres)
    return Grouping(
        costs=[_nearest(costs[item], able) for item, able in enumerate(task.allowed)],
        loads_s=task.loads_s.tolist(),
        targets_s=targets_s,
        band=task.band,
    )


def _nearest(costs: NDArray[np.int64], able: frozenset[int]) -> dict[int, int]:
    """Return the groups an item may be in and what they cost, the cheapest few of many."""
    cheapest = sorted(able, key=lambda group: (costs[group], group))[:_GROUPS_TRIED]
    return {group: int(costs[group]) for group in cheapest}


def _costs(task: ClusterTask, centres: Sequence[int]) -> NDArray[np.int64]:
    ways_s: NDArray[np.int64] = task.ways_s[:, list(centres)]
    return ways_s * task.weights[:, None] + task.extra_s


def _middles(task: ClusterTask, groups: Sequence[int], centres: Sequence[int]) -> list[int]:
    """Return the member of each group from which its visits are nearest; an empty group keeps its centre."""
    of = np.array(groups)
    middles = list(centres)
    for group in range(len(centres)):
        members = np.flatnonzero(of == group)
        if len(members):
            among = task.ways_s[np.ix_(members, members)] * task.weights[members][None, :]
            middles[group] = int(members[among.sum(axis=1).argmin()])
    return middles


def _cost(task: ClusterTask, groups: Sequence[int], centres: Sequence[int]) -> int:
    costs = _costs(task, centres)
    return int(sum(costs[item, group] for item, group in enumerate(groups)))
