"""What a document states, checked as VROOM checks it: tasks in one row, places by number, nothing that contradicts.

A place is a row of the matrices: the given index, or the number of a distinct position.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from geo_engine.planning.vroom.document import (
    LARGEST_S,
    Amount,
    Break,
    Coordinates,
    Document,
    Matrices,
    Task,
    TaskKind,
    UnusableField,
    Vehicle,
    path_of,
)
from geo_engine.words import Message

_GIVEN_TWICE = Message("it is given twice")
_MISSING = Message("it is missing")

Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTask:
    """A job, a pickup or a delivery.

    Parameters
    ----------
    path
        Where the document states it.
    place
        The row of the matrices it is at.
    windows
        In order; none means at any time.
    delivery, pickup
        What leaves and what enters the vehicle here, one number per dimension.
    """

    kind: TaskKind
    path: str
    stated: Task
    place: int
    windows: Windows
    skills: frozenset[str]
    priority: int
    delivery: Amount
    pickup: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedVehicle:
    """A vehicle with the rows of the matrices it starts and ends at; without one it starts or ends with a task.

    Parameters
    ----------
    breaks
        In VROOM's order: by their windows.
    window
        None is any time.
    """

    path: str
    stated: Vehicle
    start: int | None
    end: int | None
    window: tuple[int, int] | None
    breaks: tuple[Break, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A document that contradicts nothing.

    Parameters
    ----------
    tasks
        Jobs, then each shipment's pickup and delivery.
    matrices
        By profile; what the deprecated key holds among them.
    place_count
        How many rows matrices need at least.
    positions
        By place, where it is known.
    has_indices
        Whether places are given as rows of matrices.
    dimension_count
        Of amounts.
    """

    document: Document
    tasks: tuple[StatedTask, ...]
    vehicles: tuple[StatedVehicle, ...]
    matrices: dict[str, Matrices]
    place_count: int
    positions: dict[int, Coordinates]
    has_indices: bool
    dimension_count: int


def check_document(document: Document) -> Statement:
    """Return what a document states.

    Raises
    ------
    UnusableField
        When it contradicts itself or what VROOM asks for; the first is named by its path.
    """
    if not document.vehicles:
        raise UnusableField("vehicles", Message("there is none"))
    if not document.jobs and not document.shipments:
        raise UnusableField("jobs", Message("there is no task at all"))
    dimension_count = len(document.vehicles[0].capacity)
    places = _Places()
    vehicles = tuple(_vehicle(document, number, places, dimension_count) for number in range(len(document.vehicles)))
    tasks = tuple(_tasks(document, places, dimension_count))
    _require_unique(tasks)
    matrices = _matrices(document, has_indices=bool(places.has_indices))
    return Statement(
        document=document,
        tasks=tasks,
        vehicles=vehicles,
        matrices=matrices,
        place_count=places.count,
        positions=places.positions,
        has_indices=bool(places.has_indices),
        dimension_count=dimension_count,
    )


class _Places:
    """The places named so far: all by index, or all by position."""

    def __init__(self) -> None:
        self.has_indices: bool | None = None
        self.positions: dict[int, Coordinates] = {}
        self.count = 0
        self._numbers: dict[Coordinates, int] = {}

    def add(self, path: str, key: str, position: Coordinates | None, index: int | None) -> int:
        """Return the row of a place."""
        if self.has_indices is None:
            self.has_indices = index is not None
        if self.has_indices and index is None:
            raise UnusableField(f"{path}.{key}_index", Message("it is missing, and others have one"))
        if not self.has_indices and index is not None:
            raise UnusableField(f"{path}.{key}_index", Message("others have none: give all or none"))
        if index is None:
            if position is None:
                raise UnusableField(f"{path}.{key}", _MISSING)
            index = self._numbers.setdefault(position, len(self._numbers))
        if position is not None:
            self.positions.setdefault(index, position)
        self.count = max(self.count, index + 1)
        return index


def _vehicle(document: Document, number: int, places: _Places, dimension_count: int) -> StatedVehicle:
    path, one = path_of("vehicles", number), document.vehicles[number]
    if len(one.capacity) != dimension_count:
        raise _wrong_length(f"{path}.capacity", dimension_count)
    if all(given is None for given in (one.start, one.start_index, one.end, one.end_index)):
        raise UnusableField(f"{path}.start", Message("neither a start nor an end is given"))
    ends = [
        None if position is None and index is None else places.add(path, key, position, index)
        for key, position, index in (("start", one.start, one.start_index), ("end", one.end, one.end_index))
    ]
    window = one.time_window
    return StatedVehicle(
        path=path,
        stated=one,
        start=ends[0],
        end=ends[1],
        window=None if window is None or window[1] - window[0] == LARGEST_S else window,
        breaks=_breaks(path, one, dimension_count),
    )


def _breaks(path: str, vehicle: Vehicle, dimension_count: int) -> tuple[Break, ...]:
    seen: set[int] = set()
    for number, one in enumerate(vehicle.breaks):
        where = f"{path}.{path_of('breaks', number)}"
        if one.id in seen:
            raise UnusableField(f"{where}.id", _GIVEN_TWICE)
        seen.add(one.id)
        sorted_windows(where, one.time_windows)
        if one.max_load is not None and len(one.max_load) != dimension_count:
            raise _wrong_length(f"{where}.max_load", dimension_count)
    return tuple(sorted(vehicle.breaks, key=lambda one: min(one.time_windows or ((0, LARGEST_S),))))


def _tasks(document: Document, places: _Places, dimension_count: int) -> Iterator[StatedTask]:
    nothing = (0,) * dimension_count
    for number, job in enumerate(document.jobs):
        path = path_of("jobs", number)
        is_old = job.delivery is None and job.pickup is None
        delivery = job.amount if is_old else job.delivery
        for key, amount in (("amount" if is_old else "delivery", delivery), ("pickup", job.pickup)):
            if amount is not None and len(amount) != dimension_count:
                raise _wrong_length(f"{path}.{key}", dimension_count)
        yield StatedTask(
            kind="job",
            path=path,
            stated=job,
            place=places.add(path, "location", job.location, job.location_index),
            windows=sorted_windows(path, job.time_windows),
            skills=frozenset(map(str, job.skills)),
            priority=job.priority,
            delivery=delivery or nothing,
            pickup=job.pickup or nothing,
        )
    for number, shipment in enumerate(document.shipments):
        path = path_of("shipments", number)
        amount = nothing if shipment.amount is None else shipment.amount
        if len(amount) != dimension_count:
            raise _wrong_length(f"{path}.amount", dimension_count)
        kinds: Sequence[tuple[TaskKind, Task]] = (("pickup", shipment.pickup), ("delivery", shipment.delivery))
        for kind, task in kinds:
            yield StatedTask(
                kind=kind,
                path=f"{path}.{kind}",
                stated=task,
                place=places.add(f"{path}.{kind}", "location", task.location, task.location_index),
                windows=sorted_windows(f"{path}.{kind}", task.time_windows),
                skills=frozenset(map(str, shipment.skills)),
                priority=shipment.priority,
                delivery=amount if kind == "delivery" else nothing,
                pickup=amount if kind == "pickup" else nothing,
            )


def sorted_windows(path: str, windows: Windows | None) -> Windows:
    """Return windows in order; none when there are none or one lasts for ever.

    Raises
    ------
    UnusableField
        When there is an empty list of them, or two overlap.
    """
    if windows is None:
        return ()
    if not windows:
        raise UnusableField(f"{path}.time_windows", Message("it has too few entries"))
    ordered = tuple(sorted(windows))
    if any(after[0] <= before[1] for before, after in pairwise(ordered)):
        raise UnusableField(f"{path}.time_windows", Message("two of them overlap"))
    return () if ordered[0][1] - ordered[0][0] == LARGEST_S else ordered


def _require_unique(tasks: Iterable[StatedTask]) -> None:
    seen: set[tuple[str, int]] = set()
    for task in tasks:
        if (task.kind, task.stated.id) in seen:
            raise UnusableField(f"{task.path}.id", _GIVEN_TWICE)
        seen.add((task.kind, task.stated.id))


def _matrices(document: Document, *, has_indices: bool) -> dict[str, Matrices]:
    given = dict(document.matrices)
    if not given and document.matrix is not None:
        given["car"] = Matrices.model_construct(durations=document.matrix)
    if has_indices and not given:
        raise UnusableField("matrices", Message("places are given as rows of matrices, and there is none"))
    if given and not has_indices:
        raise UnusableField(
            "jobs[0].location_index", Message("it is missing: where there are matrices every place needs its row")
        )
    return given


def _wrong_length(path: str, dimension_count: int) -> UnusableField:
    facts = {"count": dimension_count}
    return UnusableField(path, Message("it must have {count} entries, as the first vehicle's capacity", facts))
