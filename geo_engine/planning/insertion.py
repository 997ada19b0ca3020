"""Where one more job fits best: the cheapest place on any route that breaks no rule."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.costs import route_cost
from geo_engine.planning.limits import keeps_limits, may_meet
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.relations import keeps_relations, route_timetable
from geo_engine.planning.rests import NEVER_S, Rests
from geo_engine.planning.timetable import find_timetable, open_at

_UNREACHED_S = 10**12

IndexOrders = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """A job's place on a route: before the visit now at `position`; `cost` is what the plan's routes cost more."""

    shift_index: int
    position: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Orders with every job inserted that was left out and fits for less than its penalty.

    Parameters
    ----------
    orders
        Job indices by shift index; no empty ones.
    too_dear
        The cheapest insertion of each job that is left out although it would fit, by job index.
    """

    orders: dict[int, list[int]]
    too_dear: Mapping[int, Insertion]


def is_feasible(problem: Problem, shift_index: int, order: Sequence[int]) -> bool:
    """Return whether a shift can do `order` without breaking any rule, as far as one route can tell."""
    return keeps_limits(problem, shift_index, order) and route_timetable(problem, shift_index, order) is not None


def complete(problem: Problem, orders: IndexOrders, job_indices: Iterable[int]) -> Completion:
    """Insert those of the jobs that are on no route and fit, the dearest to leave out first.

    Notes
    -----
    O(left-out jobs × visits) for the costs; most places are ruled out by the room a route has when its
    breaks are not counted. Orders without any visit are filled greedily.
    """
    rooms = {
        index: Room(problem, index, orders.get(index) or problem.prefixes[index])
        for index in range(len(problem.shifts))
    }
    placed = {job_index for room in rooms.values() for job_index in room.order}
    too_dear: dict[int, Insertion] = {}
    for job_index in sorted(set(job_indices) - placed, key=lambda index: (-problem.penalties[index], index)):
        found = _cheapest(problem, rooms, job_index)
        if found is not None and found.cost < problem.penalties[job_index]:
            grown = inserted(rooms[found.shift_index].order, job_index, found.position)
            rooms[found.shift_index] = Room(problem, found.shift_index, grown)
        elif found is not None:
            too_dear[job_index] = found
    return Completion(orders={index: room.order for index, room in rooms.items() if room.order}, too_dear=too_dear)


def inserted(order: Sequence[int], job_index: int, position: int) -> list[int]:
    """Return the order with the job before the visit now at `position`."""
    return [*order[:position], job_index, *order[position:]]


def named(problem: Problem, orders: IndexOrders) -> dict[WorkerId, list[JobId]]:
    """Return orders by ids, workers in the order of the shifts."""
    return {
        problem.shifts[shift_index].worker_id: [problem.jobs[job_index].id for job_index in order]
        for shift_index, order in sorted(orders.items())
        if order
    }


def indexed(problem: Problem, orders: Mapping[WorkerId, Sequence[JobId]]) -> dict[int, list[int]]:
    """Return orders by indices: the inverse of `named`."""
    shift_of = {shift.worker_id: index for index, shift in enumerate(problem.shifts)}
    job_of = {job.id: index for index, job in enumerate(problem.jobs)}
    return {shift_of[worker_id]: [job_of[job_id] for job_id in order] for worker_id, order in orders.items()}


def _cheapest(problem: Problem, rooms: Mapping[int, "Room"], job_index: int) -> Insertion | None:
    tries = [tried for shift_index in problem.allowed[job_index] for tried in rooms[shift_index].places(job_index)]
    if problem.prices_time:
        tries = list(_priced(problem, rooms, job_index, tries))
    for tried in sorted(tries, key=lambda tried: (tried.cost, tried.shift_index, tried.position)):
        order = inserted(rooms[tried.shift_index].order, job_index, tried.position)
        if is_feasible(problem, tried.shift_index, order) and keeps_relations(
            problem, {**{index: room.order for index, room in rooms.items()}, tried.shift_index: order}
        ):
            return tried
    return None


def _priced(
    problem: Problem, rooms: Mapping[int, "Room"], job_index: int, tries: Iterable[Insertion]
) -> Iterator[Insertion]:
    """Give the insertions that can be timed with what the whole route then costs more: a detour may cost waiting."""
    before = {index: _cost(problem, index, room.order) or 0 for index, room in rooms.items()}
    for tried in tries:
        after = _cost(problem, tried.shift_index, inserted(rooms[tried.shift_index].order, job_index, tried.position))
        if after is not None:
            yield replace(tried, cost=after - before[tried.shift_index])


def _cost(problem: Problem, shift_index: int, order: Sequence[int]) -> int | None:
    timetable = find_timetable(problem, shift_index, order) if order else None
    return None if timetable is None else route_cost(problem, shift_index, order, timetable).total


class Room:
    """How much room a route has at each leg at most: earliest departures and latest starts by the breaks behind.

    Breaks that could change places are not counted.

    Parameters
    ----------
    order
        Job indices in the order they are visited; it may break rules.
    """

    def __init__(self, problem: Problem, shift_index: int, order: Sequence[int]) -> None:
        self.order = list(order)
        self._problem = problem
        self._shift_index = shift_index
        self._costs = problem.leg_costs[shift_index]
        self._travel_s = problem.least_travel_s[problem.travel_class[shift_index]]
        end = problem.end_places[shift_index]
        self._places = [problem.start_places[shift_index], *order, *([] if end is None else [end])]
        slots = problem.breaks[shift_index]
        self._rests = Rests(() if may_meet(slots) else slots)
        self._departs_s = self._earliest_departures()
        self._starts_by_s = self._latest_starts()

    def places(self, job_index: int) -> Iterator[Insertion]:
        """Give every place a job might have here, with its cost; some may turn out to break a rule."""
        fixed = 0 if self.order else self._problem.fixed_costs[self._shift_index]
        for position in range(len(self.order) + 1):
            if self._may_fit(job_index, position):
                cost = self._detour_cost(job_index, position) + fixed
                yield Insertion(shift_index=self._shift_index, position=position, cost=cost)

    def may_be_last(self, job_indices: Iterable[int]) -> Iterator[int]:
        """Give those of the jobs there may be time for after all others; for the rest there surely is none."""
        return (job_index for job_index in job_indices if self._may_fit(job_index, len(self.order)))

    def ranked(self, job_index: int) -> list[Insertion]:
        """Return every place on the route, what strains its times least first, then by cost; no path comes last.

        Notes
        -----
        O(visits · log visits).
        """
        fixed = 0 if self.order else self._problem.fixed_costs[self._shift_index]
        places = [
            Insertion(
                shift_index=self._shift_index, position=position, cost=self._detour_cost(job_index, position) + fixed
            )
            for position in range(len(self.order) + 1)
        ]
        return sorted(places, key=lambda place: (self._strain_s(job_index, place.position), place.cost, place.position))

    def _strain_s(self, job_index: int, position: int) -> int:
        """Return by how many seconds the job and what follows it would be late, added up."""
        travel_s = int(self._travel_s[self._places[position], job_index])
        ready_s = self._departs_s[position][0] + travel_s
        start_s = open_at(self._problem.windows[job_index], ready_s)
        late_s = 0 if start_s is not None else ready_s - self._problem.windows[job_index][-1][1]
        free_s = (ready_s if start_s is None else start_s) + self._problem.jobs[job_index].service_s
        onward_s = 0
        if position + 1 < len(self._places):
            onward_s = int(self._travel_s[job_index, self._places[position + 1]])
        if NO_PATH in (travel_s, onward_s):
            return _UNREACHED_S
        return late_s + max(0, free_s + onward_s - self._starts_by_s[position][-1])

    def _detour_cost(self, job_index: int, position: int) -> int:
        before = self._places[position]
        cost = int(self._costs[before, job_index])
        if self._problem.assignment_costs is not None:
            cost += int(self._problem.assignment_costs[job_index, self._shift_index])
        if position + 1 < len(self._places):
            after = self._places[position + 1]
            direct = int(self._costs[before, after]) if self.order else 0
            cost += int(self._costs[job_index, after]) - direct
        return cost

    def _may_fit(self, job_index: int, position: int) -> bool:
        travel_s, onward_s = int(self._travel_s[self._places[position], job_index]), 0
        if position + 1 < len(self._places):
            onward_s = int(self._travel_s[job_index, self._places[position + 1]])
        if NO_PATH in (travel_s, onward_s):
            return False
        free_s = self._free_s(job_index, self._rests.after(self._departs_s[position], travel_s), late_s=NEVER_S)
        arrivals_s = self._rests.after(free_s, onward_s)
        return any(one_s <= by_s for one_s, by_s in zip(arrivals_s, self._starts_by_s[position], strict=True))

    def _earliest_departures(self) -> list[list[int]]:
        departs_s = [self._rests.starts_s(self._problem.spans[self._shift_index][0])]
        for before, job_index in pairwise([self._places[0], *self.order]):
            ready_s = self._rests.after(departs_s[-1], max(0, int(self._travel_s[before, job_index])))
            departs_s.append(self._free_s(job_index, ready_s))
        return departs_s

    def _free_s(self, job_index: int, ready_s: Sequence[int], late_s: int | None = None) -> list[int]:
        """Return when a job has ended that may begin from some moments on.

        Where its windows have closed it begins at `late_s`, or at once, as a route may break rules.
        """
        windows, service_s = self._problem.windows[job_index], self._problem.jobs[job_index].service_s
        starts_s = [open_at(windows, one_s) for one_s in ready_s]
        late = [one_s if late_s is None else late_s for one_s in ready_s]
        return [service_s + (otherwise if one is None else one) for one, otherwise in zip(starts_s, late, strict=True)]

    def _latest_starts(self) -> list[list[int]]:
        """List, per leg, the latest arrival at its end that keeps everything after it."""
        latest_s = [self._rests.ends_s(self._problem.latest_ends_s[self._shift_index])]
        places = self._places[1:]
        if self._problem.end_places[self._shift_index] is None:
            places = [*places, -1]
        for job_index, after in reversed(list(pairwise(places))):
            onward_s = 0 if after < 0 else max(0, int(self._travel_s[job_index, after]))
            leaves_by_s = self._rests.before(latest_s[-1], onward_s)
            latest_s.append([self._begins_by_s(job_index, one_s) for one_s in leaves_by_s])
        return latest_s[::-1]

    def _begins_by_s(self, job_index: int, leaves_by_s: int) -> int:
        by_s = leaves_by_s - self._problem.jobs[job_index].service_s
        windows = self._problem.windows[job_index]
        return max((min(by_s, latest_s) for earliest_s, latest_s in windows if earliest_s <= by_s), default=-NEVER_S)
