"""The search as a whole: threads with seeds of their own improve one problem and share the best plan."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, pairwise, repeat
from operator import itemgetter

import numpy as np

from geo_engine.planning.search.anneal import anneal, construct
from geo_engine.planning.search.arrays import Arrays
from geo_engine.planning.search.compiled import Array
from geo_engine.planning.search.leniency import Leniency
from geo_engine.planning.search.moves import adopt, note_best
from geo_engine.planning.search.state import BEST, CURRENT, State, new_state

IndexOrders = dict[int, list[int]]
OnBetter = Callable[[int, IndexOrders], None]
ShouldStop = Callable[[], bool]
_STEP_S = 0.02
_FIRST_STEP = 50
_STEPS, _LEAST_STEP = 200, 50
# After a stop; whoever asked for it waits for a second at most.
_FILL_IN_S, _FILL_IN_ITERATIONS = 0.3, 2_000
# Temperatures are shares of the mean cost of a leg of the first plan: 1 to begin with where there is time for so many
# iterations per job, the less the fewer there will be; what is then not yet cold would be no better than a descent.
_LEAST_HOT, _COLD = 0.1, 0.03
_HOT_ITERATIONS = 1_000.0
# Of few jobs one search soon has seen all that lies around it: half of the effort begins anew, again and again.
_MOST_JOBS_ANEW, _ANEW_SHARE = 50, 0.5
_ITERATIONS_ANEW_PER_JOB, _LEAST_ITERATIONS_ANEW = 10, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to search: until a moment, or for a number of iterations, which is reproducible.

    Parameters
    ----------
    deadline_s
        A reading of ``time.monotonic()``.
    iterations
        Of each thread; the clock is looked at only where there is a deadline as well.
    thread_count
        Searches side by side, each with a seed of its own.
    from_share, to_share
        Which part of a longer search this is, of its whole from 0 to 1: a search cools down over the whole.
    """

    deadline_s: float | None = None
    iterations: int | None = None
    thread_count: int = 1
    from_share: float = 0.0
    to_share: float = 1.0

    @property
    def is_over(self) -> bool:
        """Whether its moment has come."""
        return self.deadline_s is not None and time.monotonic() > self.deadline_s

    def part(self, from_share: float, to_share: float) -> "Effort":
        """Return a part for one thread, with `from_share` spent: of the iterations, or of the seconds left."""
        iterations = None if self.iterations is None else round(self.iterations * (to_share - from_share))
        now_s = time.monotonic()
        share = (to_share - from_share) / (1.0 - from_share)
        deadline_s = None if self.deadline_s is None else now_s + (self.deadline_s - now_s) * share
        return Effort(deadline_s=deadline_s, iterations=iterations, from_share=from_share, to_share=to_share)


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
        Asked by every thread, mostly fifty times a second; once it is true the search ends.

    Notes
    -----
    Simulated annealing, cooling exponentially over the effort; of few jobs over each of many short searches, and then
    over a long one. The same seed, start and number of iterations give the same plan; a deadline does not.
    """
    best = Best(on_better)

    def search(number: int) -> tuple[int, IndexOrders]:
        return _search(arrays, start_orders, seed + number, effort, best, should_stop or never)

    if effort.thread_count == 1:
        return search(0)
    with ThreadPoolExecutor(effort.thread_count) as pool:
        found = list(pool.map(search, range(effort.thread_count)))
    return min(found, key=itemgetter(0))  # the first of equal ones


def _search(
    arrays: Arrays,
    start_orders: Mapping[int, Sequence[int]],
    seed: int,
    effort: Effort,
    best: "Best",
    should_stop: ShouldStop,
) -> tuple[int, IndexOrders]:
    """Return what one thread finds: of few jobs by many short searches first, then by a long one."""
    found: tuple[int, IndexOrders] = (0, {})
    for number, its_effort in enumerate(_parts(effort, len(arrays.jobs))):
        if number and should_stop():
            break
        search = Search(
            arrays, start_orders, seed=seed + number * effort.thread_count, best=best, should_stop=should_stop
        )
        search.run(its_effort)
        if not number or search.cost < found[0]:
            found = search.cost, search.orders()
    return found


def _parts(effort: Effort, job_count: int) -> Iterator[Effort]:
    """Give what each of the searches that follow one another may spend, the next when the one before has ended."""
    anew = max(_LEAST_ITERATIONS_ANEW, _ITERATIONS_ANEW_PER_JOB * job_count)
    if job_count <= _MOST_JOBS_ANEW and effort.iterations is not None:
        count = int(_ANEW_SHARE * effort.iterations) // anew
        yield from repeat(replace(effort, iterations=anew), count)
        effort = replace(effort, iterations=effort.iterations - count * anew)
    elif job_count <= _MOST_JOBS_ANEW and effort.deadline_s is not None:
        now_s = time.monotonic()
        until_s = now_s + _ANEW_SHARE * (effort.deadline_s - now_s)
        while time.monotonic() < until_s:
            yield replace(effort, iterations=anew)  # and its deadline
    yield effort


def never() -> bool:
    """Return that a search is not to stop."""
    return False


class Best:
    """The best cost of all threads, and who is to be told."""

    def __init__(self, on_better: OnBetter | None = None) -> None:
        self._lock = threading.Lock()
        self._cost: int | None = None
        self._on_better = on_better

    def offer(self, cost: int, orders: Callable[[], IndexOrders]) -> None:
        """Tell of a plan when it is better than all before."""
        with self._lock:
            if self._on_better is not None and (self._cost is None or cost < self._cost):
                self._cost = cost
                self._on_better(cost, orders())


class Search:
    """One thread's search.

    Parameters
    ----------
    best
        Who is told of better plans.
    """

    def __init__(
        self,
        arrays: Arrays,
        start_orders: Mapping[int, Sequence[int]],
        *,
        seed: int,
        best: Best,
        should_stop: ShouldStop,
    ) -> None:
        self._leniency = Leniency(arrays)
        self._arrays = self._leniency.arrays
        self._kept: tuple[int, IndexOrders] | None = None
        self._state = new_state(arrays, seed, max(map(len, start_orders.values()), default=0))
        self._best = best
        self._should_stop = should_stop
        self._leg_cost = 0.0
        if start_orders:
            _adopt(arrays, self._state, start_orders)

    @property
    def cost(self) -> int:
        """The best plan's cost."""
        return self._best_found()[0]

    @property
    def cost_in_hand(self) -> int:
        """The cost of the plan from which the search goes on."""
        return int(self._state.costs[CURRENT])

    def orders(self) -> IndexOrders:
        """Return the best plan's orders, without empty ones."""
        return self._best_found()[1]

    def orders_in_hand(self) -> IndexOrders:
        """Return the orders from which the search goes on, without empty ones."""
        return _orders(self._state.orders, self._state.routes["count"])

    def construct(self) -> None:
        """Make a plan of what there is."""
        construct(self._arrays, self._state)
        self._best.offer(self.cost, self.orders)
        self._leg_cost = self._mean_leg_cost()
        self._leniency.begin(self._state, self._leg_cost)

    def run(self, effort: Effort) -> None:
        """Construct a plan, then anneal until the effort is spent."""
        self.construct()
        if effort.iterations is not None:
            self._run_counted(effort, effort.iterations)
        elif effort.deadline_s is not None:
            self._run_until(effort, effort.deadline_s)
        was_lenient = self._leniency.factor != 1.0
        self._set_leniency(1.0)
        if was_lenient and self._should_stop():
            self._fill_in()
        self._best.offer(self.cost, self.orders)  # the plan in hand may be the best at full penalties

    def _run_counted(self, effort: Effort, iterations: int) -> None:
        steps = max(1, min(_STEPS, iterations // _LEAST_STEP))
        bounds = [iterations * step // steps for step in range(steps + 1)]
        for done, until in pairwise(bounds if iterations else ()):  # a territory's share may round to none
            if self._should_stop() or effort.is_over:
                return
            self._step(until - done, effort, progress=done / iterations, expected=iterations)

    def _run_until(self, effort: Effort, deadline_s: float) -> None:
        iterations, began_s, done = _FIRST_STEP, time.monotonic(), 0
        now_s = began_s
        while now_s < deadline_s and not self._should_stop():
            progress = (now_s - began_s) / (deadline_s - began_s)
            self._step(iterations, effort, progress=progress, expected=done / progress if done else 0.0)
            done += iterations
            then_s, now_s = now_s, time.monotonic()
            fitting = iterations * min(_STEP_S, deadline_s - now_s) / max(1e-6, now_s - then_s)
            iterations = max(1, min(round(fitting), 10 * iterations))

    def _step(self, iterations: int, effort: Effort, *, progress: float, expected: float) -> None:
        """Anneal a little; `progress` is the share of the effort already spent, `expected` all its iterations."""
        share = effort.to_share - effort.from_share
        hot = min(1.0, max(_LEAST_HOT, expected / share / len(self._arrays.jobs) / _HOT_ITERATIONS))
        spent = effort.from_share + share * progress
        self._set_leniency(spent)
        temperature = max(1.0, hot * self._leg_cost) * (_COLD / hot) ** spent
        if anneal(self._arrays, self._state, iterations, temperature):
            self._best.offer(self.cost, self.orders)

    def _fill_in(self) -> None:
        """Put back, for a moment, what a search that was stopped while it was lenient leaves out."""
        construct(self._arrays, self._state)
        until_s = time.monotonic() + _FILL_IN_S
        for _ in range(_FILL_IN_ITERATIONS // _FIRST_STEP):
            if time.monotonic() > until_s:
                break
            anneal(self._arrays, self._state, _FIRST_STEP, max(1.0, _COLD * self._leg_cost))

    def _set_leniency(self, share: float) -> None:
        """Price plans as they are priced when a share of the effort is spent; the best of all before is kept aside."""
        factor = self._leniency.factor_at(share)
        if factor != self._leniency.factor:
            self._kept = self._best_found()
            self._leniency.set_factor(self._state, factor)
            note_best(self._state)

    def _best_found(self) -> tuple[int, IndexOrders]:
        """Return the best plan and its cost at full penalties."""
        orders = _orders(self._state.best_orders, self._state.routes["best_count"])
        cost = int(self._state.costs[BEST]) + self._leniency.forgiven(chain.from_iterable(orders.values()))
        return (cost, orders) if self._kept is None or cost < self._kept[0] else self._kept

    def _mean_leg_cost(self) -> float:
        """Return what a leg costs in the plan in hand, on average."""
        state, job_count = self._state, len(self._arrays.jobs)
        used = np.flatnonzero(state.routes["count"])
        placed = np.flatnonzero(state.labels["route"][:job_count] >= 0)
        rows = np.concatenate((placed, job_count + used))
        return float(state.labels["leg_cost"][rows].mean()) if len(rows) else 0.0


def _orders(table: Array, counts: Array) -> IndexOrders:
    return {int(route): table[route, : counts[route]].tolist() for route in np.flatnonzero(counts)}


def _adopt(arrays: Arrays, state: State, orders: Mapping[int, Sequence[int]]) -> None:
    table, counts = np.zeros_like(state.orders), np.zeros(len(state.routes), dtype=np.int32)
    for route, order in orders.items():
        counts[route] = len(order)
        table[route, : len(order)] = order
    adopt(arrays, state, table, counts)
    note_best(state)
