"""The search on days on which jobs wait for others: who waits is given a moment, and the search keeps to windows.

What is to come first begins by one moment and what waits for it begins from another on, so that the two routes know
nothing of each other. The next round draws other moments, with room for what the last one found; every plan is judged
as it is, without them.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random

from geo_engine.planning.evaluate import Evaluation, evaluate
from geo_engine.planning.insertion import named
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.problem import Bond, Problem, seconds_since
from geo_engine.planning.rules import RelationKind
from geo_engine.planning.search.kernel import Best, Effort, IndexOrders, OnBetter, ShouldStop, never
from geo_engine.planning.search.territories import improve_problem

_FEW_JOBS = 50
_ITERATIONS_EACH, _MOST_ITERATIONS = 400, 10**12
# Of more jobs, as many rounds as a share of the effort pays for: each states the whole day anew.
_MOST_ROUNDS, _LEAST_ROUNDS, _JOBS_OF_ALL_ROUNDS, _LEAST_ROUND_S = 64, 8, 20_000, 0.1
_GIVEN_UP_SHARE, _FREED_SHARE, _RAISED_SHARE = 0.3, 0.5, 0.5
_NEVER_S = 10**9
_CLOSED = ((-_NEVER_S, -_NEVER_S),)


def improve_day(
    problem: Problem,
    start_orders: Mapping[int, Sequence[int]],
    *,
    seed: int,
    effort: Effort,
    on_better: OnBetter | None = None,
    should_stop: ShouldStop = never,
) -> tuple[int, IndexOrders]:
    """Return the cost and the orders of the best plan found, whether or not jobs wait; as `kernel.improve`.

    Notes
    -----
    Of few jobs every other round begins with nothing but what routes have to begin with. The same seed, start and
    number of iterations give the same plan.
    """
    if not _after(problem):
        return improve_problem(
            problem, start_orders, seed=seed, effort=effort, on_better=on_better, should_stop=should_stop
        )
    begun = {shift: list(prefix) for shift, prefix in enumerate(problem.prefixes) if prefix}
    found = _Found(problem, begun, Best(on_better))
    if start_orders:
        found.take({shift: list(order) for shift, order in start_orders.items()})
    generator = Random(seed)  # noqa: S311 - no secret
    for number, part in enumerate(_rounds(effort, len(problem.jobs))):
        if number and (should_stop() or effort.is_over):
            break
        is_new = len(problem.jobs) <= _FEW_JOBS and number % 2 == 1
        start = begun if is_new else _loosened(problem, found.orders, generator)
        judged = evaluate(problem, named(problem, start))
        if not _is_kept(judged):  # what was taken off may have been on the way of a break
            start, judged = found.orders, found.judged
        parted = _parted(problem, judged, generator)
        _, orders = improve_problem(
            parted, start, seed=seed + number * effort.thread_count, effort=part, should_stop=should_stop
        )
        found.take(orders)
    return found.judged.cost, found.orders


def _rounds(effort: Effort, job_count: int) -> Iterator[Effort]:
    """Give the effort of each round."""
    if job_count <= _FEW_JOBS:
        left = _MOST_ITERATIONS if effort.iterations is None else effort.iterations
        while left > 0:
            yield replace(effort, iterations=min(left, _ITERATIONS_EACH))
            left -= _ITERATIONS_EACH
        return
    count = min(_MOST_ROUNDS, _JOBS_OF_ALL_ROUNDS // job_count)
    if effort.deadline_s is not None:
        count = min(count, int((effort.deadline_s - time.monotonic()) / _LEAST_ROUND_S))
    count = max(_LEAST_ROUNDS, count)
    for number in range(count):
        yield replace(effort.part(number / count, (number + 1) / count), thread_count=effort.thread_count)


class _Found:
    """The best plan so far, judged as it is."""

    def __init__(self, problem: Problem, begun: IndexOrders, best: Best) -> None:
        self._problem, self._best = problem, best
        self.orders, self.judged = begun, evaluate(problem, named(problem, begun))

    def take(self, orders: IndexOrders) -> None:
        """Keep a plan, without what waits for nothing, that breaks no rule and is better than all before."""
        kept = _without_orphans(self._problem, orders)
        judged = evaluate(self._problem, named(self._problem, kept))
        if _is_kept(judged) and judged.cost < self.judged.cost:
            self.orders, self.judged = kept, judged
        self._best.offer(self.judged.cost, self.orders.copy)


def _is_kept(judged: Evaluation) -> bool:
    return all(broken.kind is ViolationKind.REQUIRED for broken in judged.violations)


def _after(problem: Problem) -> list[Bond]:
    return [bond for bond in problem.bonds if bond.kind is RelationKind.AFTER]


def _without_orphans(problem: Problem, orders: IndexOrders) -> IndexOrders:
    """Take off what waits for a job that nobody does, and what in turn waits for that."""
    placed = {job for order in orders.values() for job in order}
    while orphans := {bond.second for bond in _after(problem) if bond.second in placed and bond.first not in placed}:
        placed -= {half for job in orphans for half in problem.with_other_half(job)}
    return {shift: [job for job in order if job in placed] for shift, order in orders.items()}


def _loosened(problem: Problem, orders: IndexOrders, generator: Random) -> IndexOrders:
    """Take off some jobs for which another waits that is on no route: they may be in the way of it, being too late."""
    placed = {job for order in orders.values() for job in order} - {job for one in problem.prefixes for job in one}
    lone = [bond.first for bond in _after(problem) if bond.first in placed and bond.second not in placed]
    freed = {half for job in lone if generator.random() < _FREED_SHARE for half in problem.with_other_half(job)}
    return {shift: [job for job in order if job not in freed] for shift, order in orders.items()}


def _parted(problem: Problem, judged: Evaluation, generator: Random) -> Problem:
    """Return the problem with windows in place of waiting: what keeps them waits long enough, as `judged` does.

    A first job is worth what waits for it as well, for nobody does that without it.
    """
    begins_s = _begins_s(problem, judged)
    spans_s = [(begins_s[job],) * 2 if job in begins_s else _span_s(problem, job) for job in range(len(problem.jobs))]
    windows, penalties = list(problem.windows), list(problem.penalties)
    for bond in _after(problem):
        first, (earliest_s, latest_s) = problem.jobs[bond.first], spans_s[bond.first]
        wait_s = first.setup_s + first.service_s + bond.gap_s
        until_s = spans_s[bond.second][1] - wait_s
        if bond.second in begins_s:
            until_s = max(until_s, earliest_s)
        elif until_s < earliest_s or generator.random() < _GIVEN_UP_SHARE:
            windows[bond.second] = _CLOSED
            continue
        by_s = generator.randint(earliest_s, until_s)
        from_s = min(by_s + wait_s, begins_s.get(bond.second, by_s + wait_s))
        windows[bond.first] = _cut(windows[bond.first], -_NEVER_S, by_s)
        windows[bond.second] = _cut(windows[bond.second], from_s, _NEVER_S)
        if bond.first not in begins_s:
            spans_s[bond.first] = earliest_s, min(latest_s, by_s)
        if bond.second not in begins_s:
            spans_s[bond.second] = max(from_s, spans_s[bond.second][0]), spans_s[bond.second][1]
        if generator.random() < _RAISED_SHARE:
            penalties[bond.first] += penalties[bond.second]
    relations = tuple(one for one in problem.rules.relations if one.kind is not RelationKind.AFTER)
    rules = replace(problem.rules, relations=relations)
    return replace(problem, windows=tuple(windows), penalties=tuple(penalties), rules=rules)


def _begins_s(problem: Problem, judged: Evaluation) -> dict[int, int]:
    index_of = {job.id: index for index, job in enumerate(problem.jobs)}
    visits = [visit for route in judged.routes for visit in route.planned_visits]
    return {index_of[visit.job_id]: seconds_since(visit.start_at, problem.origin_at) for visit in visits}


def _span_s(problem: Problem, job: int) -> tuple[int, int]:
    """Return between which moments a job may begin at all."""
    windows, shifts = problem.windows[job], problem.allowed[job] or range(len(problem.shifts))
    opens_s, closes_s = (
        (problem.spans[shift][0] for shift in shifts),
        (problem.latest_ends_s[shift] for shift in shifts),
    )
    return max(windows[0][0], min(opens_s)), min(windows[-1][1], max(closes_s))


def _cut(windows: Sequence[tuple[int, int]], from_s: int, by_s: int) -> tuple[tuple[int, int], ...]:
    """Return what of the windows lies between two moments; one before all time where nothing does."""
    parts = ((max(earliest_s, from_s), min(latest_s, by_s)) for earliest_s, latest_s in windows)
    return tuple(part for part in parts if part[0] <= part[1]) or _CLOSED
