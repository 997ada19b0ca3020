"""The exact answer to small problems, by trying everything; shares no code with the planner's evaluator."""

from functools import cache
from itertools import permutations

from geo_engine.planning.problem import NO_PATH, Problem


def best_cost(problem: Problem) -> int:
    """Return the least cost of any plan that breaks no rule.

    Notes
    -----
    Every order of every subset of jobs for every shift, then every way to split the jobs; for ≤ 6 jobs.
    """
    cheapest = [_cheapest_by_subset(problem, shift) for shift in range(len(problem.shifts))]
    everything = frozenset(range(len(problem.jobs)))

    @cache
    def best_from(shift: int, left: frozenset[int]) -> int:
        if shift == len(problem.shifts):
            return sum(problem.penalties[job] for job in left)
        return min(
            cost + best_from(shift + 1, left - subset) for subset, cost in cheapest[shift].items() if subset <= left
        )

    return best_from(0, everything)


def _cheapest_by_subset(problem: Problem, shift: int) -> dict[frozenset[int], int]:
    able = [job for job in range(len(problem.jobs)) if _may(problem, shift, job)]
    found: dict[frozenset[int], int] = {frozenset(): 0}
    for size in range(1, len(able) + 1):
        for order in permutations(able, size):
            cost = route_cost(problem, shift, order)
            subset = frozenset(order)
            if cost is not None and cost < found.get(subset, cost + 1):
                found[subset] = cost
    return found


def _may(problem: Problem, shift: int, job: int) -> bool:
    who, what = problem.shifts[shift], problem.jobs[job]
    if what.worker_ids and who.worker_id not in what.worker_ids:
        return False
    return who.worker_id not in what.forbidden_worker_ids and not (set(what.skills) - set(who.skills))


def route_cost(problem: Problem, shift: int, order: tuple[int, ...]) -> int | None:
    """Return what a route costs; None when it breaks a rule."""
    who = problem.shifts[shift]
    end = problem.end_places[shift]
    stops = [problem.start_places[shift], *order] + ([] if end is None else [end])
    travel_s, travel_m = (table[problem.travel_class[shift]] for table in (problem.durations_s, problem.distances_m))
    legs = [(int(travel_s[a][b]), int(travel_m[a][b])) for a, b in zip(stops, stops[1:])]  # noqa: B905, RUF007
    if any(seconds == NO_PATH for seconds, _ in legs):
        return None
    if who.max_visits is not None and len(order) > who.max_visits:
        return None
    if who.max_driving_s is not None and sum(seconds for seconds, _ in legs) > who.max_driving_s:
        return None
    for dimension, capacity in enumerate(who.capacity):
        load = sum((problem.jobs[job].amounts + (0,) * 9)[dimension] for job in order)
        if load > capacity:
            return None
    if not can_be_kept(problem, shift, order, [seconds for seconds, _ in legs] + ([0] if end is None else [])):
        return None
    price = sum(round(seconds * who.cost_per_hour / 3600 + metres * who.cost_per_km / 1000) for seconds, metres in legs)
    return price + round(who.cost_fixed)


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
