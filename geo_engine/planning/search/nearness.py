"""Which jobs are worth trying beside which, and in which orders jobs are put back."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.search.compiled import Array
from geo_engine.planning.travel.integers import Integers, row_blocks

_ADJACENT_COUNT = 200
_NEAR_COUNT = 40
_WAIT_WEIGHT = 0.2
_LATE_WEIGHT = 1.0
FAR_S = 2**30  # longer than any shift: a leg without a path
RANDOM, DEMAND, FAR, CLOSE, WINDOW_LENGTH, WINDOW_START, WINDOW_END, ABSENCES, PENALTY = range(9)


class Ways(NamedTuple):
    """From each job to each, shape (jobs, jobs): what the way costs, and its seconds, `NO_PATH` where there is none."""

    costs: Integers
    travel_s: Integers

    def from_each(self, rows: slice) -> NDArray[np.float64]:
        """Return what ways from some jobs to all cost; far where there is no path."""
        return np.where(self.travel_s[rows] == NO_PATH, float(FAR_S), self.costs[rows])

    def to_each(self, rows: slice) -> NDArray[np.float64]:
        """Return what ways to some jobs from all cost, shape (some, all); far where there is no path."""
        return np.where(self.travel_s[:, rows].T == NO_PATH, float(FAR_S), self.costs[:, rows].T)


def adjacent_jobs(ways: Ways) -> Array:
    """Return per job itself and then the nearest others by the way there and back, shape (jobs, at most 200).

    Notes
    -----
    O(jobs²) time, in blocks of rows.
    """
    count = min(len(ways.costs), _ADJACENT_COUNT)
    blocks = []
    for rows in row_blocks(len(ways.costs)):
        both = ways.from_each(rows) + ways.to_each(rows)
        both[np.arange(len(both)), np.arange(rows.start, rows.start + len(both))] = -1.0
        blocks.append(_nearest(both, count))
    return np.concatenate(blocks).astype(np.int32)


def near_jobs(problem: Problem, ways: Ways) -> Array:
    """Return per job the others it may well follow or precede, shape (jobs, at most 40).

    Notes
    -----
    Distance, waiting and lateness weighed as by Vidal et al. (2013), the better direction of the two.
    """
    job_count = len(ways.costs)
    opens_s = np.array([windows[0][0] for windows in problem.windows], dtype=np.float64)
    closes_s = np.array([windows[-1][1] for windows in problem.windows], dtype=np.float64)
    service_s = np.array([job.service_s for job in problem.jobs], dtype=np.float64)
    blocks = []
    for rows in row_blocks(job_count):
        after = ways.from_each(rows) + _misfit(
            opens_s[None, :],
            closes_s[None, :],
            (opens_s + service_s)[rows, None],
            (closes_s + service_s)[rows, None],
            ways.travel_s[rows],
        )
        before = ways.to_each(rows) + _misfit(
            opens_s[rows, None],
            closes_s[rows, None],
            (opens_s + service_s)[None, :],
            (closes_s + service_s)[None, :],
            ways.travel_s[:, rows].T,
        )
        both = np.minimum(after, before)
        both[np.arange(len(both)), np.arange(rows.start, rows.start + len(both))] = np.inf
        blocks.append(_nearest(both, min(_NEAR_COUNT, job_count - 1)))
    return np.concatenate(blocks).astype(np.int32)


def sort_keys(problem: Problem, costs: NDArray[np.float64], amounts: NDArray[np.int64]) -> Array:
    """Return the keys by which removed jobs are sorted before they are put back, ascending; shape (9, jobs).

    Notes
    -----
    Those of Christiaens & Vanden Berghe (2020), and the penalty.
    """
    job_count = len(problem.jobs)
    keys = np.zeros((9, job_count))
    shares = amounts / np.maximum(1, amounts.max(axis=0, initial=0))
    keys[DEMAND] = -shares.sum(axis=1)
    keys[FAR] = -costs
    keys[CLOSE] = costs
    keys[WINDOW_LENGTH] = [sum(latest - earliest for earliest, latest in windows) for windows in problem.windows]
    keys[WINDOW_START] = [windows[0][0] for windows in problem.windows]
    keys[WINDOW_END] = [-windows[-1][1] for windows in problem.windows]
    keys[PENALTY] = -np.array(problem.penalties, dtype=np.float64)
    return keys


def _misfit(
    opens_s: NDArray[np.float64],
    closes_s: NDArray[np.float64],
    earliest_free_s: NDArray[np.float64],
    latest_free_s: NDArray[np.float64],
    travel_s: Integers,
) -> NDArray[np.float64]:
    """Weigh the waiting there must be at the second of two jobs, and the lateness."""
    waiting_s = np.maximum(0.0, opens_s - travel_s - latest_free_s)
    late_s = np.maximum(0.0, earliest_free_s + travel_s - closes_s)
    return _WAIT_WEIGHT * waiting_s + _LATE_WEIGHT * late_s


def _nearest(costs: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    if count <= 0:
        return np.empty((len(costs), 0), dtype=np.int64)
    found = np.argpartition(costs, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(costs, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)
