"""The exact answer to small problems, by trying everything; shares no code with the planner's evaluator."""

import math
from collections.abc import Iterator
from itertools import product

from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.rules import RelationKind
from support.hourly import Roads
from support.simulator import closes_of, legs_of, opens_of, route_cost, route_flaws, simulate, visits_s, windows_of

type Order = tuple[int, ...]
type Choices = dict[frozenset[int], list[tuple[float, Order]]]


def best_cost(problem: Problem) -> int:
    """Return the least cost of any plan that breaks no rule.

    Notes
    -----
    The cheapest order of every subset of jobs for every shift, then every way to split the jobs, from the cheapest
    on; where jobs of different routes bind each other, every order of the routes concerned, and where hours have speeds
    of their own every way to split as well. For ≤ 8 jobs.
    """
    bound = _bound_pairs(problem)
    everywhere = {kind for kind, _, _ in bound}
    choices = [
        _choices(problem, shift, keep_all=RelationKind.AFTER in everywhere) for shift in range(len(problem.shifts))
    ]
    # A route that waits for another may drive when the roads are faster, and cost less than by itself.
    is_floor = not (RelationKind.AFTER in everywhere and problem.speeds)
    best = math.inf
    for floor, subsets in sorted(_splits(problem, choices), key=lambda split: split[0]):
        if is_floor and floor >= best:
            break
        best = min(best, _cost_of(problem, choices, subsets, floor, bound))
    return int(best)


def _bound_pairs(problem: Problem) -> list[tuple[RelationKind, int, int]]:
    ids = [job.id for job in problem.jobs]
    bonds = [one for one in problem.rules.relations if one.kind is not RelationKind.SHIPMENT]
    return [(one.kind, ids.index(one.first_id), ids.index(one.second_id)) for one in bonds]


def _splits(problem: Problem, choices: list[Choices]) -> Iterator[tuple[float, tuple[frozenset[int], ...]]]:
    """Give every way to share out some of the jobs, with the least it can cost."""

    def go(
        shift: int, left: frozenset[int], cost: float, taken: tuple[frozenset[int], ...]
    ) -> Iterator[tuple[float, tuple[frozenset[int], ...]]]:
        if shift == len(choices):
            yield cost + sum(problem.penalties[job] for job in left), taken
            return
        for subset, orders in choices[shift].items():
            if subset <= left:
                yield from go(shift + 1, left - subset, cost + orders[0][0], (*taken, subset))

    yield from go(0, frozenset(range(len(problem.jobs))), 0, ())


def _cost_of(
    problem: Problem,
    choices: list[Choices],
    subsets: tuple[frozenset[int], ...],
    floor: float,
    bound: list[tuple[RelationKind, int, int]],
) -> float:
    who = {job: shift for shift, subset in enumerate(subsets) for job in subset}
    for kind, first, second in bound:
        if kind is RelationKind.SAME_WORKER and first in who and second in who and who[first] != who[second]:
            return math.inf
        if kind is RelationKind.AFTER and second in who and first not in who:
            return math.inf
    if not any(kind is RelationKind.AFTER and second in who for kind, _, second in bound):
        return floor
    concerned = {who[job] for kind, *pair in bound if kind is RelationKind.AFTER for job in pair if job in who}
    kept = [
        choices[shift][subset] if shift in concerned else choices[shift][subset][:1]
        for shift, subset in enumerate(subsets)
    ]
    found = (
        simulate(problem, {shift: order for shift, (_, order) in enumerate(combined)}) for combined in product(*kept)
    )
    return min((one.cost for one in found if not one.broken), default=math.inf)


def _choices(problem: Problem, shift: int, *, keep_all: bool) -> Choices:
    """Return the feasible orders of every set of jobs, cheapest first; only the cheapest unless all are wanted.

    Last are those that may be feasible once they wait for another route, when the roads are faster.
    """
    by_set: dict[frozenset[int], list[tuple[int, Order]]] = {}
    for floor, order in _promising(problem, shift):
        by_set.setdefault(frozenset(order), []).append((floor, order))
    prefix = problem.rules.prefixes.get(problem.shifts[shift].worker_id, ())
    found: Choices = {} if prefix else {frozenset(): [(0, ())]}
    for subset, orders in by_set.items():
        kept: list[tuple[float, Order]] = []
        for floor, order in sorted(orders):
            if kept and not keep_all and floor >= min(kept)[0]:
                break
            cost = route_cost(problem, shift, order)
            if cost is not None:
                kept.append((cost, order))
            elif keep_all and problem.speeds:
                kept.append((math.inf, order))
        if kept:
            found[subset] = sorted(kept)
    return found


def _promising(problem: Problem, shift: int) -> Iterator[tuple[int, Order]]:
    """Give every order that could be kept in time if there were no breaks, with what it costs beside its times."""
    who, closes = problem.shifts[shift], closes_of(problem, shift)
    able = [job for job in range(len(problem.jobs)) if _may(problem, shift, job)]
    windows = {job: windows_of(problem, job) for job in able}
    fastest = max(100, Roads(problem, shift).fastest)

    def go(order: Order, now: int) -> Iterator[tuple[int, Order]]:
        if order and next(route_flaws(problem, shift, order), None) is None:
            yield _floor(problem, shift, order), order
        for job in able:
            if job in order or (who.max_visits is not None and len(order) == who.max_visits):
                continue
            longer = (*order, job)
            seconds, _ = legs_of(problem, shift, longer)[len(order)]
            seconds = seconds if seconds == NO_PATH else seconds * 100 // fastest
            ready = max(now + seconds, opens_of(problem, shift, longer))
            begins = [max(ready, first) for first, last in windows[job] if max(ready, first) <= last]
            if seconds != NO_PATH and begins:
                free = min(begins) + visits_s(problem, shift, longer)[-1]
                if free <= closes:
                    yield from go(longer, free)

    yield from go((), opens_of(problem, shift, ()))


def _floor(problem: Problem, shift: int, order: Order) -> int:
    who = problem.shifts[shift]
    legs = legs_of(problem, shift, order)
    spared = 1 - 100 / max(100, Roads(problem, shift).fastest)
    most_spared = math.ceil(sum(seconds for seconds, _ in legs) * spared * who.cost_per_hour / 3600)
    return (
        round(who.cost_fixed)
        - most_spared
        + sum(round(seconds * who.cost_per_hour / 3600 + metres * who.cost_per_km / 1000) for seconds, metres in legs)
    )


def _may(problem: Problem, shift: int, job: int) -> bool:
    who, what = problem.shifts[shift], problem.jobs[job]
    if what.worker_ids and who.worker_id not in what.worker_ids:
        return False
    return who.worker_id not in what.forbidden_worker_ids and not (set(what.skills) - set(who.skills))


def can_be_kept(problem: Problem, shift: int, order: tuple[int, ...], legs: list[int]) -> bool:  # noqa: C901 — one thought
    """Return whether some choice of legs for the breaks, in their order, keeps every window, break and the shift.

    Breaks whose windows overlap may fit better in another order; `minute_clock` tries those.
    """
    opens, closes = problem.spans[shift]
    rests = [(rest.duration_s, rest.earliest_s, rest.latest_s) for rest in problem.breaks[shift]]

    def go(stop: int, now: int, due: list[tuple[int, int, int]]) -> bool:
        after = now + legs[stop]
        if stop == len(order):
            if after <= closes and all(after <= latest for _, _, latest in due):
                return True
        elif begin(stop, after, due):
            return True
        resting, travelled = now, after
        for number, (duration, earliest, latest) in enumerate(due, start=1):
            resting = max(resting, earliest)
            if resting > latest:
                return False
            resting += duration
            travelled = max(travelled, earliest) + duration
            rest = due[number:]
            if stop == len(order):
                if travelled <= closes and all(travelled <= last for _, _, last in rest):
                    return True
            elif begin(stop, travelled, rest):
                return True
        return False

    def begin(stop: int, ready: int, due: list[tuple[int, int, int]]) -> bool:
        job = order[stop]
        fitting = [max(ready, first) for first, last in problem.windows[job] if max(ready, first) <= last]
        return bool(fitting) and go(stop + 1, min(fitting) + problem.jobs[job].service_s, due)

    late_starts = [(opens, rests)]
    for number, (_, _, latest) in enumerate(rests, start=1):
        late_starts.append((max(late_starts[-1][0], latest + 1), rests[number:]))
    return any(go(0, start, due) for start, due in late_starts)
