"""From orders to walks: what each route does in order, with the legs that `evaluate` found for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo_engine.planning.model import PlannedBreak, Route
from geo_engine.planning.vroom.document import Break
from geo_engine.planning.vroom.statement import StatedTask, Statement, sorted_windows
from geo_engine.planning.vroom.stating import break_window, seconds_at, task_seconds
from geo_engine.planning.vroom.steps import Walk, list_steps
from geo_engine.planning.vroom.times import Stop, Times, pack
from geo_engine.planning.vroom.writing import ToldRoute

type Call = StatedTask | Break


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """The calls of a route with the travel between them, before they have times.

    Parameters
    ----------
    legs_m
        Of each task's leg and of the way to the end, metres.
    setups_s
        Of each call, what of its action is set-up.
    """

    vehicle_number: int
    calls: tuple[Call, ...]
    stops: tuple[Stop, ...]
    setups_s: tuple[int, ...]
    end_travel_s: int
    legs_m: tuple[int, ...]

    def told(self, statement: Statement, times: Times, cost: int) -> ToldRoute:
        """Return the route as it is told, with times; nothing is broken but by its steps."""
        walk = Walk(
            vehicle=statement.vehicles[self.vehicle_number],
            calls=self.calls,
            stops=self.stops,
            setups_s=self.setups_s,
            end_travel_s=self.end_travel_s,
            legs_m=self.legs_m,
            times=times,
        )
        return ToldRoute(vehicle_number=self.vehicle_number, steps=tuple(list_steps(walk)), cost=cost, broken={})


def legs_of(statement: Statement, route: Route, calls: Sequence[Call]) -> Legs:
    """Return the calls of a judged route with its legs; the tasks among them are its visits, in order."""
    number = int(route.worker_id)
    setups_s = _setups_s(statement, number, calls)
    visits = iter(route.planned_visits)
    stops = [
        Stop(windows=sorted_windows("", call.time_windows), action_s=call.service, travel_s=None)
        if isinstance(call, Break)
        else Stop(
            windows=call.windows,
            action_s=setup_s + task_seconds(call, statement)[1],
            travel_s=next(visits).travel_s,
        )
        for call, setup_s in zip(calls, setups_s, strict=True)
    ]
    ways_s, ways_m = zip(*((visit.travel_s, visit.travel_m) for visit in route.planned_visits), strict=True)
    return Legs(
        vehicle_number=number,
        calls=tuple(calls),
        stops=tuple(stops),
        setups_s=setups_s,
        end_travel_s=route.travel_s - sum(ways_s),
        legs_m=(*ways_m, route.travel_m - sum(ways_m)),
    )


def _setups_s(statement: Statement, number: int, calls: Sequence[Call]) -> tuple[int, ...]:
    """List the set-up of each call: of a task, nothing where the one before was at the same place."""
    tasks = [call for call in calls if isinstance(call, StatedTask)]
    places = [statement.vehicles[number].start, *(task.place for task in tasks)]
    by_task = [
        0 if before == here else task_seconds(task, statement)[0]
        for task, (before, here) in zip(tasks, pairwise(places), strict=True)
    ]
    left = iter(by_task)
    return tuple(0 if isinstance(call, Break) else next(left) for call in calls)


def told_route(statement: Statement, route: Route) -> ToldRoute:
    """Return a route that keeps every rule, packed as VROOM packs it: its earliest end, and the latest start for it."""
    legs = legs_of(statement, route, _calls(statement, route))
    times = pack(legs.stops, legs.end_travel_s, seconds_at(route.end_at))
    return legs.told(statement, times, route.cost)


def _calls(statement: Statement, route: Route) -> list[Call]:
    """List visits and breaks in the order of time."""
    vehicle = statement.vehicles[int(route.worker_id)]
    span = vehicle.window or (seconds_at(route.start_at), seconds_at(route.end_at))
    left = list(vehicle.breaks)
    due = list(route.breaks)
    calls: list[Call] = []
    for visit in route.planned_visits:
        while due and due[0].end_at <= visit.start_at:
            calls.append(_taken(left, due.pop(0), span))
        calls.append(statement.tasks[int(visit.job_id)])
    return [*calls, *(_taken(left, rest, span) for rest in due)]


def _taken(left: list[Break], rest: PlannedBreak, span: tuple[int, int]) -> Break:
    """Take out the break that was placed so; of several that could be it the one whose window ends first."""
    begins_s, ends_s = seconds_at(rest.start_at), seconds_at(rest.end_at)
    fitting = [
        one
        for one in left
        if one.service == ends_s - begins_s and break_window(one, span)[0] <= begins_s <= break_window(one, span)[1]
    ]
    found = min(fitting, key=lambda one: break_window(one, span)[1])
    left.remove(found)
    return found
