"""What VROOM's JSON holds (version 1.15): each key, its type and its range; what is wrong is said by its path.

Keys that VROOM does not know are passed over, as VROOM does. A key that it knows is never null.
"""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, model_validator
from pydantic_core import ErrorDetails

from geo_engine.errors import InvalidInput
from geo_engine.planning.model import MAX_PRIORITY
from geo_engine.words import Message

LARGEST_S = 2**32 - 1
"""VROOM's end of time: a window as long as this is none."""

type Uint = Annotated[int, Field(ge=0, le=LARGEST_S)]
type Id = Annotated[int, Field(ge=0, le=2**64 - 1)]
type Many[T] = Annotated[tuple[T, ...], Field(strict=False)]
type Amount = Many[Uint]
type TaskKind = Literal["job", "pickup", "delivery"]

_REASONS = {
    "json_invalid": Message("it is no JSON"),
    "missing": Message("it is missing"),
    "int_type": Message("it is no whole number"),
    "float_type": Message("it is no number"),
    "string_type": Message("it is no text"),
    "bool_type": Message("it is neither true nor false"),
    "tuple_type": Message("it is no list"),
    "dict_type": Message("it is no object"),
    "model_type": Message("it is no object"),
    "too_short": Message("it has too few entries"),
    "literal_error": Message("VROOM knows no such value"),
}
_OUT_OF_RANGE = Message("it is out of its range")
_NULL = Message("it is null: leave it out instead")


class UnusableField(InvalidInput):
    """A key of the problem is missing, or not what VROOM's documentation says."""

    def __init__(self, path: str, reason: Message) -> None:
        super().__init__(Message("{path}: {reason}", {"path": path, "reason": reason}))


class _Unfit(ValueError):
    """What a validator of ours found wrong, and below the key it looks at, where."""

    def __init__(self, reason: Message, key: str | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.key = key


class _Part(BaseModel):
    """An object of VROOM's JSON."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _has_no_null(cls, value: Any) -> Any:  # noqa: ANN401  # whatever JSON held
        if isinstance(value, dict):
            for name in cls.model_fields:
                if name in value and value[name] is None:
                    raise _Unfit(_NULL, name)
        return value


def _window(value: Any) -> tuple[int, int]:  # noqa: ANN401  # whatever JSON held
    if not isinstance(value, list) or len(value) < 2 or not all(_is_uint(end) for end in value[:2]):
        raise _Unfit(Message("it is no time window [start, end]"))
    if value[1] < value[0]:
        raise _Unfit(Message("it ends before it starts"))
    return value[0], value[1]


def _coordinates(value: Any) -> tuple[float, float]:  # noqa: ANN401  # whatever JSON held
    if not isinstance(value, list) or len(value) < 2 or not all(_is_number(one) for one in value[:2]):
        raise _Unfit(Message("it is no position [longitude, latitude]"))
    if not (-180.0 <= value[0] <= 180.0 and -90.0 <= value[1] <= 90.0):
        raise _Unfit(Message("it is no place on Earth: [longitude, latitude] are asked for, in degrees"))
    return float(value[0]), float(value[1])


def _matrix(value: Any) -> NDArray[np.int64]:  # noqa: ANN401  # whatever JSON held
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        raise _Unfit(Message("it is no matrix: a list of rows is asked for"))
    if any(len(row) != len(value) for row in value):
        raise _Unfit(Message("it is not square"))
    if not all(type(entry) is int for row in value for entry in row):
        raise _Unfit(Message("an entry is no whole number"))
    if any(min(row) < 0 or max(row) > LARGEST_S for row in value):
        raise _Unfit(_OUT_OF_RANGE)
    return np.array(value, dtype=np.int64)


def _is_uint(value: object) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_S


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is float


type Window = Annotated[tuple[int, int], PlainValidator(_window)]
type Coordinates = Annotated[tuple[float, float], PlainValidator(_coordinates)]
type Matrix = Annotated[NDArray[np.int64], PlainValidator(_matrix)]


class Task(_Part):
    """What jobs, pickups and deliveries have in common; windows of None are none."""

    id: Id
    description: str = ""
    location: Coordinates | None = None
    location_index: Uint | None = None
    setup: Uint = 0
    service: Uint = 0
    setup_per_type: dict[str, Uint] = Field(default_factory=dict)
    service_per_type: dict[str, Uint] = Field(default_factory=dict)
    time_windows: Many[Window] | None = None


class JobTask(Task):
    """A job: what is delivered comes from the start, what is picked up goes to the end."""

    amount: Amount | None = None
    delivery: Amount | None = None
    pickup: Amount | None = None
    skills: Many[Uint] = ()
    priority: Annotated[int, Field(ge=0, le=MAX_PRIORITY)] = 0


class Shipment(_Part):
    """A pickup and its delivery, by the same vehicle."""

    pickup: Task
    delivery: Task
    amount: Amount | None = None
    skills: Many[Uint] = ()
    priority: Annotated[int, Field(ge=0, le=MAX_PRIORITY)] = 0


class Costs(_Part):
    """What a vehicle costs: when it is used, per hour of travel and of tasks, per kilometre."""

    fixed: Uint = 0
    per_hour: Uint = 3600
    per_task_hour: Uint = 0
    per_km: Uint = 0


class Break(_Part):
    """A break, which every route of its vehicle has."""

    id: Id
    description: str = ""
    time_windows: Many[Window] | None = None
    service: Uint = 0
    max_load: Amount | None = None


class VehicleStep(_Part):
    """A step of a route that is given; the three times bind harder than any window."""

    type: Literal["start", "job", "pickup", "delivery", "break", "end"]
    id: Id | None = None
    service_at: Uint | None = None
    service_after: Uint | None = None
    service_before: Uint | None = None


class Vehicle(_Part):
    """A vehicle, and in plan mode its route."""

    id: Id
    profile: str = "car"
    description: str = ""
    start: Coordinates | None = None
    start_index: Uint | None = None
    end: Coordinates | None = None
    end_index: Uint | None = None
    capacity: Amount = ()
    costs: Costs = Costs()
    skills: Many[Uint] = ()
    type: str = ""
    time_window: Window | None = None
    breaks: Many[Break] = ()
    speed_factor: Annotated[float, Field(gt=0, le=5)] = 1.0
    max_tasks: Uint | None = None
    max_travel_time: Uint | None = None
    max_distance: Uint | None = None
    steps: Many[VehicleStep] = ()


class Matrices(_Part):
    """What travel takes and costs in one profile, row = from, column = to."""

    durations: Matrix | None = None
    distances: Matrix | None = None
    costs: Matrix | None = None


class Options(_Part):
    """What VROOM's command line is asked for, as its HTTP wrapper has it: geometry, plan mode, effort, seconds."""

    g: bool = False
    c: bool = False
    x: Annotated[int, Field(ge=0, le=5)] = 5
    l: Annotated[float, Field(gt=0)] | None = None  # noqa: E741  # VROOM's name


class Document(_Part):
    """A problem as VROOM's JSON states it."""

    jobs: Many[JobTask] = ()
    shipments: Many[Shipment] = ()
    vehicles: Many[Vehicle]
    matrices: dict[str, Matrices] = Field(default_factory=dict)
    matrix: Matrix | None = None
    options: Options = Options()


def read_document(text: bytes | str) -> Document:
    """Return what a JSON text states.

    Raises
    ------
    UnusableField
        When it is no JSON, or a key is not what it should be; the first is named by its path.
    """
    try:
        return Document.model_validate_json(text)
    except ValidationError as error:
        raise _told(error.errors(include_url=False)[0]) from None


def _told(found: ErrorDetails) -> UnusableField:
    unfit = found.get("ctx", {}).get("error")
    if isinstance(unfit, _Unfit):
        return UnusableField(path_of(*found["loc"], *([unfit.key] if unfit.key else [])), unfit.reason)
    return UnusableField(path_of(*found["loc"]), _REASONS.get(found["type"], _OUT_OF_RANGE))


def path_of(*keys: str | int) -> str:
    """Return where something is in a document; the whole of it is ``$``.

    Examples
    --------
    >>> path_of("jobs", 3, "time_windows"), path_of()
    ('jobs[3].time_windows', '$')
    """
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return path.removeprefix(".") or "$"
