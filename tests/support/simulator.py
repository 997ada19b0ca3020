"""A second opinion on any plan of any problem: lives each route through, trying every leg for every break.

Only the problem is read: its jobs, shifts and rules as they were given, its travel in seconds and metres, and its
penalties. Nothing of the planner's timetable, costs or evaluation is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise, permutations

from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.rules import RelationKind
from support.hourly import Rest, Roads

type Orders = Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Way:
    """One way through a route: when it leaves and ends, when visits begin and end, seconds rested and driven."""

    ends: int
    starts: tuple[int, ...]
    leaves: int
    done: tuple[int, ...]
    rested: int
    driven: int


@dataclass(frozen=True)
class Outcome:
    """What a plan costs by term, and which rules it breaks."""

    terms: Mapping[str, int]
    broken: frozenset[str]

    @property
    def cost(self) -> int:
        """All terms together."""
        return sum(self.terms.values())


def simulate(problem: Problem, orders: Orders) -> Outcome:
    """Return what comes of a plan; of one that cannot be kept in time only what is wrong is right."""
    used = {shift: tuple(order) for shift, order in orders.items() if order}
    broken = {flaw for shift, order in used.items() for flaw in route_flaws(problem, shift, order)}
    broken |= set(_plan_flaws(problem, used))
    lived = _lived(problem, used) if "no_path" not in broken else None
    if lived is None:
        return Outcome(terms={}, broken=frozenset(broken | {"time"}))
    broken |= set(_too_soon(problem, used, lived))
    broken |= {"max_driving" for shift, way in lived.items() if _drives_too_long(problem, shift, way)}
    terms: dict[str, int] = {}
    for shift, order in used.items():
        for term, cost in route_terms(problem, shift, order, lived[shift]).items():
            terms[term] = terms.get(term, 0) + cost
    served = {job for order in used.values() for job in order}
    terms["unassigned"] = sum(problem.penalties[job] for job in range(len(problem.jobs)) if job not in served)
    return Outcome(terms=terms, broken=frozenset(broken))


def route_cost(problem: Problem, shift: int, order: Sequence[int]) -> int | None:
    """Return what a route costs by the timetable it is given; None when it breaks a rule, as far as one route tells."""
    if next(route_flaws(problem, shift, order), None) is not None:
        return None
    waits: dict[int, int] = {}
    for _ in range(len(order) + 1):
        found = ways(problem, shift, order, waits)
        if not found:
            return None
        asked = _asked(problem, {shift: order}, {shift: found[0]})
        if asked == waits:
            break
        waits = asked
    if next(_too_soon(problem, {shift: order}, {shift: found[0]}), None) is not None:
        return None
    if _has_hours(problem) and _drives_too_long(problem, shift, found[0]):
        return None
    return sum(route_terms(problem, shift, order, found[0]).values())


def _lived(problem: Problem, orders: Orders) -> dict[int, Way] | None:
    """Live all routes through together, until nobody has to wait longer for another."""
    lived, waits = dict[int, Way](), dict[int, int]()
    for shift, order in orders.items():
        found = ways(problem, shift, order, {})
        if not found:
            return None
        lived[shift] = found[0]
    for _ in range(len(problem.rules.relations) + 1):
        asked = _asked(problem, orders, lived)
        if asked == waits:
            break
        waits = asked
        for shift, order in orders.items():
            found = ways(problem, shift, order, waits)
            lived[shift] = found[0] if found else lived[shift]
    return lived


def _pairs(problem: Problem, kind: RelationKind) -> list[tuple[int, int, int]]:
    ids = [job.id for job in problem.jobs]
    bonds = [one for one in problem.rules.relations if one.kind is kind]
    return [(ids.index(one.first_id), ids.index(one.second_id), one.gap_s) for one in bonds]


def _asked(problem: Problem, orders: Orders, lived: Mapping[int, Way]) -> dict[int, int]:
    done = {job: at for shift, order in orders.items() for job, at in zip(order, lived[shift].done, strict=True)}
    waits: dict[int, int] = {}
    for first, second, gap in _pairs(problem, RelationKind.AFTER):
        if first in done and second in done:
            waits[second] = max(waits.get(second, 0), done[first] + gap)
    return waits


def _too_soon(problem: Problem, orders: Orders, lived: Mapping[int, Way]) -> Iterator[str]:
    begun = {job: at for shift, order in orders.items() for job, at in zip(order, lived[shift].starts, strict=True)}
    for job, wait in _asked(problem, orders, lived).items():
        if begun[job] < wait:
            yield "after"


def _plan_flaws(problem: Problem, orders: Orders) -> Iterator[str]:
    who = {job: shift for shift, order in orders.items() for job in order}
    for first, second, _ in _pairs(problem, RelationKind.SAME_WORKER):
        if first in who and second in who and who[first] != who[second]:
            yield "same_worker"
    for first, second, _ in _pairs(problem, RelationKind.AFTER):
        if second in who and first not in who:
            yield "after"
    if any(shift.worker_id in problem.rules.prefixes and at not in orders for at, shift in enumerate(problem.shifts)):
        yield "locked"


def stops_of(problem: Problem, shift: int, order: Sequence[int]) -> list[int]:
    """Return the places of a route."""
    end = problem.end_places[shift]
    return [problem.start_places[shift], *order, *([] if end is None else [end])]


def legs_of(problem: Problem, shift: int, order: Sequence[int]) -> list[tuple[int, int]]:
    """Return seconds and metres of each leg."""
    stops, kind = stops_of(problem, shift, order), problem.travel_class[shift]
    seconds, metres = problem.durations_s[kind], problem.distances_m[kind]
    return [(int(seconds[a][b]), int(metres[a][b])) for a, b in pairwise(stops)]


def route_flaws(problem: Problem, shift: int, order: Sequence[int]) -> Iterator[str]:
    """Give what a route breaks that is not of time."""
    yield from _travel_flaws(problem, shift, order)
    who = problem.shifts[shift]
    for job in (problem.jobs[one] for one in order):
        if set(job.skills) - set(who.skills):
            yield "skill"
        if (job.worker_ids and who.worker_id not in job.worker_ids) or who.worker_id in job.forbidden_worker_ids:
            yield "worker"
    if who.max_visits is not None and len(order) > who.max_visits:
        yield "max_visits"
    prefix = [str(one) for one in problem.rules.prefixes.get(who.worker_id, ())]
    if [str(problem.jobs[one].id) for one in order[: len(prefix)]] != prefix:
        yield "locked"
    for first, second, _ in _pairs(problem, RelationKind.SHIPMENT):
        if (first in order) != (second in order) or (first in order and order.index(first) > order.index(second)):
            yield "shipment"
    if any(_is_overloaded(problem, order, number, most) for number, most in enumerate(who.capacity)):
        yield "capacity"


def _travel_flaws(problem: Problem, shift: int, order: Sequence[int]) -> Iterator[str]:
    who, legs = problem.shifts[shift], legs_of(problem, shift, order)
    if any(seconds == NO_PATH for seconds, _ in legs):
        yield "no_path"
    if (
        not _has_hours(problem)
        and who.max_driving_s is not None
        and sum(max(0, one) for one, _ in legs) > who.max_driving_s
    ):
        yield "max_driving"
    if who.max_distance_m is not None and sum(max(0, metres) for _, metres in legs) > who.max_distance_m:
        yield "max_distance"


def _drives_too_long(problem: Problem, shift: int, way: Way) -> bool:
    most = problem.shifts[shift].max_driving_s
    return most is not None and way.driven > most and _has_hours(problem)


def _has_hours(problem: Problem) -> bool:
    return not all(Roads(problem, shift).is_plain for shift in range(len(problem.shifts)))


def _is_overloaded(problem: Problem, order: Sequence[int], number: int, most: int) -> bool:
    """Return whether there is ever more on board than fits, counting what is there parcel by parcel."""
    shipped = {first: second for first, second, _ in _pairs(problem, RelationKind.SHIPMENT)}
    parcels: list[tuple[int, int, int]] = []  # on board from before this stop, until at this stop, so much
    for stop, job in enumerate(order):
        brought, taken = (
            (*amounts, *[0] * 9)[number] for amounts in (problem.jobs[job].amounts, problem.jobs[job].pickup_amounts)
        )
        goal = shipped.get(job)
        if goal is None:
            parcels.append((0, stop, brought))
        else:
            parcels.append((stop + 1, order.index(goal) if goal in order else len(order), brought))
        parcels.append((stop + 1, len(order), taken))
    moments = range(len(order) + 1)  # before the first stop, after it, and so on
    return any(sum(size for since, until, size in parcels if since <= at <= until) > most for at in moments)


def visits_s(problem: Problem, shift: int, order: Sequence[int]) -> list[int]:
    """Return how long each visit takes, set-up included unless one is there already."""
    here, found = problem.shifts[shift].start, []
    for job in (problem.jobs[one] for one in order):
        found.append(job.service_s + (0 if job.position == here else job.setup_s))
        here = job.position
    return found


def _seconds(problem: Problem, moment: datetime) -> int:
    return round((moment - problem.origin_at).total_seconds())


def windows_of(problem: Problem, job_index: int) -> list[tuple[int, int]]:
    """Return when a job may begin, its promise considered."""
    job = problem.jobs[job_index]
    windows = [(_seconds(problem, one.earliest_at), _seconds(problem, one.latest_at)) for one in job.windows]
    windows = windows or [(-(10**9), 10**9)]
    if job.promised_at is not None:
        soonest = _seconds(problem, job.promised_at) - problem.rules.tolerance_s
        windows = [(max(first, soonest), last) for first, last in windows if last >= soonest] or windows
    return windows


def _rests(problem: Problem, shift: int) -> list[Rest]:
    return [(rest.duration_s, rest.earliest_s, rest.latest_s) for rest in problem.breaks[shift]]


def opens_of(problem: Problem, shift: int, order: Sequence[int]) -> int:
    """Return when a route may leave."""
    releases = [problem.jobs[one].released_at for one in order]
    opens = _seconds(problem, problem.shifts[shift].span.start_at)
    return max([opens, *(_seconds(problem, one) for one in releases if one is not None)])


def closes_of(problem: Problem, shift: int) -> int:
    """Return when a route has to have ended."""
    who = problem.shifts[shift]
    return _seconds(problem, who.span.end_at) + who.max_overtime_s


def ways(problem: Problem, shift: int, order: Sequence[int], waits: Mapping[int, int]) -> list[Way]:
    """Return every way through a route that ends soonest, breaks kept; by leaving so late that some are void last."""
    rests, opens = _rests(problem, shift), opens_of(problem, shift, order)
    later = sorted({max(opens, latest + 1) for _, _, latest in rests})
    for starts in ([opens], later):
        found = [way for start in starts for way in _ways_from(problem, shift, order, waits, start)]
        if found:
            soonest = min(way.ends for way in found)
            return sorted((way for way in found if way.ends == soonest), key=lambda way: (way.starts, way.rested))
    return []


def _ways_from(
    problem: Problem, shift: int, order: Sequence[int], waits: Mapping[int, int], opens: int
) -> Iterator[Way]:
    legs = [seconds for seconds, _ in legs_of(problem, shift, order)] + [0]
    takes, closes = visits_s(problem, shift, order), closes_of(problem, shift)
    windows, roads = [windows_of(problem, job) for job in order], Roads(problem, shift)

    def go(  # noqa: PLR0917 — a life so far
        stop: int, now: int, due: tuple[Rest, ...], starts: tuple[int, ...], first: tuple[Rest, ...], drove: int
    ) -> Iterator[Way]:
        for taken, ready, seconds in _rested(due, now, legs[stop], roads):
            left, early = tuple(one for one in due if one not in taken), taken if stop == 0 else first
            driven = drove + seconds if stop else 0
            if stop == len(order):
                if ready <= closes and all(ready <= latest for _, _, latest in left):
                    way = _way(opens, starts, takes, ready, _lasting(all_due) - _lasting(left), driven)
                    yield _late(way, early, legs[0], roads)
                continue
            able = max(ready, waits.get(order[stop], ready))
            fitting = [max(able, soonest) for soonest, last in windows[stop] if max(able, soonest) <= last]
            if fitting:
                yield from go(stop + 1, min(fitting) + takes[stop], left, (*starts, min(fitting)), early, driven)

    all_due = tuple(one for one in _rests(problem, shift) if one[2] >= opens)
    yield from go(0, opens, all_due, (), (), 0)


def _rested(due: Sequence[Rest], now: int, leg: int, roads: Roads) -> Iterator[tuple[tuple[Rest, ...], int, int]]:
    """Give every order of every choice of breaks that can be taken on a leg, when that ends, and seconds driven."""
    for count in range(len(due) + 1):
        for taken in permutations(due, count):
            if not roads.is_plain:
                trip = roads.trip(taken, now, leg)
                if trip is not None:
                    yield taken, trip[0], trip[1]
                continue
            resting, ready, is_kept = now, now + leg, True
            for duration, earliest, latest in taken:
                is_kept = is_kept and max(resting, earliest) <= latest
                resting = max(resting, earliest) + duration
                ready = max(ready, earliest) + duration
            if is_kept:
                yield taken, ready, leg


def _way(  # noqa: PLR0917 — what a way is
    opens: int, starts: tuple[int, ...], takes: Sequence[int], ends: int, rested: int, driven: int
) -> Way:
    done = tuple(start + take for start, take in zip(starts, takes, strict=True))
    return Way(ends, starts, opens, done, rested, driven)


def _late(way: Way, early: tuple[Rest, ...], leg: int, roads: Roads) -> Way:
    """Leave as late as keeps the first start, past the windows of breaks on the first leg where that helps."""
    if roads.is_plain:
        (leaves, rests), driven = _left_late(early, way.starts[0] - leg), leg
    else:
        leaves, rests = _left_late_by_hour(early, leg, way, roads)
        trip = roads.trip(rests, leaves, leg)
        assert trip is not None
        driven = trip[1]
    rested = way.rested - _lasting(early) + _lasting(rests)
    return replace(way, leaves=max(way.leaves, leaves), rested=rested, driven=way.driven + driven)


def _lasting(rests: Sequence[Rest]) -> int:
    return sum(duration for duration, _, _ in rests)


def _left_late(early: tuple[Rest, ...], latest: int) -> tuple[int, tuple[Rest, ...]]:
    closing = sorted(early, key=lambda one: one[2])
    for count in range(len(early), -1, -1):
        void = closing[:count]
        due = tuple(one for one in early if one not in void)
        leaves, before = latest - sum(one[0] for one in due), 0
        for one in due:
            leaves, before = min(leaves, one[2] - before), before + one[0]
        if all(leaves > one[2] for one in void):
            return leaves, due
    raise AssertionError("leaving with every break taken is always possible")


def _left_late_by_hour(early: tuple[Rest, ...], leg: int, way: Way, roads: Roads) -> tuple[int, tuple[Rest, ...]]:
    closing = sorted(early, key=lambda one: one[2])
    for count in range(len(early), -1, -1):
        due = tuple(one for one in early if one not in closing[:count])
        leaves = roads.latest(due, leg, way.leaves, way.starts[0])
        if all(leaves > one[2] for one in closing[:count]):
            return leaves, due
    raise AssertionError("leaving with every break taken is always possible")


def _far_cost(problem: Problem, shift: int, job: int) -> int:
    """Return what a job costs that is far from the middle of a worker's area, which is some place of the day."""
    rule, who = problem.rules.compactness, problem.shifts[shift].worker_id
    if rule is None or who not in rule.centres:
        return 0
    places = {one.position: number for number, one in enumerate(problem.jobs)}
    places |= {one.start: problem.start_places[number] for number, one in enumerate(problem.shifts)}
    seconds = problem.durations_s[problem.travel_class[shift]][places[rule.centres[who]]][job]
    return round(max(0, int(seconds) - rule.free_s) * rule.cost_per_hour / 3600)


def route_terms(problem: Problem, shift: int, order: Sequence[int], way: Way) -> dict[str, int]:
    """Return what a route costs by term."""
    who, legs = problem.shifts[shift], legs_of(problem, shift, order)
    jobs, takes = [problem.jobs[one] for one in order], visits_s(problem, shift, order)
    rules, worker = problem.rules, who.worker_id
    travel = sum(round(s * who.cost_per_hour / 3600 + m * who.cost_per_km / 1000) for s, m in legs)
    travel += sum(
        round((take - job.service_s) * who.cost_per_service_hour / 3600) for job, take in zip(jobs, takes, strict=True)
    )
    assignment = sum(round(job.service_s * who.cost_per_service_hour / 3600) for job in jobs)
    for job in jobs:
        assignment += rules.surcharges.get(job.id, {}).get(worker, 0)
        if job.preferred_worker_ids and worker not in job.preferred_worker_ids:
            assignment += job.preference_cost
        if job.id in rules.workers_before and rules.workers_before[job.id] != worker:
            assignment += rules.move_cost
    assignment += sum(_far_cost(problem, shift, job) for job in order)
    worked, late = way.ends - way.leaves, 0
    idle = worked - way.driven - sum(takes) - way.rested
    for job, start in zip(jobs, way.starts, strict=True):
        if job.promised_at is not None:
            over = start - _seconds(problem, job.promised_at) - rules.tolerance_s
            late += round(max(0, over) * (rules.late_cost_per_minute * 60) / 3600)
    over = max(0, way.ends - _seconds(problem, who.span.end_at))
    long = 0 if rules.balance is None else max(0, worked - rules.balance.target_s)
    squared = 0.0 if rules.balance is None else rules.balance.cost_per_hour_squared
    return {
        "fixed": round(who.cost_fixed),
        "travel": travel,
        "traffic": round((way.driven - sum(s for s, _ in legs)) * who.cost_per_hour / 3600),
        "assignment": assignment,
        "overtime": round(over * who.cost_per_overtime_hour / 3600),
        "waiting": round(idle * who.cost_per_waiting_hour / 3600),
        "late": late,
        "balance": round(squared * (long / 3600) ** 2),
    }
