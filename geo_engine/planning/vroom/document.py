"""What VROOM's JSON holds (version 1.15): each key, its type and its range; what is wrong is said by its path.

Keys that VROOM does not know are passed over, as VROOM does, unless they are nearly one that it knows: those are
refused, for what they were to say would be lost. A key that it knows is never null.
"""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, model_validator
from pydantic_core import ErrorDetails

from geo_engine.errors import InvalidInput
from geo_engine.planning.model import MAX_PRIORITY
from geo_engine.words import Message

_LIKENESS = 0.85  # “priorty” is to “priority” 0.93, “skil” to “skill” 0.89; “load” is to no key more than 0.67
_LEAST_LETTERS = 3

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
_NO_JSON_AT = Message("it is no JSON: line {line}, column {column}")
_PLACE = re.compile(r"at line (\d+) column (\d+)$")
_OUT_OF_RANGE = Message("it is out of its range")
_NULL = Message("it is null: leave it out instead")


class UnusableField(InvalidInput):
    """A key of the problem is missing, or not what VROOM's documentation says."""

    def __init__(self, path: str, reason: Message) -> None:
        super().__init__(Message("{path}: {reason}", {"path": path, "reason": reason}))


class _Unfit(ValueError):
    """What a validator of ours found wrong, and below the key it looks at, where."""

    def __init__(self, reason: Message, *keys: str | int) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.keys = keys


class _Part(BaseModel):
    """An object of VROOM's JSON."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow", arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _has_no_null_and_none_misspelt(cls, value: Any) -> Any:  # noqa: ANN401  # whatever JSON held
        if isinstance(value, dict):
            for name in value.keys() - cls.model_fields.keys():
                meant = _nearly(name, tuple(cls.model_fields))
                if meant is not None:
                    raise _Unfit(Message("VROOM has no such key; is {key} meant?", {"key": meant}), name)
            for name in cls.model_fields:
                if name in value and value[name] is None:
                    raise _Unfit(_NULL, name)
        return value


@lru_cache(maxsize=1_024)
def _nearly(name: str, known: tuple[str, ...]) -> str | None:
    """Return the key that a name is but for a slip: another case or number, or a letter of many."""
    said = _bare(name)
    bare = {_bare(key): key for key in known if abs(len(_bare(key)) - len(said)) <= 1}
    found = get_close_matches(said, bare, n=1, cutoff=_LIKENESS)
    return bare[found[0]] if found and len(name) >= _LEAST_LETTERS else None


def _bare(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").removesuffix("s")


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
    for number, row in enumerate(value):
        if len(row) != len(value):
            raise _Unfit(Message("it is not square"), number)
        if not all(map(_is_uint, row)):
            column = next(column for column, entry in enumerate(row) if not _is_uint(entry))
            raise _Unfit(_REASONS["int_type"] if type(row[column]) is not int else _OUT_OF_RANGE, number, column)
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

    Notes
    -----
    UTF-8, UTF-16 or UTF-32, with a byte order mark or without, as `json.loads` has it.
    """
    try:
        text = text if isinstance(text, str) else text.decode(json.detect_encoding(text))
    except UnicodeDecodeError:
        raise UnusableField(path_of(), _REASONS["json_invalid"]) from None
    text = text.removeprefix("\ufeff")
    try:
        return Document.model_validate_json(text)
    except ValidationError as error:
        raise _told(error.errors(include_url=False)[0], text) from None


def list_passed_over(document: Document) -> tuple[str, ...]:
    """Return the keys that were passed over, as VROOM does, each once: where they stand, whichever entry it is.

    Examples
    --------
    >>> list_passed_over(read_document('{"vehicles": [{"id": 1, "colour": "red"}, {"id": 2, "colour": "blue"}]}'))
    ('vehicles[].colour',)
    """
    return tuple(dict.fromkeys(_passed_over(document, "")))


def _passed_over(value: object, path: str) -> Iterator[str]:
    if isinstance(value, tuple):
        for one in value:
            yield from _passed_over(one, f"{path}[]")
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _passed_over(one, f"{path}.{key}")
    elif isinstance(value, _Part):
        yield from (f"{path}.{key}".removeprefix(".") for key in value.model_extra or {})
        for key in value.model_fields_set & type(value).model_fields.keys():
            yield from _passed_over(getattr(value, key), f"{path}.{key}".removeprefix("."))


def _told(found: ErrorDetails, text: str) -> UnusableField:
    unfit = found.get("ctx", {}).get("error")
    if isinstance(unfit, _Unfit):
        return UnusableField(path_of(*found["loc"], *unfit.keys), unfit.reason)
    if found["type"] == "json_invalid":
        return UnusableField(path_of(), _no_json(str(unfit), text))
    return UnusableField(path_of(*found["loc"]), _REASONS.get(found["type"], _OUT_OF_RANGE))


def _no_json(told: str, text: str) -> Message:
    """Return where a text ends to be JSON, in characters; the parser tells it in bytes."""
    place = _PLACE.search(told)
    if place is None:
        return _REASONS["json_invalid"]
    line = int(place[1])
    whole = text.split("\n")[line - 1].encode()
    column = max(1, len(whole[: int(place[2])].decode(errors="ignore")))
    return Message(_NO_JSON_AT.template, {"line": line, "column": column})


def path_of(*keys: str | int) -> str:
    """Return where something is in a document; the whole of it is ``$``.

    Examples
    --------
    >>> path_of("jobs", 3, "time_windows"), path_of()
    ('jobs[3].time_windows', '$')
    """
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return path.removeprefix(".") or "$"
