"""Where one more job fits best: the cheapest place on any route that breaks no rule."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.costs import route_cost
from geo_engine.planning.limits import keeps_limits
from geo_engine.planning.problem import NO_PATH, Problem
from geo_engine.planning.relations import keeps_relations, route_timetable
from geo_engine.planning.timetable import find_timetable, open_at

_NEVER_S = 10**12

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
    """How much room a route has at each leg when its breaks are not counted: earliest departures, latest starts.

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
        self._departs_s = self._earliest_departures()
        self._starts_by_s = self._latest_starts()

    def places(self, job_index: int) -> Iterator[Insertion]:
        """Give every place a job might have here, with its cost; some may turn out to break a rule."""
        fixed = 0 if self.order else self._problem.fixed_costs[self._shift_index]
        for position in range(len(self.order) + 1):
            if self._may_fit(job_index, position):
                cost = self._detour_cost(job_index, position) + fixed
                yield Insertion(shift_index=self._shift_index, position=position, cost=cost)

    def may_be_last(self, job_indices: Sequence[int]) -> list[int]:
        """Return which of the jobs there may be time for after all others; the rest surely have none."""
        return [job_index for job_index in job_indices if self._may_fit(job_index, len(self.order))]

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
        ready_s = self._departs_s[position] + travel_s
        start_s = open_at(self._problem.windows[job_index], ready_s)
        late_s = 0 if start_s is not None else ready_s - self._problem.windows[job_index][-1][1]
        free_s = (ready_s if start_s is None else start_s) + self._problem.jobs[job_index].service_s
        onward_s = 0
        if position + 1 < len(self._places):
            onward_s = int(self._travel_s[job_index, self._places[position + 1]])
        if NO_PATH in (travel_s, onward_s):
            return _NEVER_S
        return late_s + max(0, free_s + onward_s - self._starts_by_s[position])

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
        travel_s = self._travel_s[self._places[position], job_index]
        start_s = open_at(self._problem.windows[job_index], self._departs_s[position] + int(travel_s))
        if travel_s == NO_PATH or start_s is None:
            return False
        free_s = start_s + self._problem.jobs[job_index].service_s
        if position + 1 < len(self._places):
            onward_s = self._travel_s[job_index, self._places[position + 1]]
            return bool(onward_s != NO_PATH and free_s + onward_s <= self._starts_by_s[position])
        return free_s <= self._problem.latest_ends_s[self._shift_index]

    def _earliest_departures(self) -> list[int]:
        departs_s = [self._problem.spans[self._shift_index][0]]
        for before, job_index in pairwise([self._places[0], *self.order]):
            ready_s = departs_s[-1] + max(0, int(self._travel_s[before, job_index]))
            start_s = open_at(self._problem.windows[job_index], ready_s)
            service_s = self._problem.jobs[job_index].service_s
            departs_s.append((ready_s if start_s is None else start_s) + service_s)
        return departs_s

    def _latest_starts(self) -> list[int]:
        """List, per leg, the latest arrival at its end that keeps everything after it."""
        closes_s = self._problem.latest_ends_s[self._shift_index]
        latest_s = [closes_s]
        places = self._places[1:]
        if self._problem.end_places[self._shift_index] is None:
            places = [*places, -1]
        for job_index, after in reversed(list(pairwise(places))):
            onward_s = 0 if after < 0 else max(0, int(self._travel_s[job_index, after]))
            by_s = latest_s[-1] - onward_s - self._problem.jobs[job_index].service_s
            windows = [min(by_s, latest) for earliest, latest in self._problem.windows[job_index] if earliest <= by_s]
            latest_s.append(max(windows, default=-1))
        return latest_s[::-1]
