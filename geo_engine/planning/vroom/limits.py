"""What of VROOM's interface is not served, each by its name: refused, never passed over."""

from collections.abc import Iterator

from geo_engine.errors import InvalidInput
from geo_engine.planning.vroom.document import Task, path_of
from geo_engine.planning.vroom.statement import Statement
from geo_engine.words import Message


class NotServed(InvalidInput):
    """Something VROOM can do is asked for, and we cannot."""

    def __init__(self, path: str, key: str) -> None:
        super().__init__(
            Message("{path}: {key} is not supported here, so the problem is refused.", {"path": path, "key": key})
        )
        self.path = path


def require_served(statement: Statement) -> None:
    """Raise for the first thing that is asked for and not served.

    Raises
    ------
    NotServed
        With its path in the document.
    """
    for path, key in (*_of_tasks(statement), *_of_vehicles(statement), *_of_matrices(statement)):
        raise NotServed(path, key)


def _of_tasks(statement: Statement) -> Iterator[tuple[str, str]]:
    types = {vehicle.stated.type for vehicle in statement.vehicles}
    for task in statement.tasks:
        for key in ("setup", "service"):
            if len(durations_s(task.stated, key, types)) > 1:
                yield f"{task.path}.{key}_per_type", f"{key}_per_type"


def durations_s(task: Task, key: str, types: set[str]) -> set[int]:
    """Return how long the ``setup`` or ``service`` of a task takes vehicles of these types."""
    usual = task.setup if key == "setup" else task.service
    by_type = task.setup_per_type if key == "setup" else task.service_per_type
    return {by_type.get(one, usual) if one else usual for one in types}


def _of_vehicles(statement: Statement) -> Iterator[tuple[str, str]]:
    for vehicle in statement.vehicles:
        for number, rest in enumerate(vehicle.stated.breaks):
            where = f"{vehicle.path}.{path_of('breaks', number)}"
            if rest.max_load is not None:
                yield f"{where}.max_load", "max_load"
            if rest.time_windows is not None and len(rest.time_windows) > 1:
                yield f"{where}.time_windows[1]", "a second window"


def _of_matrices(statement: Statement) -> Iterator[tuple[str, str]]:
    for profile in dict.fromkeys(vehicle.stated.profile for vehicle in statement.vehicles):
        if profile in statement.matrices and statement.matrices[profile].costs is not None:
            yield path_of("matrices", profile, "costs"), "costs"
