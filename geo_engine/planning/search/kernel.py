"""The search as a whole: threads with seeds of their own improve one problem and share the best plan."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo_engine.planning.search.anneal import anneal, construct
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.moves import adopt, note_best
from geo_engine.planning.search.state import BEST, State, new_state

IndexOrders = dict[int, list[int]]
OnBetter = Callable[[int, IndexOrders], None]
ShouldStop = Callable[[], bool]
_STEP_S = 0.02
_FIRST_STEP = 50
_STEPS = 200
# Temperatures are shares of the mean cost of a leg of the first plan: 1 to begin with where there is time for so many
# iterations per job, the less the fewer there will be; what is then not yet cold would be no better than a descent.
_LEAST_HOT, _COLD = 0.1, 0.03
_HOT_ITERATIONS = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to search: until a moment, or for a number of iterations, which is reproducible.

    Parameters
    ----------
    deadline_s
        A reading of ``time.monotonic()``.
    iterations
        Of each thread; the clock is not looked at then.
    thread_count
        Searches side by side, each with a seed of its own.
    """

    deadline_s: float | None = None
    iterations: int | None = None
    thread_count: int = 1


def improve(
    arrays: Arrays,
    start_orders: Mapping[int, Sequence[int]],
    *,
    seed: int,
    effort: Effort,
    on_better: OnBetter | None = None,
    should_stop: ShouldStop | None = None,
) -> tuple[int, IndexOrders]:
    """Return the cost and the orders of the best plan found.

    Parameters
    ----------
    start_orders
        Job indices by shift index, from which the search goes on; they must keep every rule. Empty starts from nothing.
    on_better
        Called with every plan better than all before, from the thread that found it, one at a time.
    should_stop
        Asked about fifty times a second by every thread; once it is true the search ends.

    Notes
    -----
    Simulated annealing, cooling exponentially over the effort. The same seed, start and number of iterations give the
    same plan; a deadline does not.
    """
    shared = _Best(on_better)
    searches = [
        _Search(arrays, start_orders, seed=seed + number, shared=shared, should_stop=should_stop or _never)
        for number in range(effort.thread_count)
    ]
    if len(searches) == 1:
        searches[0].run(effort)
    else:
        with ThreadPoolExecutor(len(searches)) as pool:
            list(pool.map(lambda search: search.run(effort), searches))
    best = min(searches, key=lambda search: search.cost)  # the first of equal ones
    return best.cost, best.orders()


def _never() -> bool:
    return False


class _Best:
    """The best cost of all threads, and who is to be told."""

    def __init__(self, on_better: OnBetter | None) -> None:
        self._lock = threading.Lock()
        self._cost: int | None = None
        self._on_better = on_better

    def offer(self, search: "_Search") -> None:
        """Tell of a search's plan when it is better than all before."""
        with self._lock:
            if self._on_better is not None and (self._cost is None or search.cost < self._cost):
                self._cost = search.cost
                self._on_better(search.cost, search.orders())


class _Search:
    """One thread's search."""

    def __init__(
        self,
        arrays: Arrays,
        start_orders: Mapping[int, Sequence[int]],
        *,
        seed: int,
        shared: _Best,
        should_stop: ShouldStop,
    ) -> None:
        self._arrays = arrays
        self._state = new_state(arrays, seed)
        self._shared = shared
        self._should_stop = should_stop
        self._leg_cost = 0.0
        if start_orders:
            _adopt(arrays, self._state, start_orders)

    @property
    def cost(self) -> int:
        """The best plan's cost."""
        return int(self._state.costs[BEST])

    def orders(self) -> IndexOrders:
        """Return the best plan's orders, without empty ones."""
        counts = self._state.routes["best_count"]
        return {
            int(route): self._state.best_orders[route, : counts[route]].tolist() for route in np.flatnonzero(counts)
        }

    def run(self, effort: Effort) -> None:
        """Construct a plan from what there is, then anneal until the effort is spent."""
        construct(self._arrays, self._state)
        self._shared.offer(self)
        self._leg_cost = self._mean_leg_cost()
        if effort.iterations is not None:
            self._run_counted(effort.iterations)
        elif effort.deadline_s is not None:
            self._run_until(effort.deadline_s)

    def _run_counted(self, iterations: int) -> None:
        bounds = [iterations * step // _STEPS for step in range(_STEPS + 1)]
        for done, until in pairwise(bounds):
            if self._should_stop():
                return
            self._step(until - done, progress=done / iterations, expected=iterations)

    def _run_until(self, deadline_s: float) -> None:
        iterations, began_s, done = _FIRST_STEP, time.monotonic(), 0
        now_s = began_s
        while now_s < deadline_s and not self._should_stop():
            progress = (now_s - began_s) / (deadline_s - began_s)
            self._step(iterations, progress=progress, expected=done / progress if done else 0.0)
            done += iterations
            then_s, now_s = now_s, time.monotonic()
            fitting = iterations * min(_STEP_S, deadline_s - now_s) / max(1e-6, now_s - then_s)
            iterations = max(1, min(round(fitting), 10 * iterations))

    def _step(self, iterations: int, *, progress: float, expected: float) -> None:
        """Anneal a little; `progress` is the share of the effort already spent, `expected` all its iterations."""
        hot = min(1.0, max(_LEAST_HOT, expected / len(self._arrays.jobs) / _HOT_ITERATIONS))
        temperature = max(1.0, hot * self._leg_cost) * (_COLD / hot) ** progress
        if anneal(self._arrays, self._state, iterations, temperature):
            self._shared.offer(self)

    def _mean_leg_cost(self) -> float:
        """Return what a leg costs in the plan in hand, on average."""
        state, job_count = self._state, len(self._arrays.jobs)
        used = np.flatnonzero(state.routes["count"])
        placed = np.flatnonzero(state.labels["route"][:job_count] >= 0)
        rows = np.concatenate((placed, job_count + used))
        return float(state.labels["leg_cost"][rows].mean()) if len(rows) else 0.0


def _adopt(arrays: Arrays, state: State, orders: Mapping[int, Sequence[int]]) -> None:
    table, counts = np.zeros_like(state.orders), np.zeros(len(state.routes), dtype=np.int32)
    for route, order in orders.items():
        counts[route] = len(order)
        table[route, : len(order)] = order
    adopt(arrays, state, table, counts)
    note_best(state)
