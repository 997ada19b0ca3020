"""The times of a route that is given: nearest to all windows, then shortest, then earliest (VROOM's plan mode).

Beside the solver's modules, CP-SAT is at home here: which window each stop goes to is a choice, the rest is linear.
"""

from dataclasses import dataclass

from ortools.sat.python import cp_model

from geo_engine.planning.vroom.times import Stop, Times

_ANY_TIME = (0, 10**10)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRoute:
    """A route whose order is given.

    Parameters
    ----------
    window
        The vehicle's time: starting before it and ending after it is to be little; None is any time.
    bounds
        Between what moments the start, each stop's action and the end must lie, one pair for each.
    """

    stops: tuple[Stop, ...]
    end_travel_s: int
    window: tuple[int, int] | None
    bounds: tuple[tuple[int, int], ...]


def choose_times(route: GivenRoute) -> Times | None:
    """Return the times that miss windows least in all, among them the shortest, among those the earliest.

    None when the bounds cannot be kept.

    Notes
    -----
    Three solves of a small model, exact and the same each time.
    """
    model = _Model(route)
    for objective in (model.misses, model.length, model.begins):
        if not model.minimise(objective()):
            return None
    return model.times()


class _Model:
    """The moments of a route as CP-SAT's variables: the start, each stop's begin, the end."""

    def __init__(self, route: GivenRoute) -> None:
        self._route = route
        self._model = cp_model.CpModel()
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.linearization_level = 2
        first_s, last_s = self._horizon()
        self._longest_s = last_s - first_s
        self._moments = [
            self._model.new_int_var(max(earliest_s, first_s), max(first_s, min(latest_s, last_s)), f"moment {number}")
            for number, (earliest_s, latest_s) in enumerate(route.bounds)
        ]
        self._misses: list[cp_model.LinearExprT] = []
        self._state_order()
        self._state_windows()

    def minimise(self, objective: cp_model.LinearExprT) -> bool:
        """Find the least value of an expression and keep it from now on; False when nothing is feasible."""
        self._model.minimize(objective)
        if self._solver.solve(self._model) != cp_model.OPTIMAL:
            return False
        self._model.add(objective == round(self._solver.objective_value))
        return True

    def misses(self) -> cp_model.LinearExprT:
        """Return by how many seconds windows are missed in all."""
        return sum(self._misses)

    def length(self) -> cp_model.LinearExprT:
        """Return how long the route lasts."""
        return self._moments[-1] - self._moments[0]

    def begins(self) -> cp_model.LinearExprT:
        """Return the sum of all begins."""
        return sum(self._moments[1:-1])

    def times(self) -> Times:
        """Return the times of the last solve."""
        start_s, *begins_s, end_s = (self._solver.value(moment) for moment in self._moments)
        return Times(start_s=start_s, begins_s=tuple(begins_s), end_s=end_s)

    def _horizon(self) -> tuple[int, int]:
        """Return so early and so late a time that no route is better outside."""
        route = self._route
        all_s = route.end_travel_s + sum(stop.action_s + (stop.travel_s or 0) for stop in route.stops)
        windows = [window for stop in route.stops for window in stop.windows] + ([route.window] if route.window else [])
        moments = [moment for window in windows for moment in window]
        moments += [moment for pair in route.bounds for moment in pair if moment not in _ANY_TIME]
        earliest_s = max(0, min(moments) - all_s) if windows else 0
        return earliest_s, max(moments, default=0) + all_s

    def _state_order(self) -> None:
        route, moments = self._route, self._moments
        task, rested_s = 0, 0  # the moment the leg begins at, and the breaks on it so far
        action_s = 0
        for number, stop in enumerate((*route.stops, Stop(windows=(), action_s=0, travel_s=route.end_travel_s)), 1):
            before_s = route.stops[number - 2].action_s if number > 1 else 0
            self._model.add(moments[number] >= moments[number - 1] + before_s)
            if stop.travel_s is None:
                rested_s += stop.action_s
            else:
                self._model.add(moments[number] >= moments[task] + action_s + rested_s + stop.travel_s)
                task, rested_s, action_s = number, 0, stop.action_s

    def _state_windows(self) -> None:
        for moment, stop in zip(self._moments[1:-1], self._route.stops, strict=True):
            if stop.windows:
                chosen = [self._model.new_bool_var("") for _ in stop.windows]
                self._model.add_exactly_one(chosen)
                missed_s = self._missed(f"{moment.name} misses by")
                for is_chosen, (first_s, last_s) in zip(chosen, stop.windows, strict=True):
                    self._model.add(missed_s >= first_s - moment).only_enforce_if(is_chosen)
                    self._model.add(missed_s >= moment - last_s).only_enforce_if(is_chosen)
        if self._route.window is not None:
            early_s, late_s = self._missed("starts early by"), self._missed("ends late by")
            self._model.add(early_s >= self._route.window[0] - self._moments[0])
            self._model.add(late_s >= self._moments[-1] - self._route.window[1])

    def _missed(self, name: str) -> cp_model.IntVar:
        missed_s = self._model.new_int_var(0, self._longest_s, name)
        self._misses.append(missed_s)
        return missed_s


def bounds_of(service_at: int | None, service_after: int | None, service_before: int | None) -> tuple[int, int]:
    """Return the moments between which something must begin; any time where nothing is said."""
    first_s, last_s = _ANY_TIME
    if service_at is not None:
        first_s = last_s = service_at
    return (first_s if service_after is None else max(first_s, service_after)), (
        last_s if service_before is None else min(last_s, service_before)
    )
