"""A route step by step as VROOM tells it: arrivals, waiting, loads, and every rule a step breaks by its name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from geo_engine.planning.vroom.document import Amount, Break, Coordinates
from geo_engine.planning.vroom.statement import StatedTask, StatedVehicle
from geo_engine.planning.vroom.times import Arrival, Stop, Times, arrivals


class Cause(StrEnum):
    """What a step can break, by VROOM's names."""

    LEAD_TIME = "lead_time"
    DELAY = "delay"
    LOAD = "load"
    MAX_TASKS = "max_tasks"
    SKILLS = "skills"
    PRECEDENCE = "precedence"
    MISSING_BREAK = "missing_break"
    MAX_TRAVEL_TIME = "max_travel_time"
    MAX_LOAD = "max_load"
    MAX_DISTANCE = "max_distance"


Broken = dict[Cause, int]
"""What is broken, and by how many seconds where it is a matter of time, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A route to be told.

    Parameters
    ----------
    calls
        Tasks and breaks in order; `stops` are the same as times see them.
    legs_m
        Of each task's leg and of the way to the end, metres.
    setups_s
        Of each call, what of its action is set-up.
    """

    vehicle: StatedVehicle
    calls: tuple[StatedTask | Break, ...]
    stops: tuple[Stop, ...]
    setups_s: tuple[int, ...]
    end_travel_s: int
    legs_m: tuple[int, ...]
    times: Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a route; of start and end the place is that of the first or last task where there is no other."""

    kind: str
    call: StatedTask | Break | None
    location: Coordinates | None
    location_index: int | None
    setup_s: int = 0
    service_s: int = 0
    load: Amount
    arrival: Arrival
    travelled_s: int
    travelled_m: int
    broken: Broken = field(default_factory=dict)


def list_steps(walk: Walk) -> list[Step]:
    """Return every step of a route, the start and the end among them, each with what it breaks.

    Notes
    -----
    O(steps).
    """
    steps = list(_steps(walk))
    _note_precedence(steps)
    return steps


def _steps(walk: Walk) -> Iterator[Step]:
    load = _loaded(walk.calls)
    yield _start(walk, load)
    reached = arrivals(walk.stops, walk.end_travel_s, walk.times)
    travelled_s = travelled_m = task_count = leg = 0
    for number, (call, stop) in enumerate(zip(walk.calls, walk.stops, strict=True)):
        arrival, begins_s = reached[number], walk.times.begins_s[number]
        broken = _missed(stop, begins_s)
        if isinstance(call, Break):
            metres = travelled_m + _part_m(walk, leg, arrival.travelled_s)
            if call.max_load is not None and _exceeds(load, call.max_load):
                broken[Cause.MAX_LOAD] = 0
        else:
            travelled_m += walk.legs_m[leg]
            metres, task_count, leg = travelled_m, task_count + 1, leg + 1
            load = _after(load, call)
            broken |= _unfit(walk.vehicle, call, task_count)
        seconds = travelled_s + arrival.travelled_s
        travelled_s = travelled_s if stop.is_break else seconds
        broken |= _over(walk.vehicle, load, seconds, metres)
        yield _step(walk, number, load=load, arrival=arrival, travelled=(seconds, metres), broken=broken)
    yield _end(walk, load, reached[-1], travelled_s + reached[-1].travelled_s, travelled_m + walk.legs_m[leg])


def _start(walk: Walk, load: Amount) -> Step:
    stated, window = walk.vehicle.stated, walk.vehicle.window
    broken = _over(walk.vehicle, load, 0, 0)
    if window is not None and walk.times.start_s < window[0]:
        broken[Cause.LEAD_TIME] = window[0] - walk.times.start_s
    location, index = _place(stated.start, stated.start_index, walk.calls)
    return Step(
        kind="start",
        call=None,
        location=location,
        location_index=index,
        load=load,
        arrival=Arrival(at_s=walk.times.start_s, travelled_s=0, waiting_s=0),
        travelled_s=0,
        travelled_m=0,
        broken=broken,
    )


def _end(walk: Walk, load: Amount, arrival: Arrival, seconds: int, metres: int) -> Step:
    stated, window = walk.vehicle.stated, walk.vehicle.window
    broken = _over(walk.vehicle, load, seconds, metres)
    if window is not None and arrival.at_s > window[1]:
        broken[Cause.DELAY] = arrival.at_s - window[1]
    location, index = _place(stated.end, stated.end_index, walk.calls[::-1])
    return Step(
        kind="end",
        call=None,
        location=location,
        location_index=index,
        load=load,
        arrival=arrival,
        travelled_s=seconds,
        travelled_m=metres,
        broken=broken,
    )


def _step(
    walk: Walk, number: int, *, load: Amount, arrival: Arrival, travelled: tuple[int, int], broken: Broken
) -> Step:
    call, setup_s = walk.calls[number], walk.setups_s[number]
    return Step(
        kind="break" if isinstance(call, Break) else call.kind,
        call=call,
        location=None if isinstance(call, Break) else call.stated.location,
        location_index=None if isinstance(call, Break) else call.stated.location_index,
        setup_s=setup_s,
        service_s=walk.stops[number].action_s - setup_s,
        load=load,
        arrival=arrival,
        travelled_s=travelled[0],
        travelled_m=travelled[1],
        broken=broken,
    )


def _place(
    position: Coordinates | None, index: int | None, calls: Sequence[StatedTask | Break]
) -> tuple[Coordinates | None, int | None]:
    if position is not None or index is not None:
        return position, index
    first = next(call.stated for call in calls if isinstance(call, StatedTask))
    return first.location, first.location_index


def _loaded(calls: Sequence[StatedTask | Break]) -> Amount:
    amounts = [call.delivery for call in calls if isinstance(call, StatedTask) and call.kind == "job"]
    size = next((len(call.delivery) for call in calls if isinstance(call, StatedTask)), 0)
    return tuple(map(sum, zip(*amounts, strict=True))) if amounts else (0,) * size


def _after(load: Amount, task: StatedTask) -> Amount:
    changes = zip(load, task.pickup, task.delivery, strict=True)
    return tuple(before + taken - given for before, taken, given in changes)


def _exceeds(load: Amount, limit: Amount) -> bool:
    return any(one > most for one, most in zip(load, limit, strict=True))


def _missed(stop: Stop, begins_s: int) -> Broken:
    """Tell by how much the nearest window is missed."""
    if not stop.windows or any(first_s <= begins_s <= last_s for first_s, last_s in stop.windows):
        return {}
    missed = [(first_s - begins_s, Cause.LEAD_TIME) for first_s, _ in stop.windows if begins_s < first_s]
    missed += [(begins_s - last_s, Cause.DELAY) for _, last_s in stop.windows if last_s < begins_s]
    seconds, cause = min(missed)
    return {cause: seconds}


def _unfit(vehicle: StatedVehicle, task: StatedTask, task_count: int) -> Broken:
    broken: Broken = {}
    if not task.skills <= frozenset(map(str, vehicle.stated.skills)):
        broken[Cause.SKILLS] = 0
    if vehicle.stated.max_tasks is not None and task_count > vehicle.stated.max_tasks:
        broken[Cause.MAX_TASKS] = 0
    return broken


def _over(vehicle: StatedVehicle, load: Amount, seconds: int, metres: int) -> Broken:
    stated, broken = vehicle.stated, Broken()
    if _exceeds(load, stated.capacity):
        broken[Cause.LOAD] = 0
    if stated.max_travel_time is not None and seconds > stated.max_travel_time:
        broken[Cause.MAX_TRAVEL_TIME] = 0
    if stated.max_distance is not None and metres > stated.max_distance:
        broken[Cause.MAX_DISTANCE] = 0
    return broken


def _part_m(walk: Walk, leg: int, travelled_s: int) -> int:
    """Return the metres behind on a leg, in proportion to its seconds."""
    tasks = [stop.travel_s for stop in walk.stops if stop.travel_s is not None]
    leg_s = [*tasks, walk.end_travel_s][leg]
    return round(walk.legs_m[leg] * travelled_s / leg_s) if leg_s else 0


def _note_precedence(steps: Sequence[Step]) -> None:
    """Note pickups and deliveries that are not followed, or not preceded, by the other."""
    open_now: dict[str, Step] = {}
    for step in steps:
        if isinstance(step.call, StatedTask) and step.call.kind != "job":
            shipment = step.call.path.rpartition(".")[0]
            before = open_now.pop(shipment, None)
            if before is None:
                open_now[shipment] = step
            elif step.call.kind == "pickup":
                step.broken[Cause.PRECEDENCE] = before.broken[Cause.PRECEDENCE] = 0
    for step in open_now.values():
        step.broken[Cause.PRECEDENCE] = 0
