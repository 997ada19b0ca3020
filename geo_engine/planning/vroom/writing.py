"""An answer in VROOM's JSON: summary, unassigned tasks, routes with their steps; or what went wrong, by its code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from geo_engine.errors import GeoEngineError, Unavailable
from geo_engine.geometry import LonLat
from geo_engine.planning.vroom.document import Break, Coordinates
from geo_engine.planning.vroom.statement import StatedTask, Statement
from geo_engine.planning.vroom.steps import Broken, Cause, Step
from geo_engine.planning.vroom.travel import RoutingFailed
from geo_engine.words import Language

INTERNAL, INPUT, ROUTING = 1, 2, 3
"""VROOM's codes of what went wrong: here, in the problem, on the roads."""

_TIMED = frozenset({Cause.LEAD_TIME, Cause.DELAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRoute:
    """A route as it is told.

    Parameters
    ----------
    vehicle_number
        Which of the statement's vehicles.
    broken
        What the route as a whole breaks; what its steps break is told beside it.
    line
        Its way, (lon, lat); empty when none is told.
    """

    vehicle_number: int
    steps: tuple[Step, ...]
    cost: int
    broken: Broken
    line: tuple[LonLat, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputingTimes:
    """How long it took to read and find travel, to solve, and to find ways, in milliseconds."""

    loading_ms: int
    solving_ms: int
    routing_ms: int


def error_document(error: GeoEngineError, language: Language) -> dict[str, Any]:
    """Return what went wrong as VROOM tells it."""
    return {"code": error_code(error), "error": error.render(language)}


def error_code(error: GeoEngineError) -> int:
    """Return VROOM's code of an error."""
    if isinstance(error, RoutingFailed):
        return ROUTING
    return INTERNAL if isinstance(error, Unavailable) else INPUT


def answer_document(
    statement: Statement, routes: Sequence[ToldRoute], times: ComputingTimes, *, tells_distances: bool
) -> dict[str, Any]:
    """Return the answer to a statement as VROOM tells it."""
    placed = {id(step.call) for route in routes for step in route.steps}
    left = [task for task in statement.tasks if id(task) not in placed]
    told = [_route(statement, route, tells_distances=tells_distances) for route in routes]
    steps = [step for route in routes for step in route.steps]
    summary = {
        "cost": sum(route.cost for route in routes),
        "routes": len(routes),
        "unassigned": len(left),
        **_sums(statement, steps, tells_distances=tells_distances),
        "violations": _violations(_total(_broken(route) for route in routes)),
        "computing_times": {
            "loading": times.loading_ms,
            "solving": times.solving_ms,
            "routing": times.routing_ms,
        },
    }
    return {"code": 0, "summary": summary, "unassigned": [_unassigned(task) for task in left], "routes": told}


def _route(statement: Statement, route: ToldRoute, *, tells_distances: bool) -> dict[str, Any]:
    vehicle = statement.document.vehicles[route.vehicle_number]
    steps = [_step(statement, step, tells_distances=tells_distances) for step in route.steps]
    return {
        "vehicle": vehicle.id,
        "cost": route.cost,
        **_described(vehicle.description),
        **_sums(statement, route.steps, tells_distances=tells_distances),
        "steps": steps,
        "violations": _violations(_broken(route)),
        **({"geometry": polyline(route.line)} if route.line else {}),
    }


def _sums(statement: Statement, steps: Sequence[Step], *, tells_distances: bool) -> dict[str, Any]:
    """Sum up what steps of one route or of several take and carry."""
    tasks = [step.call for step in steps if isinstance(step.call, StatedTask)]
    ends = [step for step in steps if step.kind == "end"]
    delivery = [sum(task.delivery[number] for task in tasks) for number in range(statement.dimension_count)]
    pickup = [sum(task.pickup[number] for task in tasks) for number in range(statement.dimension_count)]
    return {
        **({"delivery": delivery, "amount": delivery, "pickup": pickup} if statement.dimension_count else {}),
        "setup": sum(step.setup_s for step in steps),
        "service": sum(step.service_s for step in steps),
        "duration": sum(step.travelled_s for step in ends),
        "waiting_time": sum(step.arrival.waiting_s for step in steps),
        "priority": sum(task.priority for task in tasks),
        **({"distance": sum(step.travelled_m for step in ends)} if tells_distances else {}),
    }


def _step(statement: Statement, step: Step, *, tells_distances: bool) -> dict[str, Any]:
    call = step.call.stated if isinstance(step.call, StatedTask) else step.call
    return {
        "type": step.kind,
        **_described("" if call is None else call.description),
        **_located(step.location, step.location_index),
        **({} if call is None else {"id": call.id}),
        "setup": step.setup_s,
        "service": step.service_s,
        "waiting_time": step.arrival.waiting_s,
        **({} if call is None or isinstance(call, Break) else {"job": call.id}),
        **({"load": list(step.load)} if statement.dimension_count else {}),
        "arrival": step.arrival.at_s,
        "duration": step.travelled_s,
        "violations": _violations(step.broken),
        **({"distance": step.travelled_m} if tells_distances else {}),
    }


def _unassigned(task: StatedTask) -> dict[str, Any]:
    return {
        "id": task.stated.id,
        **_located(task.stated.location, task.stated.location_index),
        "type": task.kind,
        **_described(task.stated.description),
    }


def _described(description: str) -> dict[str, str]:
    return {"description": description} if description else {}


def _located(location: Coordinates | None, index: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {} if location is None else {"location": list(location)}
    return told if index is None else {**told, "location_index": index}


def _broken(route: ToldRoute) -> Broken:
    return _total([*(step.broken for step in route.steps), route.broken])


def _total(many: Iterable[Broken]) -> Broken:
    total: Broken = {}
    for broken in many:
        for cause, seconds in broken.items():
            total[cause] = total.get(cause, 0) + seconds
    return total


def _violations(broken: Broken) -> list[dict[str, Any]]:
    return [
        {"cause": cause.value, **({"duration": seconds} if cause in _TIMED else {})}
        for cause, seconds in sorted(broken.items())
    ]


def polyline(line: Iterable[LonLat]) -> str:
    """Return a line as a polyline of five decimals (Google's encoded polyline algorithm).

    Examples
    --------
    >>> polyline([(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)])
    '_p~iF~ps|U_ulLnnqC_mqNvxq`@'
    """
    letters: list[str] = []
    before = (0, 0)
    for lon, lat in line:
        here = (round(lat * 1e5), round(lon * 1e5))
        letters += [_letters(now - then) for now, then in zip(here, before, strict=True)]
        before = here
    return "".join(letters)


def _letters(number: int) -> str:
    left, letters = (~(number << 1) if number < 0 else number << 1), ""
    while left >= 0x20:
        letters += chr((0x20 | (left & 0x1F)) + 63)
        left >>= 5
    return letters + chr(left + 63)
