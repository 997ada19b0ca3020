"""Routes that the problem itself gives, step by step: where a search begins, or what plan mode puts times to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.evaluate import Evaluation
from geo_engine.planning.model import ViolationKind
from geo_engine.planning.vroom.document import Break, UnusableField, Vehicle, VehicleStep, path_of
from geo_engine.planning.vroom.statement import StatedTask, StatedVehicle, Statement
from geo_engine.planning.vroom.steps import Cause
from geo_engine.planning.vroom.travel import RoutingFailed
from geo_engine.planning.vroom.walks import Call, legs_of
from geo_engine.planning.vroom.writing import ToldRoute
from geo_engine.words import Message

_ANY = VehicleStep(type="start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A route as its vehicle's steps give it: its start, its calls with their steps, its end."""

    calls: tuple[Call, ...]
    steps: tuple[VehicleStep, ...]

    @property
    def tasks(self) -> list[StatedTask]:
        """The tasks among the calls."""
        return [call for call in self.calls if isinstance(call, StatedTask)]


def read_given(statement: Statement) -> dict[int, Given]:
    """Return the routes that are given, by vehicle number; those without a task are left out.

    Raises
    ------
    UnusableField
        When a step names nothing that is there, or what another step has named.
    """
    known: dict[tuple[str, int], StatedTask] = {(task.kind, task.stated.id): task for task in statement.tasks}
    seen: set[tuple[str, int]] = set()
    found = {}
    for number, vehicle in enumerate(statement.vehicles):
        given = _given(vehicle, known, seen)
        if given.tasks:
            found[number] = given
    return found


def given_orders(statement: Statement, given: dict[int, Given]) -> dict[WorkerId, list[JobId]]:
    """Return the orders of the routes that are given."""
    numbers = {id(task): JobId(str(number)) for number, task in enumerate(statement.tasks)}
    return {WorkerId(str(one)): [numbers[id(task)] for task in route.tasks] for one, route in given.items()}


def given_routes(statement: Statement, given: dict[int, Given], judged: Evaluation) -> list[ToldRoute]:
    """Return the given routes with times that miss windows least, and what they break by VROOM's names.

    Raises
    ------
    UnusableField
        When a vehicle's steps ask for times that nobody can keep.
    RoutingFailed
        When there is no way from one step to the next.
    """
    from geo_engine.planning.vroom import eta  # noqa: PLC0415 - loads CP-SAT, half a second of work

    told = []
    for violation in judged.violations:
        if violation.kind is ViolationKind.NO_PATH and violation.worker_id is not None:
            path = statement.vehicles[int(violation.worker_id)].path
            raise RoutingFailed(Message("{path}.steps: there is no way from one to the next.", {"path": path}))
    for route in judged.routes:
        number = int(route.worker_id)
        vehicle, asked = statement.vehicles[number], given[number]
        legs = legs_of(statement, route, asked.calls)
        bounds = tuple(eta.bounds_of(step.service_at, step.service_after, step.service_before) for step in asked.steps)
        times = eta.choose_times(
            eta.GivenRoute(stops=legs.stops, end_travel_s=legs.end_travel_s, window=vehicle.window, bounds=bounds)
        )
        if times is None:
            raise UnusableField(f"{vehicle.path}.steps", Message("nobody can keep the times they ask for"))
        missing = len(vehicle.breaks) - sum(isinstance(call, Break) for call in asked.calls)
        broken = {Cause.MISSING_BREAK: 0} if missing else {}
        told.append(replace(legs.told(statement, times, route.cost), broken=broken))
    return told


def _given(vehicle: StatedVehicle, known: dict[tuple[str, int], StatedTask], seen: set[tuple[str, int]]) -> Given:
    calls: list[Call] = []
    steps: list[VehicleStep] = []
    start, end = _ANY, _ANY
    for path, step, is_first, is_last in _numbered(vehicle):
        if step.type == "start" and is_first:
            start = step
        elif step.type == "end" and is_last:
            end = step
        elif step.type in {"start", "end"}:
            raise UnusableField(path, Message("a route starts with its first step and ends with its last"))
        elif step.id is None:
            raise UnusableField(f"{path}.id", Message("it is missing"))
        else:
            calls.append(_call(path, step, step.id, vehicle.stated, known))
            _require_new(path, (vehicle.path if step.type == "break" else step.type, step.id), seen)
            steps.append(step)
    return Given(calls=tuple(calls), steps=(start, *steps, end))


def _numbered(vehicle: StatedVehicle) -> Iterator[tuple[str, VehicleStep, bool, bool]]:
    steps: Sequence[VehicleStep] = vehicle.stated.steps
    for number, step in enumerate(steps):
        yield f"{vehicle.path}.{path_of('steps', number)}", step, number == 0, number == len(steps) - 1


def _call(
    path: str, step: VehicleStep, call_id: int, vehicle: Vehicle, known: dict[tuple[str, int], StatedTask]
) -> Call:
    if step.type == "break":
        found: Call | None = next((rest for rest in vehicle.breaks if rest.id == call_id), None)
    else:
        found = known.get((step.type, call_id))
    if found is None:
        raise UnusableField(f"{path}.id", Message("there is none with this id"))
    return found


def _require_new(path: str, what: tuple[str, int], seen: set[tuple[str, int]]) -> None:
    if what in seen:
        raise UnusableField(f"{path}.id", Message("another step names it as well"))
    seen.add(what)
