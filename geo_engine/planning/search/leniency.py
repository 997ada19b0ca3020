"""On an over-full day leaving a job out is cheap at first: only so can crammed routes be rearranged.

At its full penalty no step may leave out one job more than before, and routes without room to move in hardly change.
So such a search begins with penalties of one and a half visits' cost: visits that cost much way are left out, and the
others find their order. The penalties grow from step to step, and for the last part of the search they are in full.
"""

import math
from collections.abc import Iterable

import numpy as np

from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.state import ABSENT, CURRENT, State

# What the least penalty is at first and at last, in what a visit of the first plan costs, and until which share.
_FIRST, _LAST = 1.5, 9.0
_LENIENT_SHARE = 0.8


class Leniency:
    """What leaving a job out costs one search, moment by moment.

    Parameters
    ----------
    arrays
        What is planned; the search's own copy of it, `arrays`, holds the penalties of the moment.

    Notes
    -----
    Penalties shrink by one factor, so that of two jobs the dearer one stays the dearer; those that are small anyway do
    not. There is leniency only where the first plan leaves out what somebody may do.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays._replace(jobs=arrays.jobs.copy())
        self.factor: float = 1.0
        self._first_factor: float = 1.0
        self._small = 0.0
        self._full = arrays.jobs

    def begin(self, state: State, leg_cost: float) -> None:
        """Take the first plan, in hand now, as the measure: its mean leg, or what a visit costs with all prices."""
        at_stake, absent = self._full["at_stake"], state.absent[: state.numbers[ABSENT]]
        if not at_stake[absent].any():
            return
        placed_count = max(1, len(self._full) - len(absent))
        visit_cost = (state.costs[CURRENT] - self._full["penalty"][absent].sum()) / placed_count
        self._small = _FIRST * max(1.0, leg_cost, visit_cost)
        large = at_stake[at_stake > self._small]
        if len(large):
            self._first_factor = self._small / int(large.min())

    def factor_at(self, share: float) -> float:
        """Return by what the penalties are multiplied when a share of the effort is spent."""
        if self._first_factor == 1.0 or share >= _LENIENT_SHARE:
            return 1.0
        return min(1.0, self._first_factor * math.pow(_LAST / _FIRST, share / _LENIENT_SHARE))

    def set_factor(self, state: State, factor: float) -> None:
        """Multiply all but small penalties by a factor; the plan in hand is priced anew."""
        absent, penalties = state.absent[: state.numbers[ABSENT]], self.arrays.jobs["penalty"]
        state.costs[CURRENT] -= penalties[absent].sum()
        for field in ("penalty", "at_stake"):
            full = self._full[field]
            shrunk = full if factor == 1.0 else np.where(full > self._small, np.ceil(full * factor), full)
            self.arrays.jobs[field] = shrunk
        state.costs[CURRENT] += penalties[absent].sum()
        self.factor = factor

    def forgiven(self, placed: Iterable[int]) -> int:
        """Return by how much a plan with just these jobs costs less than at full penalties."""
        is_left_out = np.ones(len(self._full), dtype=bool)
        is_left_out[list(placed)] = False
        return int((self._full["penalty"] - self.arrays.jobs["penalty"])[is_left_out].sum())
