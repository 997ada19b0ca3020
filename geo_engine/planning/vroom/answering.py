"""The one computation behind VROOM's interface: a document comes in, routes that `evaluate` has judged go out."""

import time
from dataclasses import dataclass, replace
from typing import Any

from geo_engine.errors import GeoEngineError
from geo_engine.geometry import Position
from geo_engine.planning.evaluate import Orders, evaluate
from geo_engine.planning.insertion import complete, indexed, named
from geo_engine.planning.problem import Problem
from geo_engine.planning.solver.solve import Budget, OnProgress, Progress, ShouldStop, solve
from geo_engine.planning.vroom.document import Document, UnusableField
from geo_engine.planning.vroom.given import given_orders, given_routes, read_given
from geo_engine.planning.vroom.limits import require_served
from geo_engine.planning.vroom.statement import StatedTask, Statement, check_document
from geo_engine.planning.vroom.stating import state_problem
from geo_engine.planning.vroom.travel import RoutingFailed, find_travels, roads_of
from geo_engine.planning.vroom.walks import told_route
from geo_engine.planning.vroom.writing import ComputingTimes, ToldRoute, answer_document
from geo_engine.roads import RoadRouter
from geo_engine.words import Message

_LEAST_S = 5.0
_MOST_S = 30.0
_TASKS_PER_SECOND = 15.0
_PATIENCE = 0.2  # of the whole time
_MOST_EXPLORATION = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParams:
    """How a document is answered.

    Parameters
    ----------
    router
        Our roads; None where none were named.
    is_plan
        Whether the routes are given and only lack times.
    with_geometry
        Whether each route's way is told.
    time_limit_s
        How long to search. Unless it is given, by the problem's size, and no longer than something better is found.
    most_places, most_time_s
        More places are refused before a matrix is made; longer is not searched.
    """

    router: RoadRouter | None = None
    is_plan: bool = False
    with_geometry: bool = False
    time_limit_s: float | None = None
    most_places: int = 6_000
    most_time_s: float = 86_400.0

    def with_options(self, document: Document) -> "AnswerParams":
        """Return the same with what the document itself asks for, where nothing was said here."""
        options = document.options
        return replace(
            self,
            is_plan=self.is_plan or options.c,
            with_geometry=self.with_geometry or options.g,
            time_limit_s=options.l if self.time_limit_s is None else self.time_limit_s,
        )


def answer(
    document: Document,
    params: AnswerParams,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> dict[str, Any]:
    """Return the answer to a document, as VROOM's JSON has it.

    Raises
    ------
    InvalidInput
        When the document contradicts itself, or asks for what is not served.
    RoutingFailed
        When roads are needed and cannot be used.
    Unavailable
        When the solver's processes cannot be used.
    SolverContradictionError
        When the model and `evaluate` disagree.
    """
    clock = _Clock()
    asked = params.with_options(document)
    statement = check_document(document)
    require_served(statement)
    travels = find_travels(statement, asked.router, with_geometry=asked.with_geometry, most_places=asked.most_places)
    problem = state_problem(statement, travels)
    loading_ms = clock.lap_ms()
    if asked.is_plan:
        routes = _planned(statement, problem)
    else:
        routes = _solved(statement, problem, asked, on_progress, should_stop)
    solving_ms = clock.lap_ms()
    if asked.with_geometry:
        routes = [_with_line(route, statement, asked.router) for route in routes]
    times = ComputingTimes(loading_ms=loading_ms, solving_ms=solving_ms, routing_ms=clock.lap_ms())
    return answer_document(statement, routes, times, tells_distances=travels.tells_distances)


def usual_limit_s(task_count: int, exploration: int = _MOST_EXPLORATION) -> float:
    """Return how long a problem is searched at most when nobody says: 5 s for few tasks, half a minute for many.

    Parameters
    ----------
    exploration
        VROOM's level, 0 to 5: a sixth to all of it.

    Examples
    --------
    >>> usual_limit_s(6), usual_limit_s(150), usual_limit_s(5_000), usual_limit_s(150, 2)
    (5.0, 10.0, 30.0, 5.0)
    """
    full_s = min(_MOST_S, max(_LEAST_S, task_count / _TASKS_PER_SECOND))
    return full_s * (1 + exploration) / (1 + _MOST_EXPLORATION)


def _planned(statement: Statement, problem: Problem) -> list[ToldRoute]:
    given = read_given(statement)
    return given_routes(statement, given, evaluate(problem, given_orders(statement, given)))


def _solved(
    statement: Statement,
    problem: Problem,
    asked: AnswerParams,
    on_progress: OnProgress | None,
    should_stop: ShouldStop | None,
) -> list[ToldRoute]:
    begun = _begun(statement, problem)
    if asked.time_limit_s is None:
        limit_s = usual_limit_s(len(problem.jobs), statement.document.options.x)
        patience = _Patience(_PATIENCE * limit_s, on_progress, should_stop)
        on_progress, should_stop = patience.see, patience.is_over
    else:
        limit_s = asked.time_limit_s
    budget = Budget(time_limit_s=min(limit_s, asked.most_time_s))
    solution = solve(problem, budget, on_progress=on_progress, should_stop=should_stop)
    found = [_completed(problem, orders) for orders in (solution.orders, *([begun] if begun else []))]
    best = min((evaluate(problem, orders) for orders in found), key=lambda judged: judged.cost)
    return [told_route(statement, route) for route in best.routes]


def _begun(statement: Statement, problem: Problem) -> Orders:
    """Return the routes the search begins with: the answer is never worse. None break a rule."""
    given = read_given(statement)
    orders = given_orders(statement, given)
    for violation in evaluate(problem, orders).violations:
        if violation.worker_id is not None:
            path = statement.vehicles[int(violation.worker_id)].path
            raise UnusableField(f"{path}.steps", Message("they break a rule: {rule}", {"rule": violation.kind.value}))
    return orders


def _completed(problem: Problem, orders: Orders) -> Orders:
    completion = complete(problem, indexed(problem, orders), range(len(problem.jobs)))
    return named(problem, completion.orders)


def _with_line(route: ToldRoute, statement: Statement, router: RoadRouter | None) -> ToldRoute:
    """Return a route with its way on our roads; a break is where the last task was."""
    if router is None:
        raise RoutingFailed(Message("Geometry is asked for, and no roads were named."))
    located = [step for step in route.steps if step.call is None or isinstance(step.call, StatedTask)]
    if any(step.location is None for step in located):
        raise UnusableField("options.g", Message("geometry is asked for, and some places have no position"))
    positions = [Position(*step.location) for step in located if step.location is not None]
    try:
        path = roads_of(statement.vehicles[route.vehicle_number].stated.profile, router).path(positions)
    except GeoEngineError as error:
        raise RoutingFailed(error.message) from error
    line = [point for leg in path.legs for point in leg]
    return replace(route, line=tuple(here for here, before in zip(line, [None, *line], strict=False) if here != before))


class _Patience:
    """Ends a search whose time nobody has given once nothing better was found for a while."""

    def __init__(self, wait_s: float, on_progress: OnProgress | None, should_stop: ShouldStop | None) -> None:
        self._wait_s = wait_s
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._cost: int | None = None
        self._better_s = self._now_s = 0.0

    def see(self, progress: Progress) -> None:
        """Take note of where the search is, and pass it on."""
        self._now_s = progress.elapsed_s
        if progress.cost != self._cost:
            self._cost, self._better_s = progress.cost, progress.elapsed_s
        if self._on_progress is not None:
            self._on_progress(progress)

    def is_over(self) -> bool:
        """Return whether the search is to end."""
        is_idle = self._cost is not None and self._now_s - self._better_s >= self._wait_s
        return is_idle or (self._should_stop is not None and self._should_stop())


class _Clock:
    """Milliseconds since the last look."""

    def __init__(self) -> None:
        self._last_s = time.monotonic()

    def lap_ms(self) -> int:
        """Return them, and begin anew."""
        last_s, self._last_s = self._last_s, time.monotonic()
        return round((self._last_s - last_s) * 1000)
