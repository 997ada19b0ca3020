"""Every worker's route on every day while visits come and go: what a visit would add, and what all of it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo_engine.planning.limits import keeps_limits
from geo_engine.planning.periods.model import PeriodParams
from geo_engine.planning.periods.patterns import NEVER
from geo_engine.planning.periods.ways import usual_ways_s
from geo_engine.planning.problem import ALWAYS, NO_PATH, Problem
from geo_engine.planning.relations import route_timetable
from geo_engine.planning.travel.speeds import Speeds
from geo_engine.tenancy.speeds import FULL

_FAR_S = 1_000_000
_CLOSED_S = -1
_MARGIN = 0.85  # of a band: the rest is for what routing changes after the search
type Arc = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRoute:
    """One worker's day: site indices in order, its legs (from, to, seconds), travel and working seconds."""

    order: tuple[int, ...]
    arcs: tuple[Arc, ...]
    travel_s: int
    working_s: int


class Tours:
    """The routes of all workers on all days, on one problem that has every site as a job and every worker's shift.

    A cell is a worker's day: ``worker * day_count + day``.

    Parameters
    ----------
    problem
        Of any one day: windows and shifts are the same on each.
    is_open
        Per worker and day, whether that day is worked and still to be planned.
    """

    def __init__(self, problem: Problem, is_open: Sequence[Sequence[bool]], params: PeriodParams) -> None:
        self.problem = problem
        self.worker_count, self.day_count = len(is_open), len(is_open[0])
        self._params = params
        self._read_ways()
        self._read_shifts()
        cells = self.worker_count * self.day_count
        self.is_open = [is_open[cell // self.day_count][cell % self.day_count] for cell in range(cells)]
        self.routes = [self._measure(cell // self.day_count, ()) for cell in range(cells)]
        self._memo: dict[tuple[int, tuple[int, ...]], int] = {}
        self._open_days = [
            [sum(is_open[worker][week : week + 7]) for week in range(0, self.day_count, 7)]
            for worker in range(self.worker_count)
        ]
        self.week_s = [[0] * len(self._open_days[0]) for _ in range(self.worker_count)]
        self.day_target_s = 1.0

    def _read_ways(self) -> None:
        problem = self.problem
        from_places, to_places = [], []
        for durations_s in usual_ways_s(problem):
            ways_s = np.where(durations_s == NO_PATH, _FAR_S, durations_s)
            nowhere = [0] * (len(ways_s) + 1)
            # The last place is where an open route ends.
            from_places.append([*([*row, 0] for row in ways_s.tolist()), nowhere])
            to_places.append([[*column, 0] for column in ways_s.T.tolist()])
        self._from = [from_places[travel] for travel in problem.travel_class]
        self._to = [to_places[travel] for travel in problem.travel_class]
        self._slowest = [_slowest(problem.speeds_of(worker)) for worker in range(len(problem.shifts))]
        self.service_s = [job.service_s for job in problem.jobs]

    def _read_shifts(self) -> None:
        problem, nowhere = self.problem, self.problem.place_count
        self._starts = list(problem.start_places)
        self._ends = [nowhere if end is None else end for end in problem.end_places]
        rests_s = [sum(slot.duration_s for slot in slots) for slots in problem.breaks]
        self._limit_s = [end_s - start_s for start_s, end_s in problem.spans]
        self._plain_limit_s = [limit_s - rest_s for limit_s, rest_s in zip(self._limit_s, rests_s, strict=True)]
        shortest_s = [
            min((slot.latest_s - slot.earliest_s for slot in slots), default=_FAR_S) if len(slots) < 2 else -1
            for slots in problem.breaks
        ]
        self._is_plain_worker = [
            not shift.capacity and shift.max_visits is None and shift.max_driving_s is None and width_s >= 0
            for shift, width_s in zip(problem.shifts, shortest_s, strict=True)
        ]
        self._break_width_s = shortest_s
        self._is_plain_site = [windows == (ALWAYS,) for windows in problem.windows]

    def order(self, worker: int, day: int) -> tuple[int, ...]:
        """Return the sites of a worker's day in their order."""
        return self.routes[worker * self.day_count + day].order

    def open_days(self, workers: Iterable[int], days: Iterable[int]) -> dict[int, list[int]]:
        """Return which of some days each worker works on, ascending; without whoever works on none of them."""
        asked = sorted(days)
        found = {
            worker: [day for day in asked if self.is_open[worker * self.day_count + day]] for worker in sorted(workers)
        }
        return {worker: own for worker, own in found.items() if own}

    # What a visit would add

    def day_costs(self, site: int, worker: int, days: Iterable[int]) -> list[float]:
        """Return, by day of the period, what a visit would cost there; `NEVER` on any day but `days`.

        Notes
        -----
        O(visits of the worker): the cheapest place on each route, the price of working longer included. Windows,
        breaks and limits are not looked at but for the shift's length, where travel takes as long at every hour.
        """
        costs = [NEVER] * self.day_count
        reach, leave, service_s = self._to[worker][site], self._from[worker][site], self.service_s[site]
        base, limit_s = worker * self.day_count, self._limit_s[worker]
        if self._slowest[worker] is not None:
            limit_s = _FAR_S  # by the mean of all hours a way may seem longer than it is at the hours there are
        for day in days:
            cell = base + day
            if self.is_open[cell]:
                route = self.routes[cell]
                added_s = min([reach[before] + leave[after] - leg_s for before, after, leg_s in route.arcs])
                working_s = route.working_s + added_s + service_s
                if working_s <= limit_s:
                    costs[day] = added_s + self._price_of(worker, day, route.working_s, working_s)
        return costs

    def _price_of(self, worker: int, day: int, before_s: int, after_s: int) -> float:
        week_s = self.week_s[worker][day // 7]
        days = self._open_days[worker][day // 7]
        return (
            self._day_price(after_s)
            - self._day_price(before_s)
            + self._week_price(week_s + after_s - before_s, days)
            - self._week_price(week_s, days)
        )

    def _day_price(self, working_s: float) -> float:
        return self._price(working_s, self.day_target_s, self._params.day_band)

    def _week_price(self, working_s: float, days: int) -> float:
        return self._price(working_s, self.day_target_s * days, self._params.week_band) if days else 0.0

    def _price(self, working_s: float, target_s: float, band: float) -> float:
        off_s = abs(working_s - target_s)
        outside_s = off_s - band * _MARGIN * target_s
        price = self._params.evenness * off_s * off_s / target_s
        return price + self._params.band_price * outside_s if outside_s > 0 else price

    # Visits that come and go

    def insert(self, site: int, worker: int, day: int) -> bool:
        """Put a visit where it costs least and breaks no rule; return whether there is such a place."""
        cell = worker * self.day_count + day
        route, reach, leave = self.routes[cell], self._to[worker][site], self._from[worker][site]
        added_s = [reach[before] + leave[after] - leg_s for before, after, leg_s in route.arcs]
        for position in sorted(range(len(added_s)), key=added_s.__getitem__):
            order = (*route.order[:position], site, *route.order[position:])
            found = self._feasible(worker, order)
            if found is not None:
                self._put(cell, found)
                return True
        return False

    def remove(self, site: int, worker: int, day: int) -> None:
        """Take a visit off its route."""
        cell = worker * self.day_count + day
        order = tuple(other for other in self.routes[cell].order if other != site)
        found = self._feasible(worker, order)
        self._put(cell, self._measure(worker, order) if found is None else found)

    def put_back(self, cell: int, route: DayRoute) -> None:
        """Give a worker's day a route it had before."""
        self._put(cell, route)

    def return_to(self, routes: Sequence[DayRoute]) -> None:
        """Give every worker's days the routes they had before, by cell."""
        for cell, route in enumerate(routes):
            if route is not self.routes[cell]:
                self._put(cell, route)

    def _put(self, cell: int, route: DayRoute) -> None:
        worker, day = divmod(cell, self.day_count)
        self.week_s[worker][day // 7] += route.working_s - self.routes[cell].working_s
        self.routes[cell] = route

    def _measure(self, worker: int, order: tuple[int, ...]) -> DayRoute:
        places = (self._starts[worker], *order, self._ends[worker])
        if not order:
            return DayRoute(order=(), arcs=((places[0], places[1], 0),), travel_s=0, working_s=0)
        ways_s = self._from[worker]
        arcs = tuple([(a, b, ways_s[a][b]) for a, b in pairwise(places)])
        travel_s = sum([leg_s for _, _, leg_s in arcs])
        working_s = travel_s + sum([self.service_s[site] for site in order])
        return DayRoute(order=order, arcs=arcs, travel_s=travel_s, working_s=working_s)

    def _feasible(self, worker: int, order: tuple[int, ...]) -> DayRoute | None:
        """Return the route of an order with its waiting counted, None when it breaks a rule."""
        route = self._measure(worker, order)
        if not order or self._is_surely_kept(worker, route):
            return route
        key = worker, order
        if key not in self._memo:
            self._memo[key] = self._working_s(worker, order)
        working_s = self._memo[key]
        if working_s < 0:
            return None
        return DayRoute(order=order, arcs=route.arcs, travel_s=route.travel_s, working_s=working_s)

    def _is_surely_kept(self, worker: int, route: DayRoute) -> bool:
        """Return whether a route without windows keeps its only break because no visit can cover the break's window."""
        width_s = self._break_width_s[worker]
        return (
            self._is_plain_worker[worker]
            and route.working_s + self._traffic_s(worker, route) <= self._plain_limit_s[worker]
            and all(self._is_plain_site[site] and self.service_s[site] <= width_s for site in route.order)
        )

    def _traffic_s(self, worker: int, route: DayRoute) -> float:
        """Return by how much a route can take longer than at the mean of all hours, seconds of rounding included."""
        slowest = self._slowest[worker]
        return 0.0 if slowest is None else (slowest - 1.0) * route.travel_s + (slowest + 1.0) * len(route.arcs)

    def _working_s(self, worker: int, order: tuple[int, ...]) -> int:
        timetable = route_timetable(self.problem, worker, order) if keeps_limits(self.problem, worker, order) else None
        if timetable is None:
            return _CLOSED_S
        return timetable.end_s - timetable.start_s - sum(end_s - start_s for start_s, end_s in timetable.breaks_s)

    # What all of it costs

    def expect(self, visit_s: int, visit_counts: Sequence[int]) -> None:
        """Aim at the mean day of so many visits a site with so much travel each, as long as there are no routes."""
        working_s = sum(
            count * (service_s + visit_s) for count, service_s in zip(visit_counts, self.service_s, strict=True)
        )
        self.day_target_s = max(1.0, working_s / max(1, sum(self.is_open)))

    def set_targets(self) -> None:
        """Take the mean working time of all days that are worked as what each day should have."""
        working_s = sum(route.working_s for route in self.routes)
        self.day_target_s = max(1.0, working_s / max(1, sum(self.is_open)))

    def cost(self) -> float:
        """Return travel and the price of unevenness, in seconds of travel.

        Notes
        -----
        O(workers × days).
        """
        days = sum(
            [
                route.travel_s + self._day_price(route.working_s)
                for cell, route in enumerate(self.routes)
                if self.is_open[cell]
            ]
        )
        return days + self._weeks_cost()

    def _weeks_cost(self) -> float:
        return sum(
            self._week_price(working_s, days)
            for weeks_s, open_days in zip(self.week_s, self._open_days, strict=True)
            for working_s, days in zip(weeks_s, open_days, strict=True)
        )

    def cell_cost(self, cell: int) -> float:
        """Return travel and price of one worker's day, its week left out."""
        route = self.routes[cell]
        return route.travel_s + self._day_price(route.working_s)

    def week_cost(self, worker: int, week: int) -> float:
        """Return the price of one worker's week."""
        return self._week_price(self.week_s[worker][week], self._open_days[worker][week])


def _slowest(speeds: Speeds | None) -> float | None:
    """Return how many times as long as at the mean of all hours a leg takes at the slowest; None where all are full."""
    return None if speeds is None else FULL / speeds.slowest / (1.0 + speeds.mean_addition)
