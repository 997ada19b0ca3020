"""The search on days too large for one: a plan is cut into territories that are searched by themselves, side by side.

The next round cuts it along other borders, so that what was a border is the middle of a territory then.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from geo_engine.planning.narrowing import part_of
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.search.arrays import build_arrays
from geo_engine.planning.search.kernel import Best, Effort, IndexOrders, OnBetter, Search, ShouldStop, improve, never
from geo_engine.planning.search.nearness import FAR_S

_MANY_JOBS = 1_500
_TERRITORY_JOBS = 1_250
_ROUNDS = 16
# Routes of a first plan cross each other everywhere: territories are of use only when they have been set in order.
_WHOLE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Territory:
    """Some routes of a plan and their jobs, and jobs near to them that are on no route; indices of the whole."""

    shifts: Sequence[int]
    jobs: Sequence[int]


def improve_problem(
    problem: Problem,
    start_orders: Mapping[int, Sequence[int]],
    *,
    seed: int,
    effort: Effort,
    on_better: OnBetter | None = None,
    should_stop: ShouldStop = never,
) -> tuple[int, IndexOrders]:
    """Return the cost and the orders of the best plan found, in one search or by territory; as `kernel.improve`."""
    if len(problem.jobs) > _MANY_JOBS:
        return improve_by_territory(
            problem, start_orders, seed=seed, effort=effort, on_better=on_better, should_stop=should_stop
        )
    arrays = build_arrays(problem)
    return improve(arrays, start_orders, seed=seed, effort=effort, on_better=on_better, should_stop=should_stop)


def improve_by_territory(
    problem: Problem,
    start_orders: Mapping[int, Sequence[int]],
    *,
    seed: int,
    effort: Effort,
    on_better: OnBetter | None = None,
    should_stop: ShouldStop = never,
) -> tuple[int, IndexOrders]:
    """Return the cost and the orders of the best plan found: in the whole for a while, then by territory.

    Notes
    -----
    What a route costs depends on no other route, so that a plan's cost is the sum of its territories'. The same seed,
    start, threads and number of iterations give the same plan.
    """
    plan = _first_plan(problem, start_orders, seed, effort, Best(on_better), should_stop)
    generator = Random(seed)  # noqa: S311 - no secret
    per_thread = max(1, round(len(problem.jobs) / _TERRITORY_JOBS / effort.thread_count))
    with ThreadPoolExecutor(effort.thread_count) as pool:
        for number in range(_ROUNDS):
            if should_stop() or effort.is_over:
                break
            territories = cut(problem, plan.orders, per_thread * effort.thread_count, generator)
            efforts = _efforts(effort, number, len(territories))
            searches = [
                pool.submit(_search, problem, territory, plan, its_effort, seed + number, should_stop)
                for territory, its_effort in zip(territories, efforts, strict=True)
            ]
            for one in searches:
                one.result()
            plan.go_on()
    return plan.best_cost, plan.best_orders


class _Plan:
    """A plan that its territories make better: what they found best, and from where the next round goes on."""

    def __init__(self, search: Search, best: Best) -> None:
        self.best_cost, self.best_orders = search.cost, search.orders()
        self._best = best
        self._lock = threading.Lock()
        self._in_hand_cost, self._in_hand = search.cost_in_hand, search.orders_in_hand()
        self.go_on()

    def take(self, territory: Territory, search: Search, before: int) -> None:
        """Take what a territory's search found; it began at the cost `before`."""
        with self._lock:
            self._cost += search.cost - before
            self._in_hand_cost += search.cost_in_hand - before
            _put(self._found, territory, search.orders())
            _put(self._in_hand, territory, search.orders_in_hand())
            if self._cost < self.best_cost:
                self.best_cost, self.best_orders = self._cost, dict(self._found)
                self._best.offer(self.best_cost, self.best_orders.copy)

    def go_on(self) -> None:
        """Go on from where the searches stand; that may cost more than the best."""
        self.orders, self._found, self._cost = dict(self._in_hand), dict(self._in_hand), self._in_hand_cost


def _put(orders: IndexOrders, territory: Territory, found: IndexOrders) -> None:
    for number, shift in enumerate(territory.shifts):
        orders.pop(shift, None)
        if number in found:
            orders[shift] = [territory.jobs[job] for job in found[number]]


def _first_plan(
    problem: Problem,
    start_orders: Mapping[int, Sequence[int]],
    seed: int,
    effort: Effort,
    best: Best,
    should_stop: ShouldStop,
) -> _Plan:
    """Search the whole for a while, in every thread, and return the best plan."""
    arrays = build_arrays(problem)
    numbers = range(seed, seed + effort.thread_count)
    wholes = [Search(arrays, start_orders, seed=number, best=best, should_stop=should_stop) for number in numbers]
    part = effort.part(0.0, _WHOLE_SHARE)
    with ThreadPoolExecutor(effort.thread_count) as pool:
        list(pool.map(lambda one: one.run(part), wholes))
    found = min(wholes, key=lambda one: one.cost)  # the first of equal ones
    return _Plan(found, best)


def _search(
    problem: Problem, territory: Territory, plan: _Plan, effort: Effort, seed: int, should_stop: ShouldStop
) -> None:
    number_of = {job: number for number, job in enumerate(territory.jobs)}
    orders = {
        number: [number_of[job] for job in plan.orders[shift]]
        for number, shift in enumerate(territory.shifts)
        if shift in plan.orders
    }
    arrays = build_arrays(part_of(problem, territory.shifts, territory.jobs))
    search = Search(arrays, orders, seed=seed, best=Best(), should_stop=should_stop)
    before = search.cost_in_hand
    search.run(effort)
    plan.take(territory, search, before)


def _efforts(effort: Effort, number: int, count: int) -> list[Effort]:
    """Divide what is left among the territories of a round: as many side by side as there are threads."""
    from_share, to_share = (_WHOLE_SHARE + (1.0 - _WHOLE_SHARE) * at / _ROUNDS for at in (number, number + 1))
    part = effort.part(from_share, to_share)
    if part.deadline_s is None:
        return [replace(part, iterations=(part.iterations or 0) * effort.thread_count // count)] * count
    began_s = time.monotonic()
    turn_s = (part.deadline_s - began_s) / -(-count // effort.thread_count)
    return [replace(part, deadline_s=began_s + turn_s * (1 + at // effort.thread_count)) for at in range(count)]


def cut(problem: Problem, orders: IndexOrders, count: int, generator: Random) -> list[Territory]:
    """Cut a plan's routes into territories of about equal numbers of visits, along borders drawn at random.

    Parameters
    ----------
    count
        How many there are to be; fewer where the plan has fewer routes.

    Notes
    -----
    Halved again and again: two routes far from each other are poles, and each route goes to the nearer one. A shift
    that is not used goes where it begins, and a job on no route where the nearest visit is of those beside whom there
    is somebody who may do it.
    """
    used = [shift for shift in range(len(problem.shifts)) if orders.get(shift)]
    parts = list(_halved(problem, orders, used, min(count, len(used)), generator)) or [[]]
    _add_unused(problem, orders, parts)
    part_of_job, part_of_shift = np.full(len(problem.jobs), -1), np.zeros(len(problem.shifts), dtype=np.int64)
    for number, part in enumerate(parts):
        part_of_shift[part] = number
        for shift in part:
            part_of_job[orders.get(shift, [])] = number
    _place_absent(problem, part_of_job, part_of_shift)
    jobs = np.argsort(_ranks(parts, orders, len(problem.jobs)), kind="stable")  # what is visited together, side by side
    return [Territory(sorted(part), jobs[part_of_job[jobs] == number].tolist()) for number, part in enumerate(parts)]


def _ranks(parts: Sequence[Sequence[int]], orders: IndexOrders, job_count: int) -> NDArray[np.int64]:
    """Return when each job is visited, route by route and part by part; those on no route come last."""
    ranks = np.full(job_count, job_count)
    visited = [job for part in parts for shift in part for job in orders.get(shift, ())]
    ranks[visited] = np.arange(len(visited))
    return ranks


def _halved(
    problem: Problem, orders: IndexOrders, shifts: list[int], count: int, generator: Random
) -> Iterator[list[int]]:
    if count <= 1:
        if shifts:
            yield shifts
        return
    middles = np.array([orders[shift][len(orders[shift]) // 2] for shift in shifts])
    one = middles[generator.randrange(len(shifts))]
    other = middles[_way_s(problem, middles, one).argmax()]
    leanings = _way_s(problem, middles, one) - _way_s(problem, middles, other)
    ranked = [shifts[at] for at in np.argsort(leanings, kind="stable")]
    left = count // 2
    visits = np.cumsum([len(orders[shift]) for shift in ranked])
    first = int(np.searchsorted(visits, visits[-1] * left / count)) + 1
    first = min(max(first, left), len(ranked) - (count - left))
    yield from _halved(problem, orders, ranked[:first], left, generator)
    yield from _halved(problem, orders, ranked[first:], count - left, generator)


def _add_unused(problem: Problem, orders: IndexOrders, parts: Sequence[list[int]]) -> None:
    """Add each unused shift to the part nearest to its start; those that begin at one place go to one part each."""
    middles = [[orders[shift][len(orders[shift]) // 2] for shift in part] for part in parts]
    here: dict[int, list[int]] = {}
    for shift in (shift for shift in range(len(problem.shifts)) if not orders.get(shift)):
        start = problem.start_places[shift]
        counts = here.setdefault(start, [0] * len(parts))
        ways_s = [int(_way_s(problem, np.array(jobs), start).min()) if jobs else FAR_S for jobs in middles]
        number = min(range(len(parts)), key=lambda part: (counts[part], ways_s[part]))
        counts[number] += 1
        parts[number].append(shift)


def _way_s(problem: Problem, jobs: NDArray[np.int64], job: int) -> NDArray[np.int64]:
    """Return how long there and back takes from each of some jobs to one; far where there is no path."""
    there_s, back_s = problem.durations_s[0][jobs, job], problem.durations_s[0][job, jobs]
    blocked = (there_s == NO_PATH) | (back_s == NO_PATH)
    return np.where(blocked, FAR_S, there_s.astype(np.int64) + back_s)


def _place_absent(problem: Problem, part_of_job: NDArray[np.int64], part_of_shift: NDArray[np.int64]) -> None:
    """Give each job on no route the number of the part it goes to: of whom it is bound to, or else of its nearest.

    That is the nearest visit of a part with somebody who may do the job, and all that is bound to it.
    """
    placed = np.flatnonzero(part_of_job >= 0)
    absent = np.flatnonzero(part_of_job < 0).tolist()
    bound_to: dict[int, list[int]] = {}
    for bond in problem.bonds:
        bound_to.setdefault(bond.first, []).append(bond.second)
        bound_to.setdefault(bond.second, []).append(bond.first)
    for job in absent:
        if part_of_job[job] < 0:
            group = _group(job, bound_to)
            parts = [int(part_of_job[one]) for one in group if part_of_job[one] >= 0]
            if not parts and len(placed):
                able = frozenset.intersection(*(problem.allowed[one] for one in group))
                near = placed[np.isin(part_of_job[placed], part_of_shift[list(able)])] if able else placed
                parts = [int(part_of_job[near[_way_s(problem, near, job).argmin()]])]
            left = [one for one in group if part_of_job[one] < 0]
            part_of_job[left] = parts[0] if parts else 0


def _group(job: int, bound_to: Mapping[int, Sequence[int]]) -> list[int]:
    """Return a job and all that are bound to it, if only through others."""
    group = [job]
    for one in group:  # grows while it is walked
        group += [other for other in bound_to.get(one, ()) if other not in group]
    return group
